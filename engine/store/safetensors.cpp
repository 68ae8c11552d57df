#include "engine/store/safetensors.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>

#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr uint64_t kHeaderLimit = 100'000'000;
constexpr uint64_t kLengthBytes = 8;

/// Of a value that a stranger wrote: one short line of ASCII.
std::string brief(const Json& value) {
  constexpr size_t kLimit = 80;
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kLimit) text = text.substr(0, kLimit) + "..";
  return text;
}

/// A tensor's place in the data, before it is known to be sound.
struct Place {
  TensorView view;
  uint64_t begin = 0, end = 0;
};

/// The header and where the data begins; nothing is allocated by a size that the file states.
std::string_view header_text(const std::string& file, std::span<const std::byte> bytes) {
  expect(!bytes.empty(), "{}: not safetensors: the file is empty", file);
  expect(bytes.size() >= kLengthBytes,
         "{}: not safetensors: {} bytes, expected 8 of header length first", file, bytes.size());
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  expect(length <= kHeaderLimit, "{}: not safetensors: header length {}, expected at most {}", file,
         length, kHeaderLimit);
  expect(length <= bytes.size() - kLengthBytes,
         "{}: cut: the header is {} bytes long, the file holds {} after its length", file, length,
         bytes.size() - kLengthBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  expect(text.starts_with('{'), "{}: not safetensors: the header must begin with '{{'", file);
  return text;
}

/// Refuses a name that stands twice in one object: a map would keep the last without a word.
Json parse_header(const std::string& file, std::string_view text) {
  std::vector<std::set<std::string>> open;
  const auto on_event = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = value.get_ref<const std::string&>();
      expect(open.back().insert(name).second, "{}: duplicate name {} in the header", file,
             brief(value));
    }
    return true;
  };
  try {
    return Json::parse(text, on_event);
  } catch (const Json::exception& error) {
    fail(Failure::never, "{}: the header is not JSON {}", file, json_error(error));
  }
}

std::map<std::string, std::string> metadata_of(const std::string& file, const Json& header) {
  std::map<std::string, std::string> result;
  const auto found = header.find("__metadata__");
  if (found == header.end()) return result;
  expect(found->is_object(), "{}: __metadata__ is no object", file);
  for (const auto& [key, value] : found->items()) {
    expect(value.is_string(), "{}: __metadata__ {} is {}, expected text", file, brief(key),
           value.type_name());
    result[key] = value.get<std::string>();
  }
  return result;
}

const Json& field(const std::string& file, const std::string& name, const Json& entry,
                  const char* key) {
  expect(entry.is_object() && entry.contains(key), "{}: tensor {}: no {} in the header", file, name,
         key);
  return entry[key];
}

Place place_of(const std::string& file, const std::string& tensor_name, const Json& entry,
               uint64_t data_size) {
  Place place;
  place.view.name = tensor_name;
  const std::string name = brief(tensor_name);
  const Json& dtype = field(file, name, entry, "dtype");
  expect(dtype.is_string(), "{}: tensor {}: dtype is {}, expected text", file, name,
         dtype.type_name());
  const auto known = dtype_named(dtype.get_ref<const std::string&>());
  expect(known.has_value(), "{}: tensor {}: unknown dtype {}", file, name, brief(dtype));
  place.view.dtype = *known;

  const Json& shape = field(file, name, entry, "shape");
  expect(shape.is_array(), "{}: tensor {}: shape is {}, expected a list", file, name,
         shape.type_name());
  uint64_t size = size_of(*known);
  bool empty = false;
  for (const Json& extent : shape) {
    expect(extent.is_number_unsigned() && extent.get<uint64_t>() <= INT64_MAX,
           "{}: tensor {}: shape holds {}, expected whole numbers of at least 0", file, name,
           brief(extent));
    const auto rows = extent.get<uint64_t>();
    place.view.shape.push_back(static_cast<int64_t>(rows));
    empty = empty || rows == 0;
    expect(empty || !__builtin_mul_overflow(size, rows, &size), "{}: tensor {}: shape overflows",
           file, name);
  }
  if (empty) size = 0;

  const Json& offsets = field(file, name, entry, "data_offsets");
  expect(offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
             offsets[1].is_number_unsigned(),
         "{}: tensor {}: data_offsets {}, expected two whole numbers of at least 0", file, name,
         brief(offsets));
  place.begin = offsets[0].get<uint64_t>();
  place.end = offsets[1].get<uint64_t>();
  expect(place.begin <= place.end && place.end <= data_size,
         "{}: tensor {}: data_offsets [{}, {}] do not lie in the {} data bytes", file, name,
         place.begin, place.end, data_size);
  expect(place.end - place.begin == size,
         "{}: tensor {}: {} {} needs {} bytes, data_offsets give {}", file, name, name_of(*known),
         shape_text(place.view.shape), size, place.end - place.begin);
  return place;
}

void check_cover(const std::string& file, std::vector<Place> places, uint64_t data_size) {
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t next = 0;
  for (const Place& place : places) {
    expect(place.begin >= next, "{}: tensor {}: its bytes from {} on overlap the tensor before it",
           file, brief(place.view.name), place.begin);
    expect(place.begin == next, "{}: tensor {}: {} bytes before it belong to no tensor", file,
           brief(place.view.name), place.begin - next);
    next = place.end;
  }
  expect(next == data_size, "{}: {} bytes after the last tensor", file, data_size - next);
}

}  // namespace

Safetensors::Safetensors(const std::filesystem::path& path) : file_(path) {
  const std::string file = path.string();
  const std::string_view text = header_text(file, file_.bytes());
  const auto data = file_.bytes().subspan(kLengthBytes + text.size());
  const Json header = parse_header(file, text);
  metadata_ = metadata_of(file, header);
  std::vector<Place> places;
  for (const auto& [name, entry] : header.items())
    if (name != "__metadata__") places.push_back(place_of(file, name, entry, data.size()));
  check_cover(file, places, data.size());
  for (Place& place : places) {
    place.view.bytes = data.subspan(place.begin, place.end - place.begin);
    tensors_.push_back(std::move(place.view));
  }
}

bool Safetensors::has(const std::string& name) const {
  return std::any_of(tensors_.begin(), tensors_.end(),
                     [&](const TensorView& tensor) { return tensor.name == name; });
}

const TensorView& Safetensors::at(const std::string& name) const {
  for (const TensorView& tensor : tensors_)
    if (tensor.name == name) return tensor;
  fail(Failure::never, "{}: no tensor {}", path().string(), name);
}

}  // namespace consilience::engine
