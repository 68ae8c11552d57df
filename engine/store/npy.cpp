#include "engine/store/npy.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

constexpr std::array<std::pair<std::string_view, Dtype>, 5> kTypes{{
    {"<f2", Dtype::f16},
    {"<f4", Dtype::f32},
    {"<f8", Dtype::f64},
    {"<i4", Dtype::i32},
    {"<i8", Dtype::i64},
}};

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

/// Reads the header: a Python dict of one string, one bool and one tuple of whole numbers.
class HeaderParser {
 public:
  HeaderParser(const std::string& file, std::string_view text) : file_(file), rest_(text) {}

  Header parse() {
    Header header;
    int seen = 0;
    need('{');
    while (!take('}')) {
      const std::string key = string();
      need(':');
      if (key == "descr") {
        expect(!next_is('['), "{}: a structured array: save its fields as arrays of their own",
               file_);
        header.descr = string();
        seen |= 1;
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
        seen |= 2;
      } else if (key == "shape") {
        header.shape = tuple();
        seen |= 4;
      } else {
        bad();
      }
      if (!take(',') && !next_is('}')) bad();
    }
    if (seen != 7) bad();
    return header;
  }

 private:
  [[noreturn]] void bad() const {
    fail(Failure::never,
         "{}: not .npy: its header is no dict of descr, fortran_order and shape as numpy writes it",
         file_);
  }
  bool next_is(char c) {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
    return rest_.starts_with(c);
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void need(char c) {
    if (!take(c)) bad();
  }
  std::string string() {
    const char quote = next_is('"') ? '"' : '\'';
    need(quote);
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) bad();
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    (void)next_is(' ');
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(std::strlen(word));
      return value;
    }
    bad();
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    need('(');
    while (!take(')')) {
      int64_t value = 0;
      (void)next_is(' ');
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc() || value < 0) bad();
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      values.push_back(value);
      if (!take(',') && !next_is(')')) bad();
    }
    return values;
  }

  const std::string& file_;
  std::string_view rest_;
};

Dtype dtype_of(const std::string& file, const std::string& descr) {
  for (const auto& [name, dtype] : kTypes)
    if (name == descr) return dtype;
  if (descr.starts_with('>'))
    fail(Failure::never,
         "{}: big-endian numbers ({}): save it with .astype('<{}'), e.g. "
         "np.save(out, x.astype('<f4'))",
         file, descr, descr.substr(1));
  if (descr.find('O') != std::string::npos)
    fail(Failure::never, "{}: an array of Python objects: save an array of numbers", file);
  fail(Failure::never, "{}: holds {}, expected <f2, <f4, <f8, <i4 or <i8", file, descr);
}

size_t bytes_needed(const std::string& file, const Header& header, Dtype dtype) {
  size_t size = size_of(dtype);
  for (const int64_t extent : header.shape)
    expect(!__builtin_mul_overflow(size, static_cast<size_t>(extent), &size),
           "{}: shape {} overflows", file, shape_text(header.shape));
  return size;
}

}  // namespace

Npy::Npy(const std::filesystem::path& path) : file_(path) {
  const std::string file = path.string();
  const auto bytes = file_.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  expect(text.starts_with(kMagic), "{}: not .npy: it does not begin with \\x93NUMPY", file);
  expect(text.size() >= 10, "{}: cut: {} bytes, no whole header", file, text.size());
  const int major = text[6];
  expect(major >= 1 && major <= 3, "{}: .npy version {}, expected 1, 2 or 3", file, major);
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t start = 8 + length_bytes;
  uint32_t length = 0;
  expect(text.size() >= start, "{}: cut: {} bytes, no whole header", file, text.size());
  std::memcpy(&length, text.data() + 8, length_bytes);
  expect(length <= text.size() - start,
         "{}: cut: the header is {} bytes long, the file holds {} after its length", file, length,
         text.size() - start);
  const Header header = HeaderParser(file, text.substr(start, length)).parse();
  const Dtype dtype = dtype_of(file, header.descr);
  expect(!header.fortran_order || header.shape.size() < 2,
         "{}: stored in Fortran order: save it with np.save(out, np.ascontiguousarray(x))", file);
  const size_t needed = bytes_needed(file, header, dtype);
  const size_t found = text.size() - start - length;
  expect(found == needed, "{}: {}: {} {} needs {} bytes of data, found {}", file,
         found < needed ? "cut" : "too long", header.descr, shape_text(header.shape), needed,
         found);
  array_ = {path.stem().string(), dtype, header.shape, bytes.subspan(start + length)};
}

}  // namespace consilience::engine
