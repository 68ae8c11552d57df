#include "engine/tasks/answer_requests.h"

#include <algorithm>

#include "engine/inference/calibration.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/npy.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

const std::vector<std::string> kCalibrated = {"calibrated_score", "calibrated_p_value",
                                              "calibrated_threshold"};

bool is_calibrated(const Json& request) {
  if (!request.is_object() || !request.contains("metric") || !request["metric"].is_string())
    return false;
  return std::ranges::count(kCalibrated, request["metric"].get<std::string>()) > 0;
}

/// A request, understood.
struct Request {
  MetricSpec metric;
  std::string calibrated = {};  // which of kCalibrated, or ""
  double alpha = 0.05;
  size_t permutations = 0;
  std::filesystem::path file = {};
};

/// {"metric": "mutual_knn k=10", "K": 200, "alpha": 0.05, "permutations": "file.npy, ..."}
Request calibrated_request(const Json& request, const std::filesystem::path& folder) {
  const Json& params = request.at("params");
  const auto inner = params.at("metric").get<std::string>();  // "mutual_knn k=10"
  const size_t space = std::min(inner.find(' '), inner.size());
  std::string inside = inner.substr(std::min(space + 1, inner.size()));
  if (request.contains("preprocess"))
    inside += fmt::format("{}preprocess={}", inside.empty() ? "" : ", ",
                          parse_preprocess(request["preprocess"].get<std::string>()));
  auto file = params.at("permutations").get<std::string>();
  file = file.substr(0, file.find(','));
  return {.metric = parse_metric(fmt::format("{}({})", inner.substr(0, space), inside)),
          .calibrated = request["metric"].get<std::string>(),
          .alpha = params.value("alpha", 0.05),
          .permutations = params.value("K", size_t{0}),
          .file = folder / file};
}

Request read_request(const Json& request, size_t place, const std::filesystem::path& folder) {
  try {
    if (!is_calibrated(request)) return {.metric = metric_from_json(request)};
    return calibrated_request(request, folder);
  } catch (const Error& error) {
    fail(Failure::usage, "request {}: {}", place, error.what());
  } catch (const Json::exception&) {
    fail(Failure::usage,
         "request {}: {} takes params metric (\"mutual_knn k=10\"), K, alpha and permutations (a "
         ".npy file)",
         place, request["metric"].get<std::string>());
  }
}

/// Row i of the permuted y is row perm[i] of y: that scores like x relabelled by perm.
Relabellings read_relabellings(const Request& request, int64_t n) {
  const Npy npy(request.file);
  const TensorView& array = npy.array();
  const std::string where = request.file.string();
  expect(array.shape.size() == 2 && array.shape[1] == n &&
             array.shape[0] >= static_cast<int64_t>(std::max(request.permutations, size_t{1})),
         "{}: expected at least {} permutations of {} rows", where, request.permutations, n);
  const auto values = copy_tensor<int32_t>(array, where);
  const size_t count =
      request.permutations > 0 ? request.permutations : static_cast<size_t>(array.shape[0]);
  const auto rows = static_cast<size_t>(n);
  Relabellings relabellings;
  for (size_t p = 0; p < count; ++p) {
    const auto first = values.begin() + static_cast<ptrdiff_t>(p * rows);
    auto& one = relabellings.emplace_back(first, first + n);
    std::vector<uint8_t> seen(rows);
    for (const int32_t row : one) {
      expect(row >= 0 && row < n && seen[static_cast<size_t>(row)] == 0,
             "{}: row {} is no permutation of 0 .. {}", where, p, n - 1);
      seen[static_cast<size_t>(row)] = 1;
    }
  }
  return relabellings;
}

void answer(const kernels::Context& context, const Request& request, ViewSide& a, ViewSide& b,
            const Conditioning& given, Json& out) {
  const MetricSpec& metric = request.metric;
  const ComparedSides sides = compared_sides(metric, a, b);
  const PreparedGrid grid = prepare_metric(context, metric, sides.a, sides.b);
  const PairScore score =
      score_maximum(metric, sides.a, sides.b, grid, describe_for(metric, given));
  double value = score.maximum;
  if (!request.calibrated.empty() && score.reason.empty()) {
    PairInference inference;
    permutation_null(context, grid, score, read_relabellings(request, sides.a.rows), inference);
    calibrate(score, request.alpha, inference);
    value = request.calibrated == "calibrated_score"     ? inference.calibrated
            : request.calibrated == "calibrated_p_value" ? inference.p
                                                         : inference.threshold;
  }
  out["value"] = value;  // NaN is written as null
  out["name"] = printed_name(score);
  if (!score.reason.empty()) out["reason"] = score.reason;
  if (!score.remarks.empty()) out["remarks"] = score.remarks;
  if (score.best_a >= 0 && score.grid.values().size() > 1)
    out["layers"] = {score.layers_a[static_cast<size_t>(score.best_a)],
                     score.layers_b[static_cast<size_t>(score.best_b)]};
}

}  // namespace

Json answer_requests(const kernels::Context& context, const FeatureView& a, const FeatureView& b,
                     const SampleLabels& labels, const Conditioning& given, const Json& requests,
                     const std::filesystem::path& folder) {
  if (!requests.is_array()) fail(Failure::usage, "requests: expected a list of objects");
  std::vector<Request> read;
  std::vector<MetricSpec> metrics;
  for (size_t i = 0; i < requests.size(); ++i) {
    read.push_back(read_request(requests[i], i, folder));
    metrics.push_back(read.back().metric);
  }
  ViewSide side_a(context, "a", a, labels, given, metrics);
  ViewSide side_b(context, "b", b, labels, given, metrics);
  Json answers = requests;
  for (size_t i = 0; i < read.size(); ++i)
    answer(context, read[i], side_a, side_b, given, answers[i]);
  return answers;
}

}  // namespace consilience::engine
