#include "engine/store/npy.h"

#include <gtest/gtest.h>

#include "engine/store/widen.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

/// A version 1 file as numpy 2 writes it: the data begins at byte 128.
std::string npy(const std::string& dict, const std::string& data, char version = 1) {
  const size_t prefix = version == 1 ? 10 : 12;
  std::string header = dict;
  header.append(128 - prefix - header.size() - 1, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  bytes += static_cast<char>(header.size());
  bytes.append(version == 1 ? 1 : 3, '\0');
  return bytes + header + data;
}

TEST(Npy, WritesTheBytesOfNumpy) {
  const Scratch scratch;
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  write_npy(scratch / "x.npy", tensor("x", {2, 3}, x));
  const std::string data(reinterpret_cast<const char*>(x.data()), 24);
  EXPECT_EQ(read_text(scratch / "x.npy"),
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data));
  const std::vector<int32_t> one{7};
  write_npy(scratch / "x.npy", tensor("x", {1}, one));
  EXPECT_EQ(
      read_text(scratch / "x.npy"),
      npy("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", std::string("\7\0\0\0", 4)));
  EXPECT_EQ(contents(scratch.path()).size(), 1U);
}

TEST(Npy, ReadsWhatItWrites) {
  const Scratch scratch;
  const std::vector<double> x{0.1, -2, 3e300};
  write_npy(scratch / "x.npy", tensor("x", {3, 1}, x));
  const Npy file(scratch / "x.npy");
  EXPECT_EQ(file.array().shape, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(copy_tensor<double>(file.array(), "x"), x);
}

TEST(Npy, EveryVersionAndSpelling) {
  const Scratch scratch;
  for (const char version : {'\1', '\2', '\3'}) {
    write_text(scratch / "x.npy", npy("{\"shape\":(2,), 'fortran_order':True,'descr':'<f2'}",
                                      std::string("\x00\x3c\x00\xc0", 4), version));
    const Npy file(scratch / "x.npy");
    std::vector<float> values(2);
    EXPECT_EQ(widen(file.array(), 0, values), -1);
    EXPECT_EQ(values, (std::vector<float>{1, -2}));
  }
}

TEST(Npy, OneLinePerFault) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "x.npy";
  const std::string no_dict =
      "not .npy: its header is no dict of descr, fortran_order and shape as numpy writes it";
  const auto fault = [&](const std::string& bytes) {
    write_text(path, bytes);
    const std::string message = error_of([&] { const Npy file(path); });
    const std::string start = "3: " + path.string() + ": ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  };
  const auto dict = [](const std::string& descr, const std::string& order,
                       const std::string& shape) {
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  };
  const std::string data(24, '\0');
  EXPECT_EQ(fault(""), "not .npy: it does not begin with \\x93NUMPY");
  EXPECT_EQ(fault("\x93NUMPY\1"), "cut: 7 bytes, no whole header");
  EXPECT_EQ(fault(std::string("\x93NUMPY\2\0\1\0", 10)), "cut: 10 bytes, no whole header");
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2, 3)"), data, 4)),
            ".npy version 4, expected 1, 2 or 3");
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2, 3)"), data).substr(0, 60)),
            "cut: the header is 118 bytes long, the file holds 50 after its length");
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2, 3)"), data.substr(4))),
            "cut: <f4 [2, 3] needs 24 bytes of data, found 20");
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2, 2)"), data)),
            "too long: <f4 [2, 2] needs 16 bytes of data, found 24");
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(4611686018427387904, 4)"), data)),
            "shape [4611686018427387904, 4] overflows");
  EXPECT_EQ(fault(npy(dict("'<f4'", "True", "(2, 3)"), data)),
            "stored in Fortran order: save it with np.save(out, np.ascontiguousarray(x))");
  EXPECT_EQ(fault(npy(dict("'>f4'", "False", "(2, 3)"), data)),
            "big-endian numbers (>f4): save it with .astype('<f4'), e.g. "
            "np.save(out, x.astype('<f4'))");
  EXPECT_EQ(fault(npy(dict("'|O'", "False", "(2, 3)"), data)),
            "an array of Python objects: save an array of numbers");
  EXPECT_EQ(fault(npy(dict("'<c8'", "False", "(3,)"), data)),
            "holds <c8, expected <f2, <f4, <f8, <i4 or <i8");
  EXPECT_EQ(fault(npy(dict("[('a', '<f4')]", "False", "(6,)"), data)),
            "a structured array: save its fields as arrays of their own");
  EXPECT_EQ(fault(npy(dict("'<f4'", "Maybe", "(2, 3)"), data)), no_dict);
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2, -3)"), data)), no_dict);
  EXPECT_EQ(fault(npy(dict("'<f4'", "False", "(2 3)"), data)), no_dict);
  EXPECT_EQ(fault(npy(dict("'<f4", "False", "(2, 3)"), data)), no_dict);
  EXPECT_EQ(fault(npy("{'descr': '<f4', 'shape': (2, 3), }", data)), no_dict);
  EXPECT_EQ(fault(npy("", data)), no_dict);
}

}  // namespace
}  // namespace consilience::engine
