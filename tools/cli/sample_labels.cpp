#include "tools/cli/sample_labels.h"

#include <filesystem>
#include <fstream>

#include "engine/types/groups.h"
#include "kernels/base/error.h"

namespace consilience::cli {
namespace {

std::vector<int32_t> numbers(const std::string& file, const std::vector<int64_t>& kept,
                             int64_t rows) {
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
  std::vector<std::string> of_kept;
  for (const int64_t row : kept) of_kept.push_back(names[static_cast<size_t>(row)]);
  return engine::group_numbers(of_kept);
}

}  // namespace

engine::SampleLabels read_labels(const std::string& classes_file, const std::string& groups_file,
                                 const std::vector<int64_t>& kept, int64_t rows) {
  return {numbers(classes_file, kept, rows), numbers(groups_file, kept, rows)};
}

}  // namespace consilience::cli
