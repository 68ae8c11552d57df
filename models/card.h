#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace consilience::models {

enum class Modality { vision, text };
enum class Role { trained, random, trivial };

struct Layer {
  std::string name;   // embedding, block_0 .., final_norm or head
  int64_t width = 0;  // d of that layer
};

/// How a picture becomes an input tensor: short side, centre crop, (pixel / 255 - mean) / std.
struct PixelRecipe {
  int resize_short_side = 0;
  int crop = 0;
  std::string interpolation;   // "bilinear" | "bicubic"
  std::string implementation;  // "pil-exact"
  std::array<double, 3> mean{};
  std::array<double, 3> std{};
  std::string exif;   // "ignore"
  std::string alpha;  // "white" | "drop"
};

struct TokenRecipe {
  std::string tokenizer_sha256;
  int max_tokens = 0;
  int64_t padding_id = 0;
  std::string padding_side;  // "right" | "left"
};

/// What a model is (hashed) and what is said about it (not hashed): docs/model-package.md.
struct ModelCard {
  std::string name;
  Modality modality = Modality::vision;
  std::vector<Layer> layers;
  std::vector<std::string> poolings;
  std::vector<std::string> scalars;
  std::optional<PixelRecipe> pixels;
  std::optional<TokenRecipe> tokens;
  double error_absolute = 0;
  double error_relative = 0;

  std::string identity_hash;  // 64 hex digits, of the canonical JSON of "identity"
  std::string archive_file;
  std::string archive_sha256;
  bool freeze = false;
  bool channels_last = false;
  std::string compute = "f32";  // the precision that it is meant to run in: "bf16", "f16": autocast

  Role role = Role::trained;
  std::string family;
  std::string twin_of;
  std::map<std::string, double>
      numbers;  // every number in "about": parameters, resolution ..: what curves may use as x
  nlohmann::json about;
  nlohmann::json identity;

  /// <name>@<first 8 digits of the identity hash>
  [[nodiscard]] std::string key() const;
};

/// Reads and checks `package`/card.json. Throws Error(never) naming the file and the key.
ModelCard read_card(const std::filesystem::path& package);

/// Error(never) unless the archive (and the tokenizer) have the digests that the card gives.
void verify_package(const std::filesystem::path& package, const ModelCard& card);

}  // namespace consilience::models
