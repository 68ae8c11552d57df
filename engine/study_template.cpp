#include "engine/study.h"

namespace consilience::engine {

std::string study_template() {
  return R"toml(# A consilience study: which models, on which data, compared how.
# Every key stands here with its default; delete what you do not change.
#   consilience run study.toml        a second run does only what is new

name = "my-study"                # names the report's folder
seed = 1

[data]
source = "emoji-things"          # a built-in name, or a folder of pictures, captions, recordings, or a .jsonl file
limit = 0                        # 0: all
on_bad_sample = "stop"           # "skip": dropped in every model alike, listed in the report
group = ""                       # field whose equal values are siblings (several captions of one picture)
class = ""                       # field with class ids

[[models]]
use = "zoo:efficientnet-lite"    # a zoo family, one model's name, or the path of a package
twins = 1                        # random-weights twins, seeds 1..n (5 for results that will be quoted)

[[models]]
use = "zoo:minilm"

[features]
layers = "all"                   # or a stride, or a list of names
poolings = ["mean"]              # "first", "last", "patches" ..: what `models show` lists; per modality: { vision = ["first"], text = ["mean"] }
compute = "f32"                  # "bf16", "f16": autocast, declared and hashed; "card": what each model's card says
store = "f32"                    # "f16", "bf16"
batch = "auto"                   # fixed on a CPU; on a GPU what fits, found once and kept; or { pictures = 64, tokens = 8192, audio_samples = 320000 }

[conditioning]
preset = "default"               # "prh-paper", "prh-code", "none"; any key below overrides it
clamp = 0.95                     # exact quantile of |x|; 0: none
clamp_scope = "layer"            # "model", "model-sample-mean"
center = "none"                  # "mean"
scale = "l2"                     # "none"
zero_rows = "null"               # that layer's scores are null with the reason; "error": stop
similarity = "dot"               # with l2: cosine; "euclidean"

[metrics]
list = ["mutual_knn(k=10)"]      # 'consilience metrics' lists them; the first is the headline and gets the ladder
pairs = "cross-modal"            # "all", "within", or a list of [model, model]

[inference]
permutations = 200
alpha = 0.05
permute = "rows"                 # "groups": sibling groups, all of one size, as wholes
interval = "half-splits"         # "jackknife" (conservative), "query-bootstrap" (this gallery only), "none"
splits = 25
costly = false                   # null and interval also of metrics that decompose a matrix per layer pair

[curves]
x = ["params"]                   # any number in the cards or in covariates; "bits_per_byte"
covariates = ""                  # CSV: model, then one column per covariate

[store]
path = "store"                   # relative to where the command is run
keep = "features"                # "graphs": features are dropped once their graphs exist; "scores"
)toml";
}

}  // namespace consilience::engine
