#include "tools/cli/bench_text.h"

#include <fmt/format.h>

namespace consilience::cli {
namespace {

std::string threads_text(int threads) {
  return threads == 0 ? "all cores" : fmt::format("{} thread{}", threads, threads == 1 ? "" : "s");
}

std::string line(std::string_view what, const std::string& value) {
  return fmt::format("  {:<28}{}\n", what, value);
}

std::string round_text(int rounds) {
  return rounds == 0 ? "memory cold" : fmt::format("the round with the fewest of {}", rounds);
}

double number(const engine::Json& r, const char* key) { return r[key].get<double>(); }

std::string cpu_lines(const engine::Json& r) {
  return line("seconds, CPU-seconds",
              fmt::format("{:.3f}, {:.3f} ({})", number(r, "seconds"), number(r, "cpu_s"),
                          round_text(r["rounds"].get<int>()))) +
         line("GFLOP per core-second",
              fmt::format("{:.1f} of 2 n^2 d", number(r, "gflop_per_core_s")));
}

std::string cuda_lines(const engine::Json& r) {
  std::string text = line(
      "seconds", fmt::format("{:.4f} ({}); the rows' way up alone {:.4f}", number(r, "seconds"),
                             round_text(r["rounds"].get<int>()), number(r, "upload_seconds")));
  text += line("TFLOP/s of 2 n^2 d", fmt::format("{:.2f}", number(r, "naive_tflops")));
  if (r.contains("products_seconds")) {
    text += line("TFLOP/s carried out",
                 fmt::format("{:.2f}, every pair {}", number(r, "executed_tflops"),
                             r["pairs_multiplied_once"].get<bool>() ? "once" : "twice"));
    text += line("of the products alone",
                 fmt::format("{:.1f} % ({:.4f} s, {:.2f} TFLOP/s in tiles of {})",
                             100 * number(r, "share_of_products"), number(r, "products_seconds"),
                             number(r, "products_tflops"), r["tile_side"].get<int64_t>()));
  }
  return text + line("device memory",
                     fmt::format("{} at most", gigabytes(number(r, "peak_device_bytes"))));
}

}  // namespace

std::string gigabytes(double bytes) { return fmt::format("{:.2f} GB", bytes / 1e9); }

std::string neighbors_text(const engine::Json& r) {
  const bool on_cuda = r.contains("device_name");
  const std::string where = on_cuda ? fmt::format("{} ({})", r["device"].get<std::string>(),
                                                  r["device_name"].get<std::string>())
                                    : threads_text(r["threads"].get<int>());
  return fmt::format(
             "the {} nearest of {} rows, d = {}, {}, {}, {}; {} rows checked against the "
             "reference\n\n",
             r["k"].get<int>(), r["n"].get<int64_t>(), r["d"].get<int64_t>(),
             r["data"].get<std::string>(), r["similarity"].get<std::string>(), where,
             r["checked_rows"].get<int64_t>()) +
         (on_cuda ? cuda_lines(r) : cpu_lines(r)) +
         line("candidates",
              fmt::format("{}, {:.1f} a row left to be told apart in double",
                          r["arithmetic"].get<std::string>(), number(r, "survivors_per_row"))) +
         line("rows done again", fmt::format("{}", r["redone_rows"].get<int64_t>())) +
         line("memory", fmt::format("{} at most, of which {} before the search",
                                    gigabytes(number(r, "peak_bytes")),
                                    gigabytes(number(r, "bytes_before"))));
}

}  // namespace consilience::cli
