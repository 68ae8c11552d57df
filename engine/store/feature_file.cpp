#include "engine/store/feature_file.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/store/format_guess.h"
#include "engine/store/npy.h"
#include "engine/store/safetensors.h"
#include "engine/store/widen.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr const char* kPooling = "given";

/// block_2 before block_10: runs of digits compare as numbers.
bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto run = [&](std::string_view& text) {
    size_t end = 0;
    while (end < text.size() && digit(text[end])) ++end;
    std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
    return number;
  };
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (digit(a[0]) && digit(b[0])) {
      const std::string_view x = run(a), y = run(b);
      if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.empty() != b.empty() ? a.empty() : whole_a < whole_b;
}

/// Where a slot's row i lies in its tensor: `offset` + i * `stride`.
struct Source {
  const TensorView* tensor;
  int64_t offset, stride;
};

class FeatureFile : public FeatureView {
 public:
  FeatureFile(const std::filesystem::path& file, bool round) : file_(file), round_(round) {
    const std::string kind = guess_format(file);
    if (kind == "npy") {
      npy_.emplace(file);
      add(npy_->array(), "layer", true);
    } else if (kind == "safetensors") {
      safetensors_.emplace(file);
      add_tensors();
    } else {
      fail(Failure::never, "{}: not features: expected .npy or .safetensors, found {}",
           file.string(), kind);
    }
  }

  [[nodiscard]] int64_t rows() const override { return rows_; }
  [[nodiscard]] const std::vector<FeatureSlot>& slots() const override { return slots_; }

  void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const override {
    const auto s = static_cast<size_t>(slot);
    expect(slot >= 0 && s < slots_.size() && begin >= 0 && begin <= end && end <= rows_ &&
               out.rows() == end - begin && out.cols() == slots_[s].width,
           "{}: rows {} to {} of slot {} into a [{}, {}]", file_.string(), begin, end, slot,
           out.rows(), out.cols());
    const Source& source = sources_[s];
    for (int64_t row = begin; row < end; ++row) {
      const int64_t column =
          widen(*source.tensor, source.offset + row * source.stride, out.row(row - begin), round_);
      expect(column < 0,
             "{}: {}, row {}, column {}: a 64-bit value that no float32 equals; "
             "--round-to-f32 rounds them",
             file_.string(), slots_[s].layer, row, column);
    }
  }

  [[nodiscard]] std::string digest() const override {
    const std::lock_guard lock(mutex_);
    if (digest_.empty()) digest_ = hash_of({{"file", sha256_file(file_)}, {"round", round_}});
    return digest_;
  }

 private:
  void add_tensors() {
    std::vector<const TensorView*> tensors;
    for (const TensorView& tensor : safetensors_->tensors())
      if (!tensor.name.starts_with("scalars/")) tensors.push_back(&tensor);
    expect(!tensors.empty(), "{}: no features: the file holds no tensor", file_.string());
    std::sort(tensors.begin(), tensors.end(), [](const TensorView* a, const TensorView* b) {
      return natural_less(a->name, b->name);
    });
    for (const TensorView* tensor : tensors) add(*tensor, tensor->name, tensors.size() == 1);
  }

  /// [n, d]: one slot, [n, l, d]: l of them. `alone`: the array's own name says nothing.
  void add(const TensorView& tensor, const std::string& name, bool alone) {
    const std::vector<int64_t>& shape = tensor.shape;
    expect(shape.size() == 2 || shape.size() == 3,
           "{}: {} has the shape {}, expected [n, d] or [n, l, d]", file_.string(), name,
           shape_text(shape));
    expect(tensor.count() > 0, "{}: {} is empty: shape {}", file_.string(), name,
           shape_text(shape));
    expect(is_floating(tensor.dtype),
           "{}: {} holds {}, expected floating-point numbers (F16, BF16, F32, F64)", file_.string(),
           name, name_of(tensor.dtype));
    expect(slots_.empty() || shape[0] == rows_, "{}: {} has {} rows, {} has {}", file_.string(),
           name, shape[0], slots_.empty() ? "" : slots_[0].layer, rows_);
    rows_ = shape[0];
    const int64_t layers = shape.size() == 3 ? shape[1] : 1, width = shape.back();
    for (int64_t l = 0; l < layers; ++l) {
      slots_.push_back(slot_of(name, alone, layers, l, width));
      sources_.push_back({&tensor, l * width, layers * width});
    }
  }

  static FeatureSlot slot_of(const std::string& name, bool alone, int64_t layers, int64_t l,
                             int64_t width) {
    const size_t slash = name.rfind('/');
    if (slash != std::string::npos && slash + 1 < name.size() && layers == 1)
      return {name.substr(0, slash), name.substr(slash + 1), width};
    if (alone) return {fmt::format("layer_{}", l), kPooling, width};
    if (layers == 1) return {name, kPooling, width};
    return {fmt::format("{}_{}", name, l), kPooling, width};
  }

  std::filesystem::path file_;
  bool round_;
  std::optional<Npy> npy_;
  std::optional<Safetensors> safetensors_;
  std::vector<FeatureSlot> slots_;
  std::vector<Source> sources_;
  int64_t rows_ = 0;
  mutable std::mutex mutex_;
  mutable std::string digest_;
};

}  // namespace

std::unique_ptr<FeatureView> open_feature_file(const std::filesystem::path& file,
                                               bool round_to_f32) {
  return std::make_unique<FeatureFile>(file, round_to_f32);
}

}  // namespace consilience::engine
