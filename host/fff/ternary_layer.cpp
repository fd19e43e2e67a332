// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_layer.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "host/fff/layer_parts.h"
#include "support/error.h"
#include "support/multiversion.h"

namespace sterna::fff {
using namespace numerics;

namespace {

std::size_t padded(std::size_t count) {
  return (count + kTernaryAlign - 1) / kTernaryAlign * kTernaryAlign;
}

WeightScale checked_scale(const char* what, std::uint32_t imm) {
  if (!valid_scale(imm)) throw Error("FFF layer: {} {:#x} is no scale", what, imm);
  return unpack_scale(imm);
}

std::uint8_t byte_of(std::int8_t trit) {
  if (trit < -1 || trit > 1) throw Error("FFF layer: a weight is {}, not -1, 0 or 1", int{trit});
  return static_cast<std::uint8_t>(trit + 1);
}

// Four int8 as a kernel takes them.
std::int32_t quad_of(const std::int8_t* values) {
  std::uint32_t quad = 0;
  for (unsigned k = 0; k < 4; ++k) {
    quad |= std::uint32_t{static_cast<std::uint8_t>(values[k])} << (8 * k);
  }
  return static_cast<std::int32_t>(quad);
}

STERNA_MULTIVERSION
std::int32_t sum_of(const std::int8_t* x, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}

STERNA_MULTIVERSION
std::uint32_t amax_of(const fix* x, std::size_t count) {
  std::uint32_t most = 1;
  for (std::size_t i = 0; i < count; ++i) most = std::max(most, magnitude(x[i]));
  return most;
}

STERNA_MULTIVERSION
void quantise_row(const fix* x, std::int8_t* q, std::size_t count, Factor factor) {
  for (std::size_t i = 0; i < count; ++i) q[i] = quant(x[i], factor);
}

}  // namespace

void quantise(std::span<const fix> x, std::span<std::int8_t> q, std::span<std::uint32_t> amax) {
  check_size("q", q.size(), x.size());
  const std::size_t length = amax.empty() ? 0 : x.size() / amax.size();
  check_size("x", x.size(), length * amax.size());
  for (std::size_t i = 0; i < amax.size(); ++i) {
    amax[i] = amax_of(&x[i * length], length);
    quantise_row(&x[i * length], &q[i * length], length, quant_factor(amax[i]));
  }
}

// A call of forward() in one thread.
class TernaryWalk {
 public:
  using Logit = fix;
  using Sum = std::int32_t;

  TernaryWalk(const TernaryLayer& layer, std::span<const std::int8_t> q,
              std::span<const std::uint32_t> amax, fix* y, std::uint32_t* leaves)
      : layer_(layer),
        shape_(layer.shape_),
        kernels_(*layer.kernels_),
        samples_(amax.size()),
        stride_(layer.input_.stride()),
        levels_(shape_.levels()),
        y_(y),
        leaves_(leaves),
        totals_(samples_),
        multipliers_(samples_),
        paths_(samples_ * shape_.trees),
        values_(samples_ * shape_.trees * levels_),
        quads_((shape_.trees * levels_ + 3) / 4),
        tile_values_(kTileSamples * quads_),
        rows_(4 * quads_) {
    for (std::size_t s = 0; s < samples_; ++s) {
      totals_[s] = sum_of(&q[s * shape_.inputs], shape_.inputs);
      multipliers_[s] = matmul_multiplier(amax[s], layer.input_scale_);
    }
    x_ = q.data();
    if (stride_ == shape_.inputs) return;
    padded_.resize(samples_ * stride_);
    for (std::size_t s = 0; s < samples_; ++s) {
      std::copy_n(&q[s * shape_.inputs], shape_.inputs, &padded_[s * stride_]);
    }
    x_ = padded_.data();
  }

  void run() {
    GroupedWalk(shape_, *this, samples_).run();
    if (shape_.trees == 1) return;
    for (std::uint32_t s = 0; s < samples_; ++s) combine(Ids(&s, 1));
  }

  std::size_t sample_bytes() const { return stride_; }

