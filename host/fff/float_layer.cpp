// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_layer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "host/fff/grouped_walk.h"
#include "host/fff/layer_parts.h"
#include "host/fff/single_walk.h"

namespace sterna::fff {
namespace {

// Samples of a leaf whose outputs are worked out together: a multiple of kRowAlign.
constexpr std::size_t kTogether = 16;
// Of an input alone.
constexpr unsigned kAloneLevels = 2;

std::size_t padded(std::size_t count) { return (count + kRowAlign - 1) / kRowAlign * kRowAlign; }

}  // namespace

// A call of forward(): the layer, its inputs and its outputs.
class FloatWalk {
 public:
  using Logit = float;
  using Sum = float;

  // stream: y is more than the caches hold.
  FloatWalk(const FloatLayer& layer, const float* x, float* y, std::uint32_t* leaves, bool stream)
      : layer_(layer),
        shape_(layer.shape_),
        kernels_(*layer.kernels_),
        x_(x),
        y_(y),
        leaves_(leaves),
        stream_(stream && shape_.trees == 1),
        staging_stride_(padded(shape_.outputs)) {
    if (stream_ && (reinterpret_cast<std::uintptr_t>(y) % kLineBytes != 0 ||
                    staging_stride_ != shape_.outputs)) {
      staging_.emplace(kTogether * staging_stride_, 0.0f);
    }
  }

  std::size_t sample_bytes() const { return shape_.inputs * sizeof(float); }
  void meet(Ids /*ids*/) const {}

  void sums(const Tile& tile, float* sums) const {
    const std::size_t rows = tile.nodes.size(), count = tile.samples.size();
    std::array<const float*, kMaxTileRows> w{};
    std::array<const float*, 2 * kTileSamples> x{};
    for (std::size_t r = 0; r < rows; ++r) w[r] = layer_.input_row(tile.nodes[r]);
    for (std::size_t s = 0; s < count; ++s) {
      x[s] = x_ + tile.samples[s] * shape_.inputs;
      x[count + s] = x_ + tile.next[s] * shape_.inputs;
    }
    kernels_.dots[count - 1][tile.levels - 1](x.data(), w.data(), shape_.inputs, sums);
  }

  float logit(std::uint32_t /*sample*/, std::size_t node, float sum) const {
    return sum + layer_.bias_.get()[node];
  }
  bool right(std::uint32_t /*sample*/, std::size_t /*node*/, float logit) const {
    return logit > 0;
  }

  void prefetch(std::size_t node) const {
    prefetch_lines(layer_.input_row(node), shape_.inputs * sizeof(float));
  }

  // Samples of one leaf share its path's output rows.
  void arrive(std::size_t tree, std::size_t leaf, Ids ids, const GroupedWalk<FloatWalk>& walk) {
    const std::size_t levels = shape_.levels();
    std::array<const float*, kMaxDepth + 1> w;
    std::size_t node = leaf + (std::size_t{1} << shape_.depth) - 1;
    for (std::size_t level = levels; level-- > 0; node = (node - 1) / 2) {
      w[level] = layer_.output_row(tree * shape_.nodes_of_tree() + node);
    }
    const OutputStore how = tree != 0              ? OutputStore::kAdd
                            : stream_ && !staging_ ? OutputStore::kPast
                                                   : OutputStore::kWrite;
    for (std::size_t at = 0; at < ids.size(); at += kTogether) {
      const std::size_t count = std::min(kTogether, ids.size() - at);
      alignas(kLineBytes) std::array<float, kTogether*(kMaxDepth + 1)> values;
      std::array<float*, kTogether> y;
      for (std::size_t s = 0; s < count; ++s) {
        const std::uint32_t id = ids[at + s];
        std::copy_n(walk.logits(id).begin(), levels, &values[s * levels]);
        y[s] = staging_ ? staging_->get() + s * staging_stride_ : y_ + id * shape_.outputs;
        if (leaves_ != nullptr)
          leaves_[id * shape_.trees + tree] = static_cast<std::uint32_t>(leaf);
      }
      std::fill(values.data() + count * levels, values.data() + padded(count * levels), 0.0f);
      kernels_.activate(layer_.activation_, values.data(), padded(count * levels));
      kernels_.combine(values.data(), w.data(), levels, shape_.outputs, y.data(), count, how);
      for (std::size_t s = 0; s < count && staging_; ++s) {
        kernels_.copy_out(y_ + ids[at + s] * shape_.outputs, y[s], shape_.outputs);
      }
    }
  }

