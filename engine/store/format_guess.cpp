#include "engine/store/format_guess.h"

#include <array>
#include <cctype>
#include <string_view>

#include "engine/store/mapped_file.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using namespace std::string_view_literals;

struct Known {
  std::string_view start, says;
};

constexpr std::array kKnown{
    Known{"\x93NUMPY"sv, "npy"},
    Known{"PK\x03\x04"sv,
          "a zip archive (.npz, or .pt of PyTorch): save one array with np.save, or tensors with "
          "safetensors.torch.save_file"},
    Known{"\x80\x02"sv, "a Python pickle (.pt, .pkl): save it with safetensors.torch.save_file"},
    Known{"\x80\x03"sv, "a Python pickle (.pt, .pkl): save it with safetensors.torch.save_file"},
    Known{"\x80\x04"sv, "a Python pickle (.pt, .pkl): save it with safetensors.torch.save_file"},
    Known{"\x80\x05"sv, "a Python pickle (.pt, .pkl): save it with safetensors.torch.save_file"},
    Known{"\x89HDF"sv, "an HDF5 file: save its array with np.save"},
    Known{"PAR1"sv, "a parquet file: save its columns with np.save"},
    Known{"\x1f\x8b"sv, "a gzip archive: unpack it first"},
    Known{"version https://git-lfs"sv, "a Git LFS pointer: fetch the file itself (git lfs pull)"},
};

bool looks_like_html(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0])) != 0)
    text.remove_prefix(1);
  return text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype") ||
         text.starts_with("<html") || text.starts_with("<HTML") || text.starts_with("<?xml");
}

}  // namespace

std::string guess_format(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  expect(!bytes.empty(), "{}: the file is empty", file.string());
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Known& known : kKnown)
    if (text.starts_with(known.start)) return std::string(known.says);
  if (looks_like_html(text.substr(0, 256)))
    return "a web page (HTML): the download gave a page in place of the file";
  const bool header = text.size() > 8 && text[8] == '{';
  if (header || file.extension() == ".safetensors") return "safetensors";
  if (file.extension() == ".npy") return "npy";
  return "something else";
}

}  // namespace consilience::engine