  void sums(const Tile& tile, std::int32_t* sums) const {
    const std::size_t rows = tile.nodes.size(), count = tile.samples.size();
    std::array<const std::uint8_t*, kMaxTileRows> w{};
    std::array<const std::int8_t*, 2 * kTileSamples> x{};
    for (std::size_t r = 0; r < rows; ++r) w[r] = layer_.input_[tile.nodes[r]];
    for (std::size_t s = 0; s < count; ++s) {
      x[s] = x_ + tile.samples[s] * stride_;
      x[count + s] = x_ + tile.next[std::min(s, tile.next.size() - 1)] * stride_;
    }
    kernels_.dots[count - 1][tile.levels - 1](x.data(), w.data(), stride_, sums);
  }

  fix logit(std::uint32_t sample, std::size_t node, std::int32_t sum) const {
    return add(matmul_output(sum - totals_[sample], multipliers_[sample]), layer_.bias_[node]);
  }

  void arrive(std::size_t tree, std::size_t leaf, Ids ids, const GroupedWalk<TernaryWalk>& walk) {
    for (const std::uint32_t id : ids) {
      const std::size_t at = id * shape_.trees + tree;
      paths_[at] = static_cast<std::uint32_t>(leaf);
      if (leaves_ != nullptr) leaves_[at] = paths_[at];
      for (std::size_t d = 0; d < levels_; ++d) {
        values_[at * levels_ + d] = layer_.activate(walk.logits(id)[d]);
      }
    }
    if (shape_.trees == 1) combine(ids);
  }

 private:
  // The results of samples that have the same paths.
  void combine(Ids ids) {
    find_rows(ids.front());
    const PathRows path{rows_.data(), rows_.size()};
    for (std::size_t at = 0; at < ids.size(); at += kTileSamples) {
      const std::size_t count = std::min(kTileSamples, ids.size() - at);
      std::array<PathSample, kTileSamples> tile{};
      bool scaled = true;
      for (std::size_t s = 0; s < count; ++s) {
        scaled &= take(ids[at + s], &tile_values_[s * quads_], tile[s]);
      }
      kernels_.combine[count - 1](path, tile.data(), shape_.outputs, scaled);
      for (std::size_t s = 0; s < count && !scaled; ++s) {
        for (std::size_t j = 0; j < shape_.outputs; ++j) {
          tile[s].y[j] = matmul_output(tile[s].y[j], tile[s].multiplier);
        }
      }
    }
  }

  // The output rows on a sample's paths, tree after tree.
  void find_rows(std::uint32_t id) {
    std::fill(rows_.begin(), rows_.end(), layer_.output_[shape_.nodes()]);
    auto row = rows_.begin();
    for (std::size_t tree = 0; tree < shape_.trees; ++tree) {
      // Counted from 1 on, a node's number begins with that of any node above it.
      const std::size_t leaf = paths_[id * shape_.trees + tree] + (std::size_t{1} << shape_.depth);
      for (std::size_t d = 0; d < levels_; ++d) {
        const std::size_t node = (leaf >> (shape_.depth - d)) - 1;
        *row++ = layer_.output_[tree * shape_.nodes_of_tree() + node];
      }
    }
  }

  // QUANT of a sample's values, for the kernel. True where its results need no more than 32 bits.
  bool take(std::uint32_t id, std::int32_t* quads, PathSample& sample) {
    const std::size_t count = shape_.trees * levels_;
    const std::span<const fix> values = std::span(values_).subspan(id * count, count);
    const std::uint32_t amax = amax_of(values.data(), count);
    const Factor factor = quant_factor(amax);
    std::int64_t bound = 0;
    sample = {quads, 0, matmul_multiplier(amax, layer_.output_scale_), y_ + id * shape_.outputs};
    for (std::size_t i = 0; i < count; i += 4) {
      std::array<std::int8_t, 4> q{};
      for (std::size_t k = 0; k < std::min<std::size_t>(4, count - i); ++k) {
        q[k] = quant(values[i + k], factor);
        sample.total += q[k];
        bound += std::abs(int{q[k]});
      }
      quads[i / 4] = quad_of(q.data());
    }
    return bound < 1 << 15 && rs(bound * sample.multiplier, 12) <= kFixMax;
  }

