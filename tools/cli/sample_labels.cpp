#include "tools/cli/sample_labels.h"

#include <filesystem>
#include <fstream>

#include "engine/types/groups.h"
#include "kernels/base/error.h"

namespace consilience::cli {
namespace {

std::vector<int32_t> numbers(const std::string& file, int64_t rows) {
  if (file.empty()) return {};
  std::ifstream in(file);
  expect(in.good() && !std::filesystem::is_directory(file), "{}: no such file", file);
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    names.push_back(line);
  }
  expect(std::ssize(names) == rows, "{}: {} lines; expected one name a row, {} of them", file,
         names.size(), rows);
  return engine::group_numbers(names);
}

}  // namespace

engine::SampleLabels read_labels(const std::string& classes_file, const std::string& groups_file,
                                 int64_t rows) {
  return {numbers(classes_file, rows), numbers(groups_file, rows)};
}

}  // namespace consilience::cli
