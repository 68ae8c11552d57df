#include "engine/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {

struct Sha256::Impl {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

namespace {

void check(int ok) {
  if (ok != 1) fail(Failure::transient, "sha256: OpenSSL refused the digest");
}

}  // namespace

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  check(EVP_DigestInit_ex(impl_->context.get(), EVP_sha256(), nullptr));
}
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()));
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text))); }

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(impl_->context.get(), digest.data(), &size));
  std::string text;
  text.reserve(64);
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& file) {
  const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(file.c_str(), "rbe"), &std::fclose);
  expect(stream != nullptr, "{}: can't be read: {}", file.string(), std::strerror(errno));
  Sha256 hash;
  std::vector<std::byte> buffer(size_t{1} << 18);
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), stream.get()))
    hash.update(std::span(buffer).first(got));
  expect(std::ferror(stream.get()) == 0, "{}: can't be read: {}", file.string(),
         std::strerror(errno));
  return hash.hex();
}

uint32_t unit_id(std::string_view name) {
  const std::string digest = sha256_hex(name);
  uint32_t word = 0;
  std::from_chars(digest.data(), digest.data() + 8, word, 16);
  return word;
}

}  // namespace consilience::engine
