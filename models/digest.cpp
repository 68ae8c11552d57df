#include "models/digest.h"

#include <openssl/evp.h>

#include <fstream>
#include <memory>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::models {
namespace {

class Hasher {
 public:
  Hasher() : state_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    expect(state_ != nullptr && EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) == 1,
           "sha256: OpenSSL offers none");
  }
  void update(const char* data, size_t bytes) { EVP_DigestUpdate(state_.get(), data, bytes); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(state_.get(), digest, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state_;
};

}  // namespace

std::string sha256_of_text(std::string_view text) {
  Hasher hasher;
  hasher.update(text.data(), text.size());
  return hasher.hex();
}

std::string sha256_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    fail(Failure::never, "{}: cannot be read", file.string());
  Hasher hasher;
  std::vector<char> buffer(size_t{1} << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    hasher.update(buffer.data(), static_cast<size_t>(in.gcount()));
  if (in.bad()) fail(Failure::never, "{}: reading failed", file.string());
  return hasher.hex();
}

}  // namespace consilience::models
