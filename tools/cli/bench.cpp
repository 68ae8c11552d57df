#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "engine/base/cancel.h"
#include "engine/base/nearest.h"
#include "engine/base/usage.h"
#include "engine/store/feature_file.h"
#include "engine/store/npy.h"
#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "tools/bench/device_meter.h"
#include "tools/bench/graph_search.h"
#include "tools/bench/made_rows.h"
#include "tools/cli/bench_text.h"
#include "tools/cli/command.h"

namespace consilience::cli {
namespace {

struct Words {
  int64_t n = 0, d = 0;
  int k = 10;
  std::string data = "isotropic", similarity = "cosine", device = "cpu", write;
  int rounds = 3;
  int64_t checked = 200;
  uint64_t seed = 1;
};

bool is_made(const Words& words) {
  return std::ranges::find(bench::row_laws(), words.data) != bench::row_laws().end();
}

void check_sizes(const Words& words) {
  if (words.n == 0 || words.d == 0)
    fail(Failure::usage, "--data {} is made here: give --n and --d", words.data);
  if (words.k >= words.n)
    fail(Failure::usage, "--k {} needs more than {} rows; --n is {}", words.k, words.k, words.n);
  const auto n = static_cast<double>(words.n);
  const double needed = n * static_cast<double>(words.d) * sizeof(float) +
                        n * words.k * (sizeof(int32_t) + sizeof(double));
  const double memory =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed > memory)
    fail(Failure::out_of_memory,
         "--n {} --d {} --k {}: features and lists take {}; this machine has {}", words.n, words.d,
         words.k, gigabytes(needed), gigabytes(memory));
}

Matrix<float> read_rows(const kernels::Context& context, const Words& words) {
  if (words.n != 0 || words.d != 0)
    fail(Failure::usage, "--n and --d are for data made here; {} has its own", words.data);
  const auto features = engine::open_feature_file(words.data);
  expect(features->slots().size() == 1, "{}: {} layers, expected one ([n, d])", words.data,
         features->slots().size());
  expect(words.k < features->rows(), "{}: k = {} needs more than {} rows; there are {}", words.data,
         words.k, words.k, features->rows());
  auto rows = engine::read_all(*features, 0);
  kernels::check_finite(context, rows.view(), words.data);
  return rows;
}

Matrix<float> rows_of(const kernels::Context& context, const Words& words) {
  if (is_made(words)) {
    check_sizes(words);
    return bench::make_rows(context, words.data, words.n, words.d, words.seed);
  }
  if (!words.data.ends_with(".npy") && !words.data.ends_with(".safetensors"))
    fail(Failure::usage,
         "unknown data '{}'{}; expected isotropic, anisotropic, clusters, or a .npy or "
         ".safetensors file",
         words.data, engine::did_you_mean(words.data, bench::row_laws()));
  return read_rows(context, words);
}

/// "NVIDIA H100", or "2 x NVIDIA H100" where the search takes two.
std::string device_name(const kernels::Context& context) {
  const auto found = kernels::describe_cuda().devices;
  const auto& first = found.at(static_cast<size_t>(context.first_device));
  const auto count =
      context.devices == 0 ? std::ssize(found) - context.first_device : context.devices;
  return count == 1 ? first.name : fmt::format("{} x {}", count, first.name);
}

/// What a search on CUDA is measured against.
engine::Json device_facts(const kernels::Context& context, bench::GraphSearch& search,
                          const bench::TimedSearch& best, double naive_flop, int rounds) {
  const double naive = naive_flop / best.seconds / 1e12;
  engine::Json facts = {{"device_name", device_name(context)},
                        {"naive_tflops", naive},
                        {"upload_seconds", search.upload_seconds(rounds)}};
  if (best.work.arithmetic == "double") return facts;  // too few rows for products
  const auto products = search.products_alone(best.work.arithmetic, rounds);
  facts["executed_tflops"] = products.flop / best.seconds / 1e12;
  facts["pairs_multiplied_once"] = products.once;
  facts["tile_side"] = products.side;
  facts["products_seconds"] = products.seconds;
  facts["products_tflops"] = products.flop / products.seconds / 1e12;
  facts["share_of_products"] = products.seconds / best.seconds;
  return facts;
}

int bench_neighbors(const Words& words, const Globals& globals) {
  // glibc would hand large freed blocks back, and every round would fault its memory in anew.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  kernels::Context context = kernels::parse_device(words.device);
  context.threads = globals.threads;
  const bool on_cuda = context.backend == kernels::Backend::cuda;
  const bool searches = words.write.empty();
  if (searches) kernels::require_devices(context);
  const Matrix<float> rows = rows_of(context, words);
  const int64_t n = rows.rows();
  const int64_t d = rows.cols();
  if (!searches) {
    engine::write_npy(words.write, engine::tensor("x", {n, d}, rows.values()));
    if (globals.json)
      print_json({{"n", n}, {"d", d}, {"data", words.data}, {"out", words.write}});
    else
      print(fmt::format("{}: {}, float32 [{}, {}]\n", words.write, words.data, n, d));
    return 0;
  }

  bench::GraphSearch search(
      context, rows, words.k, words.similarity == "cosine",
      words.similarity == "euclidean" ? kernels::Similarity::euclidean : kernels::Similarity::dot);
  const int64_t bytes_before = bench::resident_bytes();
  auto watch = on_cuda ? std::make_unique<bench::DeviceMemoryPeak>(context) : nullptr;
  bench::TimedSearch best = search.run_timed();  // without rounds it counts, cold as it is
  const int64_t peak_device_bytes = watch ? watch->bytes() : 0;
  const auto cost = [&](const bench::TimedSearch& s) { return on_cuda ? s.seconds : s.cpu_s; };
  for (int r = 0; r < words.rounds; ++r) {
    engine::throw_if_cancelled();
    const bench::TimedSearch round = search.run_timed();
    if (r == 0 || cost(round) < cost(best)) best = round;
  }
  const int64_t peak_bytes = engine::peak_bytes();
  const auto sample = bench::sampled_rows(words.checked, n, words.seed);
  search.check(sample);

  const double products = 2 * static_cast<double>(n) * static_cast<double>(n * d);
  engine::Json result = {
      {"n", n},
      {"d", d},
      {"k", words.k},
      {"data", words.data},
      {"similarity", words.similarity},
      {"device", words.device},
      {"threads", globals.threads},
      {"seed", words.seed},
      {"rounds", words.rounds},
      {"checked_rows", sample.size()},
      {"seconds", best.seconds},
      {"cpu_s", best.cpu_s},
      {"arithmetic", best.work.arithmetic},
      {"survivors", best.work.candidates},
      {"survivors_per_row", static_cast<double>(best.work.candidates) / static_cast<double>(n)},
      {"redone_rows", best.work.redone},
      {"page_faults", best.page_faults},
      {"bytes_before", bytes_before},
      {"peak_bytes", peak_bytes}};
  if (on_cuda) {
    result["peak_device_bytes"] = peak_device_bytes;
    result.update(device_facts(context, search, best, products, std::max(1, words.rounds)));
  } else {
    result["gflop_per_core_s"] = products / 1e9 / best.cpu_s;
  }
  if (globals.json)
    print_json(result);
  else
    print(neighbors_text(result));
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* bench = add_verb(app, "bench", "measure this machine", "");
  bench->require_subcommand(1);
  auto words = std::make_shared<Words>();
  CLI::App* verb =
      add_verb(*bench, "neighbors",
               "time the exact neighbour graph of made or given rows, checked before it counts",
               "consilience bench neighbors --n 10000 --d 768 --k 10 --threads 1 --json\n"
               "  consilience bench neighbors --data X.npy --similarity euclidean\n"
               "  consilience bench neighbors --n 10000 --d 768 --data clusters --write X.npy");
  verb->add_option("--n", words->n, "rows")->check(CLI::Range(int64_t{2}, int64_t{2147483647}));
  verb->add_option("--d", words->d, "columns")->check(CLI::Range(1, 16384));
  verb->add_option("--k", words->k, "neighbours a row")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  verb->add_option("--data", words->data,
                   "isotropic, anisotropic (cosines around 0.9), clusters (100 tight ones), or a "
                   ".npy or .safetensors file with one layer")
      ->capture_default_str();
  verb->add_option("--similarity", words->similarity, "cosine, dot or euclidean")
      ->capture_default_str()
      ->check(CLI::IsMember({"cosine", "dot", "euclidean"}));
  verb->add_option("--device", words->device, "cpu, cuda, cuda:1, cuda:0-3 or cuda:all")
      ->capture_default_str();
  verb->add_option("--rounds", words->rounds,
                   "timed searches, after one that warms memory; 0: that one is timed")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  verb->add_option("--check", words->checked,
                   "rows whose lists must be the reference's, bit for bit; 0: none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--seed", words->seed, "seed of the rows and of those checked")
      ->capture_default_str();
  verb->add_option("--write", words->write, "write the rows as float32 .npy, and search nothing");
  verb->callback([=, &globals, &action] {
    action = [=, &globals] { return bench_neighbors(*words, globals); };
  });
}

}  // namespace consilience::cli