  const TernaryLayer& layer_;
  const Shape& shape_;
  const TernaryKernels& kernels_;
  std::size_t samples_, stride_, levels_;
  const std::int8_t* x_;  // rows of stride_
  fix* y_;
  std::uint32_t* leaves_;
  std::vector<std::int8_t> padded_;
  std::vector<std::int32_t> totals_;        // of each input
  std::vector<std::uint32_t> multipliers_;  // of each input's logits
  std::vector<std::uint32_t> paths_;        // [samples, trees]: leaves
  std::vector<fix> values_;                 // [samples, trees, levels]
  std::size_t quads_;                       // that a sample's values fill
  std::vector<std::int32_t> tile_values_;   // [kTileSamples, quads_]
  std::vector<const std::uint8_t*> rows_;   // PathRows
};

TernaryLayer::Rows::Rows(std::size_t count, std::size_t columns)
    : stride_(padded(columns)), storage_(count * stride_ + kTernaryAlign, byte_of(0)) {
  first_ = storage_.data();
  while (reinterpret_cast<std::uintptr_t>(first_) % kTernaryAlign != 0) ++first_;
}

TernaryLayer::TernaryLayer(const Shape& shape, Activation activation, int power,
                           const TernaryWeights& weights, const TernaryKernels& kernels)
    : shape_(checked(shape)),
      activation_(activation),
      power_(power),
      kernels_(&kernels),
      input_scale_(checked_scale("the input weight's scale", weights.input_scale)),
      output_scale_(checked_scale("the output weight's scale", weights.output_scale)),
      input_(shape.nodes(), shape.inputs),
      output_(shape.nodes() + 1, shape.outputs),
      bias_(shape.nodes()) {
  const std::size_t nodes = shape.nodes();
  check_size("the input weight", weights.input.size(), nodes * shape.inputs);
  if (!weights.bias.empty()) check_size("the bias", weights.bias.size(), nodes);
  check_size("the output weight", weights.output.size(), nodes * shape.outputs);
  std::copy(weights.bias.begin(), weights.bias.end(), bias_.begin());
  const bool by_nodes = weights.layout == OutputLayout::kNodesByOutputs;
  for (std::size_t n = 0; n < nodes; ++n) {
    for (std::size_t i = 0; i < shape.inputs; ++i) {
      input_[n][i] = byte_of(weights.input[n * shape.inputs + i]);
    }
    for (std::size_t j = 0; j < shape.outputs; ++j) {
      output_[n][j] = byte_of(weights.output[by_nodes ? n * shape.outputs + j : j * nodes + n]);
    }
    kernels.arrange(output_[n], output_.stride());
  }
}

fix TernaryLayer::activate(fix logit) const {
  switch (activation_) {
    case Activation::kRelu:
      return relu(logit);
    case Activation::kSilu:
      return silu(logit, power_);
    case Activation::kGelu:
      return gelu(logit, power_);
    case Activation::kNone:
      break;
  }
  return logit;
}

void TernaryLayer::forward(std::span<const std::int8_t> q, std::span<const std::uint32_t> amax,
                           std::span<fix> y, std::span<std::uint32_t> leaves,
                           unsigned threads) const {
  const std::size_t samples = amax.size();
  check_size("q", q.size(), samples * shape_.inputs);
  check_size("y", y.size(), samples * shape_.outputs);
  if (!leaves.empty()) check_size("leaves", leaves.size(), samples * shape_.trees);
  const auto part = [&](std::size_t begin, std::size_t end) {
    TernaryWalk(*this, q.subspan(begin * shape_.inputs, (end - begin) * shape_.inputs),
                amax.subspan(begin, end - begin), y.data() + begin * shape_.outputs,
                leaves.empty() ? nullptr : leaves.data() + begin * shape_.trees)
        .run();
  };
  in_parts(samples, threads, part);
}

}  // namespace sterna::fff
