#include "engine/store/results.h"

namespace consilience::engine {

void commit_result(const Store& store, const std::string& name, const Json& record,
                   const std::vector<TensorView>& tensors) {
  const Json standing = store.commit_record(name, record, tensors);
  expect(standing.value("kind", Json()) == record["kind"] &&
             standing.value("inputs", Json()) == record["inputs"],
         "{}: another result with the same short hash stands there",
         (store.root() / name).string());
}

}  // namespace consilience::engine
