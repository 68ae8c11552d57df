#include "kernels/base/neighbor_call.h"

#include <algorithm>
#include <limits>

namespace consilience::kernels {
namespace {

bool same_rows(const Conditioned& a, const Conditioned& b) {
  return a.x.data() == b.x.data() && a.x.rows() == b.x.rows() && a.x.stride() == b.x.stride() &&
         a.clamp == b.clamp && std::ranges::equal(a.mean, b.mean) &&
         std::ranges::equal(a.scale, b.scale);
}

bool each_is_itself(const NeighborParams& params) {
  for (size_t i = 0; i < params.self.size(); ++i) {
    if (params.self[i] != static_cast<int64_t>(i)) return false;
  }
  return std::ranges::equal(params.query_group, params.gallery_group);
}

}  // namespace

NeighborCall::NeighborCall(const Context& context_, const Conditioned& queries,
                           const Conditioned& gallery, const NeighborParams& params_,
                           const NeighborLists& out_, const OrderOfKeys& order)
    : context(context_),
      params(params_),
      out(out_),
      query_features(queries),
      gallery_features(gallery),
      symmetric(same_rows(queries, gallery) && each_is_itself(params_)),
      kinds(context_, gallery, params_.gallery_group, order) {}

bool NeighborCall::eligible(int64_t i, int64_t j) const {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

int32_t NeighborCall::barred_kind(int64_t i) const {
  const auto at = static_cast<size_t>(i);
  if (params.self.empty() || params.self[at] < 0) return -1;
  const int32_t kind = kinds.kind_of(params.self[at]);
  return kinds.members(kind).size() == 1 ? kind : -1;
}

void NeighborCall::push(int64_t i, int32_t u, double merit, BestRows& best) const {
  for (const int32_t j : kinds.members(u)) {
    if (eligible(i, j)) best.push({merit, j});
  }
}

void NeighborCall::write(int64_t i, std::span<const Ranked> best, int32_t ties) const {
  const auto k = static_cast<size_t>(params.k);
  for (size_t r = 0; r < k; ++r) {
    out.index.row(i)[r] = best[r].index;
    out.score.row(i)[r] = sign() * best[r].merit;
  }
  const auto at = static_cast<size_t>(i);
  out.next_score[at] =
      best.size() > k ? sign() * best[k].merit : std::numeric_limits<double>::quiet_NaN();
  out.ties[at] = ties;
}

}  // namespace consilience::kernels
