#include "engine/metrics/kernel/off_diagonal.h"

#include <algorithm>
#include <memory>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/feature_products.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/kernel/pair_tiles.h"
#include "engine/metrics/kernel/relabelled_products.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {
namespace {

using Layers = std::vector<PairwiseLayer>;

constexpr double kKeptBytes = 2e9;
/// Relabellings that the choice of a path counts on: a null follows most of the time.
constexpr double kRelabellings = 20;

/// Multiply-adds of the preparation and of one relabelling.
struct Cost {
  double once = 0, each = 0;
  [[nodiscard]] double total() const { return once + kRelabellings * each; }
};

double rows_of(const Layers& layers) { return static_cast<double>(layers[0].rows().rows()); }

double width(const Layers& layers) {
  double d = 0;
  for (const auto& layer : layers) d += static_cast<double>(layer.rows().cols());
  return d;
}

double square_width(const Layers& layers) {
  double d = 0;
  for (const auto& layer : layers)
    d += static_cast<double>(layer.rows().cols()) * static_cast<double>(layer.rows().cols());
  return d;
}

Path cheapest(const Layers& a, const Layers& b) {
  const double n = rows_of(a);
  const double pairs = n * n / 2;
  const double table = static_cast<double>(a.size()) * static_cast<double>(b.size());
  const double grams = pairs * (width(a) + width(b));
  const bool fits = RelabelledProducts::bytes(static_cast<int64_t>(n), std::ssize(a),
                                              std::ssize(b)) <= kKeptBytes;
  const Cost kept{grams, pairs * (table + static_cast<double>(a.size()))};
  const Cost tiles{grams, grams + pairs * table};
  const Cost features{n * (square_width(a) + square_width(b)), n * width(a) * width(b)};
  const Path gram = fits ? Path::kept : Path::tiles;
  if (a[0].entry() != PairEntry::dot) return gram;
  return (fits ? kept : tiles).total() <= features.total() ? gram : Path::features;
}

LayerSums empty_sums(const PairwiseLayer& layer) {
  const int64_t n = layer.rows().rows();
  LayerSums sums{std::vector<double>(static_cast<size_t>(n)), {}, 0};
  for (int64_t i = 0; i < n; ++i) sums.diagonal.push_back(layer.diagonal(i));
  return sums;
}

LayerSums triangle_sums(const PairwiseLayer& layer, std::span<const double> triangle) {
  LayerSums sums = empty_sums(layer);
  for (int64_t i = 1; i < layer.rows().rows(); ++i) {
    const auto row = triangle.subspan(static_cast<size_t>(triangle_row(i)), static_cast<size_t>(i));
    double total = 0;
    double squares = 0;
    for (size_t j = 0; j < row.size(); ++j) {
      total += row[j];
      squares += row[j] * row[j];
      sums.off_diagonal[j] += row[j];
    }
    sums.off_diagonal[static_cast<size_t>(i)] += total;
    sums.squares += 2 * squares;
  }
  return sums;
}

std::vector<LayerSums> triangle_sums(const Layers& layers, const Matrix<double>& triangles) {
  std::vector<LayerSums> sums;
  for (size_t l = 0; l < layers.size(); ++l)
    sums.push_back(triangle_sums(layers[l], triangles.row(static_cast<int64_t>(l))));
  return sums;
}

OffDiagonal keep(const kernels::Context& context, const Layers& a, const Layers& b,
                 Precision precision) {
  OffDiagonal result;
  Matrix<double> right = lower_triangles(context, b, precision);
  result.b = triangle_sums(b, right);
  const Matrix<double> left = lower_triangles(context, a, precision);
  result.a = triangle_sums(a, left);
  const auto kept =
      std::make_shared<const RelabelledProducts>(a[0].rows().rows(), left, std::move(right));
  const kernels::Context one{context.backend, 1};
  result.products = [kept, one](std::span<const int32_t> relabelling) {
    Matrix<double> products = (*kept)(one, relabelling);
    for (double& value : products.values()) value *= 2;
    return products;
  };
  return result;
}

std::vector<PlacedLayer> placed(const Layers& layers, std::span<const int32_t> place) {
  std::vector<PlacedLayer> all;
  for (const auto& layer : layers) all.push_back({&layer, place});
  return all;
}

void add_tile(const PairTile& tile, std::span<const double> entries, LayerSums& sums) {
  const int64_t cols = tile.j_end - tile.j_begin;
  for (int64_t i = tile.i_begin; i < tile.i_end; ++i) {
    const auto row =
        entries.subspan(static_cast<size_t>((i - tile.i_begin) * cols), static_cast<size_t>(cols));
    double total = 0;
    double squares = 0;
    for (size_t j = 0; j < row.size(); ++j) {
      total += row[j];
      squares += row[j] * row[j];
      sums.off_diagonal[static_cast<size_t>(tile.j_begin) + j] += row[j];
    }
    sums.off_diagonal[static_cast<size_t>(i)] += total;
    sums.squares += 2 * squares;
  }
}

void add_tile(const PairTile& tile, const kernels::TileSums& parts, int64_t layer,
              LayerSums& sums) {
  const auto add = [&](int64_t begin, std::span<const double> part) {
    for (size_t i = 0; i < part.size(); ++i)
      sums.off_diagonal[static_cast<size_t>(begin) + i] += part[i];
  };
  add(tile.i_begin, parts.row_sums.row(layer));
  add(tile.j_begin, parts.column_sums.row(layer));
  sums.squares += 2 * parts.squares[static_cast<size_t>(layer)];
}

kernels::TileSums sums_of(const kernels::Context& context, const PairTile& tile,
                          std::span<const kernels::TileLayer> layers, int64_t first_side) {
  return kernels::hsic_tiles(context, layers, first_side, tile.i_begin == tile.j_begin);
}

std::vector<LayerSums> tile_sums(const kernels::Context& context, const Layers& layers,
                                 Precision precision) {
  std::vector<LayerSums> sums;
  for (const auto& layer : layers) sums.push_back(empty_sums(layer));
  if (precision == Precision::f64) {
    for_each_row_tile(context, placed(layers, {}),
                      [&](const PairTile& tile, std::span<const kernels::TileLayer> rows) {
                        const kernels::TileSums parts = sums_of(context, tile, rows, 0);
                        for (size_t l = 0; l < sums.size(); ++l)
                          add_tile(tile, parts, static_cast<int64_t>(l), sums[l]);
                      });
    return sums;
  }
  for_each_tile(context, placed(layers, {}), precision,
                [&](const PairTile& tile, MatrixView<const double> entries) {
                  for (int64_t l = 0; l < entries.rows(); ++l)
                    add_tile(tile, entries.row(l), sums[static_cast<size_t>(l)]);
                });
  return sums;
}

Matrix<double> tile_products(const kernels::Context& context, const Layers& a, const Layers& b,
                             Precision precision, std::span<const int32_t> relabelling) {
  const std::vector<int32_t> place = rows_in_place(relabelling, a[0].rows().rows());
  std::vector<PlacedLayer> layers = placed(a, place);
  for (const auto& layer : placed(b, {})) layers.push_back(layer);
  Matrix<double> products(std::ssize(a), std::ssize(b));
  const auto add = [&](const Matrix<double>& part) {
    for (size_t c = 0; c < part.values().size(); ++c) products.values()[c] += 2 * part.values()[c];
  };
  if (precision == Precision::f64) {
    for_each_row_tile(context, layers,
                      [&](const PairTile& tile, std::span<const kernels::TileLayer> rows) {
                        add(sums_of(context, tile, rows, std::ssize(a)).products);
                      });
    return products;
  }
  for_each_tile(context, layers, precision, [&](const PairTile&, MatrixView<const double> entries) {
    add(linalg::product(context, entries.slice(0, std::ssize(a)), linalg::Op::none,
                        entries.slice(std::ssize(a), entries.rows()), linalg::Op::transpose));
  });
  return products;
}

OffDiagonal by_tiles(const kernels::Context& context, Layers a, Layers b, Precision precision) {
  OffDiagonal result{tile_sums(context, a, precision), tile_sums(context, b, precision), {}, true};
  const auto left = std::make_shared<const Layers>(std::move(a));
  const auto right = std::make_shared<const Layers>(std::move(b));
  result.products = [=](std::span<const int32_t> relabelling) {
    return tile_products(context, *left, *right, precision, relabelling);
  };
  return result;
}

/// Rows are centred, so a row of dot products adds up to 0: off the diagonal to -|x_i|^2.
LayerSums feature_sums(const kernels::Context& context, const PairwiseLayer& layer,
                       Precision precision) {
  LayerSums sums = empty_sums(layer);
  for (size_t i = 0; i < sums.diagonal.size(); ++i) sums.off_diagonal[i] = -sums.diagonal[i];
  sums.squares = feature_product(context, layer.rows(), {}, layer.rows(), precision);
  return sums;
}

OffDiagonal by_features(const kernels::Context& context, Layers a, Layers b, Precision precision) {
  OffDiagonal result;
  result.parallel_inside = true;
  for (const auto& layer : a) result.a.push_back(feature_sums(context, layer, precision));
  for (const auto& layer : b) result.b.push_back(feature_sums(context, layer, precision));
  const auto left = std::make_shared<const Layers>(std::move(a));
  const auto right = std::make_shared<const Layers>(std::move(b));
  result.products = [=](std::span<const int32_t> relabelling) {
    std::vector<int32_t> place;
    if (!relabelling.empty()) place = rows_in_place(relabelling, (*left)[0].rows().rows());
    Matrix<double> products(std::ssize(*left), std::ssize(*right));
    for (int64_t i = 0; i < products.rows(); ++i)
      for (int64_t j = 0; j < products.cols(); ++j)
        products(i, j) = feature_product(context, (*left)[static_cast<size_t>(i)].rows(), place,
                                         (*right)[static_cast<size_t>(j)].rows(), precision);
    return products;
  };
  return result;
}

}  // namespace

OffDiagonal off_diagonal(const kernels::Context& context, std::vector<PairwiseLayer> a,
                         std::vector<PairwiseLayer> b, Precision precision, Path path) {
  if (a.empty() || b.empty())
    return {{}, {}, [rows = std::ssize(a), cols = std::ssize(b)](std::span<const int32_t>) {
              return Matrix<double>(rows, cols);
            }};
  switch (path == Path::cheapest ? cheapest(a, b) : path) {
    case Path::kept:
      return keep(context, a, b, precision);
    case Path::features:
      return by_features(context, std::move(a), std::move(b), precision);
    default:
      return by_tiles(context, std::move(a), std::move(b), precision);
  }
}

}  // namespace consilience::engine
