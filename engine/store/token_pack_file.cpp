#include "engine/store/token_pack_file.h"

namespace consilience::engine {

TokenPack read_token_pack(const Safetensors& file) {
  const std::string where = file.path().string();
  return {copy_tensor<int32_t>(file.at("ids"), where),
          copy_tensor<int64_t>(file.at("offsets"), where),
          copy_tensor<int64_t>(file.at("bytes"), where),
          copy_tensor<uint8_t>(file.at("truncated"), where)};
}

}  // namespace consilience::engine
