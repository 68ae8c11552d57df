#pragma once
#include "kernels/cuda/candidate_lists.h"
#include "kernels/cuda/feature_rows.h"

/// Scores in double by numerics section 2, larger nearer: s(i, j), or minus d2(i, j).
namespace consilience::kernels::cuda {

/// Of every candidate at places [first, first + columns.rows()) of the gallery, in the place of
/// what bounded its score. The lists are compacted; query p is row p. Does not synchronise.
void score_candidates(const FeatureRows& queries, const FeatureRows& columns, int64_t first,
                      Similarity similarity, const device::Lists& lists, const Stream& stream);

/// Of queries [begin, end) with all columns: merits [end - begin, columns.rows()]. Does not
/// synchronise.
void score_all(const FeatureRows& queries, int64_t begin, int64_t end, const FeatureRows& columns,
               Similarity similarity, double* merits, const Stream& stream);

}  // namespace consilience::kernels::cuda
