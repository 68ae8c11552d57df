#include "engine/covariates.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <set>

#include "engine/base/nearest.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::vector<std::string> split_cells(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',')
      cells.emplace_back();
    else
      cells.back().push_back(c);
  }
  for (auto& cell : cells) {
    const size_t begin = cell.find_first_not_of(" \t\"");
    const size_t end = cell.find_last_not_of(" \t\"");
    cell = begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1);
  }
  return cells;
}

}  // namespace

Json read_covariates(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) fail(Failure::usage, "curves.covariates: {}: can't be read", file.string());
  std::string line;
  std::vector<std::string> columns;
  Json out = Json::object();
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const auto cells = split_cells(line);
    if (columns.empty()) {
      columns = cells;
      if (columns.front() != "model" || columns.size() < 2)
        fail(Failure::usage, "{}, line {}: expected the header 'model,COLUMN,...', found '{}'",
             file.string(), number, line);
      continue;
    }
    if (cells.size() != columns.size())
      fail(Failure::usage, "{}, line {}: expected {} cells, found {}", file.string(), number,
           columns.size(), cells.size());
    for (size_t c = 1; c < cells.size(); ++c) {
      if (cells[c].empty()) continue;
      double value = 0;
      const char* end = cells[c].data() + cells[c].size();
      const auto [stop, error] = std::from_chars(cells[c].data(), end, value);
      if (error != std::errc() || stop != end)
        fail(Failure::usage, "{}, line {}: {} of '{}' is not a number: '{}'", file.string(), number,
             columns[c], cells[0], cells[c]);
      out[cells[0]][columns[c]] = value;
    }
  }
  if (columns.empty())
    fail(Failure::usage, "{}: is empty; expected the header 'model,COLUMN,...'", file.string());
  return out;
}

bool measures_bits_per_byte(const models::ModelCard& card) {
  return std::find(card.scalars.begin(), card.scalars.end(), "nll") != card.scalars.end();
}

std::map<std::string, double> bits_to_measure(const std::vector<ZooModel>& models) {
  std::map<std::string, double> bits;
  for (const auto& model : models)
    if (measures_bits_per_byte(model.card))
      bits[model.card.name] = std::numeric_limits<double>::quiet_NaN();
  return bits;
}

std::map<std::string, double> curve_numbers(const std::string& x_name,
                                            const std::vector<ZooModel>& models,
                                            const Json& covariates,
                                            const std::map<std::string, double>& bits) {
  const std::string key = x_name == "params" ? "parameters" : x_name;
  std::map<std::string, double> numbers;
  std::set<std::string> known = {"params"};
  if (!bits.empty()) known.insert(kBitsPerByte);
  if (x_name == kBitsPerByte) numbers = bits;
  for (const auto& model : models) {
    const auto& card = model.card;
    for (const auto& [name, value] : card.numbers) known.insert(name);
    if (const auto found = card.numbers.find(key); found != card.numbers.end())
      numbers[card.name] = found->second;
    if (!covariates.contains(card.name)) continue;
    for (const auto& [name, value] : covariates.at(card.name).items()) {
      known.insert(name);
      if (name == x_name) numbers[card.name] = value.get<double>();
    }
  }
  const std::vector<std::string> words(known.begin(), known.end());
  if (numbers.empty())
    fail(Failure::usage, "curves.x: no model has the number '{}'{}; there are: {}", x_name,
         did_you_mean(x_name, words), fmt::join(words, ", "));
  return numbers;
}

}  // namespace consilience::engine
