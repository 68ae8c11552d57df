#pragma once
#include "engine/store/store.h"
#include "engine/text/token_packs.h"
#include "engine/zoo.h"

namespace consilience::engine {

/// What tokenizing a data set's captions for a model depends on.
[[nodiscard]] TokenizeJob tokenize_job(const DataSet& data, const ZooModel& model);

/// The token pack of a model's tokenizer, checked: a record beside the data set's, made by the
/// exporter's Python when it is missing. Throws as obtain_token_pack does.
[[nodiscard]] TokenPack stored_token_pack(const Store& store, const DataSet& data,
                                          const ZooModel& model);

/// How many captions of that pack were cut to the model's longest input; 0 where there is none.
[[nodiscard]] int64_t truncated_captions(const Store& store, const DataSet& data,
                                         const ZooModel& model);

/// "12 of 800 captions are longer than 128 tokens: their ends are cut off".
[[nodiscard]] std::string truncation_text(int64_t truncated, int64_t captions, int max_tokens);

}  // namespace consilience::engine
