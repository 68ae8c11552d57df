#pragma once
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "kernels/base/matrix.h"

namespace consilience::testing {

/// Reads a two-dimensional, row-major, little-endian .npy file of `dtype` ("<f8", "<i4", ...).
template <typename T>
Matrix<T> read_npy(const std::string& path, const std::string& dtype) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 10 || bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0) {
    throw std::runtime_error(path + ": not an .npy file of version 1.0");
  }
  const size_t header_size =
      static_cast<uint8_t>(bytes[8]) + size_t{256} * static_cast<uint8_t>(bytes[9]);
  const std::string header = bytes.substr(10, header_size);
  if (header.find("'" + dtype + "'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos) {
    throw std::runtime_error(path + ": expected row-major " + dtype + ", found " + header);
  }
  const size_t open = header.find('(');
  size_t comma = 0;
  const int64_t rows = std::stoll(header.substr(open + 1), &comma);
  const int64_t cols = std::stoll(header.substr(open + 1 + comma + 1));
  Matrix<T> x(rows, cols);
  if (bytes.size() != 10 + header_size + x.values().size() * sizeof(T)) {
    throw std::runtime_error(path + ": its size does not fit its shape");
  }
  const char* data = bytes.data() + 10 + header_size;
  std::copy(data, data + x.values().size() * sizeof(T), reinterpret_cast<char*>(x.values().data()));
  return x;
}

}  // namespace consilience::testing
