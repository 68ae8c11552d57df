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

enum class Modality { vision, text, audio };
enum class Role { trained, random, trivial };

struct Layer {
  std::string name;     // embedding, block_0 .., final_norm or head
  int64_t width = 0;    // d of that layer
  std::string kind;     // "embedding" | "block" | "final_norm" | "head" | "sentence"
  bool normed = false;  // the output has passed a normalisation: post-norm blocks, final norms
};

/// How a picture becomes an input tensor: resize, centre crop, (pixel / 255 - mean) / std.
struct PixelRecipe {
  std::string resize;  // "short_side": to resize_to, keeping the aspect; "square": to its square
  int resize_to = 0;
  int crop = 0;
  std::string crop_offset;     // "round" | "floor": of (size - crop) / 2
  std::string interpolation;   // "bilinear" | "bicubic"
  std::string implementation;  // "pil-exact" | "torch-uint8-aa"
  std::array<double, 3> mean{};
  std::array<double, 3> std{};
  std::string exif;   // "ignore" | "apply"
  std::string alpha;  // "white" | "drop"
};

struct TokenRecipe {
  std::string tokenizer_sha256;
  int max_tokens = 0;
  int64_t vocabulary = 0;  // rows of the model's embedding; 0: the card does not say
  int64_t padding_id = 0;
  std::string padding_side;  // "right" | "left"
};

/// How a recording becomes an input tensor [N]: mono float32 at a rate, cut to a length.
struct AudioRecipe {
  int sample_rate = 0;         // Hz
  int64_t min_samples = 0;     // the shortest that the network takes: its receptive field
  int64_t max_samples = 0;     // at that rate; the rest is cut off and counted
  std::string normalise;       // "none" | "unit": (x - mean) / sqrt(variance + 1e-7)
  std::string implementation;  // "soxr-vhq": the resampler
};

/// A file of the artefact. One is the rule; more are segments that run one after another.
struct Segment {
  std::string file;
  std::string sha256;
  int64_t bytes = 0;
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
  std::optional<AudioRecipe> audio;
  bool endpoint = false;      // answered by a service: no segments, no tokens; Python asks it
  std::string dtype = "f32";  // of the weights: "f32" | "bf16" | "f16"
  double error_absolute = 0;
  double error_relative = 0;

  std::string identity_hash;  // 64 hex digits, of the canonical JSON of "identity"
  std::vector<Segment> segments;
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

/// Error(never) unless the segments (and the tokenizer) have the digests that the card gives.
void verify_package(const std::filesystem::path& package, const ModelCard& card);

}  // namespace consilience::models