 private:
  const FloatLayer& layer_;
  const Shape& shape_;
  const FloatKernels& kernels_;
  const float* x_;
  float* y_;
  std::uint32_t* leaves_;
  bool stream_;  // past the caches, by way of staging_ where y is not aligned
  std::size_t staging_stride_;
  std::optional<AlignedArray<float>> staging_;  // [kTogether, staging_stride_]
};

FloatLayer::FloatLayer(const Shape& shape, Activation activation, std::span<const float> input,
                       std::span<const float> bias, std::span<const float> output,
                       OutputLayout layout, const FloatKernels& kernels)
    : shape_(checked(shape)),
      activation_(activation),
      kernels_(&kernels),
      input_stride_(padded(shape.inputs)),
      output_stride_(padded(shape.outputs)) {
  const std::size_t nodes = shape.nodes();
  check_size("the input weight", input.size(), nodes * shape.inputs);
  if (!bias.empty()) check_size("the bias", bias.size(), nodes);
  check_size("the output weight", output.size(), nodes * shape.outputs);
  input_ = AlignedArray<float>(nodes * input_stride_, 0);
  output_ = AlignedArray<float>(nodes * output_stride_, 0);
  bias_ = AlignedArray<float>(nodes, 0);
  std::copy(bias.begin(), bias.end(), bias_.get());
  const bool by_nodes = layout == OutputLayout::kNodesByOutputs;
  for (std::size_t n = 0; n < nodes; ++n) {
    std::copy_n(&input[n * shape.inputs], shape.inputs, input_.get() + n * input_stride_);
    for (std::size_t j = 0; j < shape.outputs; ++j) {
      output_.get()[n * output_stride_ + j] =
          output[by_nodes ? n * shape.outputs + j : j * nodes + n];
    }
  }
}

void FloatLayer::forward_alone(const float* x, float* y, std::uint32_t* leaves) const {
  const std::size_t levels = shape_.levels();
  const std::array<const float*, 2> inputs{x, x};
  const auto dots = [&](const float* const* w, unsigned n, float* to) {
    kernels_->dots[0][n - 1](inputs.data(), w, shape_.inputs, to);
  };
  for (std::size_t tree = 0; tree < shape_.trees; ++tree) {
    std::array<std::uint32_t, kMaxDepth + 1> nodes;
    alignas(kLineBytes) std::array<float, (kMaxDepth + kRowAlign) / kRowAlign * kRowAlign> values{};
    const std::size_t leaf = walk_alone<kAloneLevels>(
        shape_, tree, dots, [&](std::size_t node) { return input_row(node); },
        [&](std::size_t node, float sum) { return sum + bias_.get()[node] > 0; }, nodes.data(),
        values.data());
    if (leaves != nullptr) leaves[tree] = static_cast<std::uint32_t>(leaf);
    std::array<const float*, kMaxDepth + 1> rows;
    for (std::size_t i = 0; i < levels; ++i) {
      values[i] += bias_.get()[nodes[i]];
      rows[i] = output_row(nodes[i]);
    }
    kernels_->activate(activation_, values.data(), padded(levels));
    kernels_->combine(values.data(), rows.data(), levels, shape_.outputs, &y, 1,
                      tree == 0 ? OutputStore::kWrite : OutputStore::kAdd);
  }
}

void FloatLayer::forward(std::span<const float> x, std::span<float> y,
                         std::span<std::uint32_t> leaves, unsigned threads) const {
  const std::size_t samples = x.size() / shape_.inputs;
  check_size("x", x.size(), samples * shape_.inputs);
  check_size("y", y.size(), samples * shape_.outputs);
  if (!leaves.empty()) check_size("leaves", leaves.size(), samples * shape_.trees);
  if (samples == 1) {
    return forward_alone(x.data(), y.data(), leaves.empty() ? nullptr : leaves.data());
  }
  const bool stream = y.size_bytes() >= kStreamBytes;
  const auto part = [&](std::size_t begin, std::size_t end) {
    FloatWalk walk(*this, x.data() + begin * shape_.inputs, y.data() + begin * shape_.outputs,
                   leaves.empty() ? nullptr : leaves.data() + begin * shape_.trees, stream);
    GroupedWalk(shape_, walk, end - begin).run();
    if (stream) streamed();
  };
  in_parts(samples, threads, part);
}

}  // namespace sterna::fff
