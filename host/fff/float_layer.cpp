// SPDX-License-Identifier: Apache-2.0
#include "host/fff/float_layer.h"

#include <algorithm>
#include <array>
#include <new>
#include <numeric>
#include <thread>
#include <vector>

#include "support/error.h"

namespace sterna::fff {
namespace {

constexpr std::align_val_t kAlign{kRowAlign * sizeof(float)};

std::size_t padded(std::size_t count) { return (count + kRowAlign - 1) / kRowAlign * kRowAlign; }

void check_size(const char* what, std::size_t size, std::size_t wanted) {
  if (size != wanted) throw Error("FFF layer: {} has {} numbers, not {}", what, size, wanted);
}

}  // namespace

// Samples that came to the same node go on together: its rows and its children's are read once for
// all of them, depth first, so that the samples themselves stay in the cache once they are few.
// Where they are many, they take the upper levels in parts that fit there, and are sorted then:
// each is read from memory twice. Those of one leaf share their output rows.
class FloatWalk {
 public:
  FloatWalk(const FloatLayer& layer, const float* x, float* y, std::uint32_t* leaves,
            std::size_t samples)
      : layer_(layer),
        shape_(layer.shape_),
        kernels_(*layer.kernels_),
        x_(x),
        y_(y),
        leaves_(leaves),
        ids_(samples),
        scratch_(samples),
        nodes_(samples),
        logits_(samples * shape_.levels()) {}

  void run() {
    for (tree_ = 0; tree_ < shape_.trees; ++tree_) {
      std::iota(ids_.begin(), ids_.end(), 0u);
      walk(0, 0, ids_);
    }
  }

 private:
  using Ids = std::span<std::uint32_t>;

  // What samples may take of a core's own cache, beside the rows.
  static constexpr std::size_t kCacheBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxSortLevels = 6;

  // `ids` have come to `node`, which is `level` levels below the root: on to their leaves.
  void walk(std::size_t node, std::size_t level, Ids ids) {
    const std::size_t most = std::max(kTileSamples, kCacheBytes / (shape_.inputs * sizeof(float)));
    if (ids.size() <= most) return descend(node, level, ids, shape_.levels());
    std::size_t stop = level;
    while (stop < shape_.levels() && stop - level < kMaxSortLevels &&
           ids.size() >> (stop - level) > most / 2)
      ++stop;
    for (std::size_t at = 0; at < ids.size(); at += most / 4) {
      descend(node, level, ids.subspan(at, std::min(most / 4, ids.size() - at)), stop);
    }
    if (stop == shape_.levels()) return;
    const std::size_t first = ((node + 1) << (stop - level)) - 1;
    const auto starts = sort(ids, [&](std::uint32_t id) { return nodes_[id] - first; });
    for (std::size_t g = 0; g + 1 < starts.size(); ++g) {
      if (starts[g] != starts[g + 1])
        walk(first + g, stop, ids.subspan(starts[g], starts[g + 1] - starts[g]));
    }
  }

  // Sorts ids by their group, below kGroups, each group in its old order. Gives where each begins.
  static constexpr std::size_t kGroups = std::size_t{1} << kMaxSortLevels;
  template <typename GroupOf>
  std::array<std::size_t, kGroups + 1> sort(Ids ids, GroupOf group_of) {
    std::array<std::size_t, kGroups + 1> starts{};
    for (const std::uint32_t id : ids) ++starts[group_of(id) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    auto next = starts;
    for (const std::uint32_t id : ids) scratch_[next[group_of(id)]++] = id;
    std::copy_n(scratch_.begin(), ids.size(), ids.begin());
    return starts;
  }

  // The same, where they fit into the cache, and only to the level `stop`: nodes_ has then where
  // they are.
  void descend(std::size_t node, std::size_t level, Ids ids, std::size_t stop) {
    if (level == stop) {
      for (const std::uint32_t id : ids) nodes_[id] = static_cast<std::uint32_t>(node);
      return;
    }
    // Alone, a sample waits for memory more than for products, some of which may be in vain.
    const auto levels =
        static_cast<unsigned>(std::min<std::size_t>(stop - level, ids.size() == 1 ? 3 : 2));
    const std::size_t rows = (std::size_t{1} << levels) - 1;
    const bool last = level + levels == shape_.levels();  // a leaf's decision leads nowhere
    std::array<std::size_t, 8> tile_nodes{};
    for (std::size_t d = 0, r = 0; d < levels; ++d) {
      for (std::size_t i = 0; i < std::size_t{1} << d; ++i)
        tile_nodes[r++] = ((node + 1) << d) - 1 + i;
    }
    std::array<const float*, 8> w{};
    std::array<float, 8> bias{};
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t n = tree_ * shape_.nodes_of_tree() + tile_nodes[r];
      w[r] = layer_.input_row(n);
      bias[r] = layer_.bias_[n];
    }
    for (std::size_t at = 0; at < ids.size(); at += kTileSamples) {
      const std::size_t count = std::min(kTileSamples, ids.size() - at);
      std::array<const float*, 2 * kTileSamples> x{};
      std::array<float, kTileSamples * 7> logits;
      for (std::size_t s = 0; s < count; ++s) {
        x[s] = x_ + ids[at + s] * shape_.inputs;
        x[count + s] = x_ + ids[std::min(at + count + s, ids.size() - 1)] * shape_.inputs;
      }
      kernels_.dots[count - 1][levels - 1](x.data(), w.data(), shape_.inputs, logits.data());
      for (std::size_t s = 0; s < count; ++s) {
        float* kept = &logits_[ids[at + s] * shape_.levels() + level];
        std::size_t r = 0;
        for (unsigned d = 0; d < levels; ++d) {
          kept[d] = logits[s * rows + r] + bias[r];
          r = 2 * r + 1 + (kept[d] > 0);
        }
        nodes_[ids[at + s]] = static_cast<std::uint32_t>((r - rows) >> last);  // a group, for now
      }
    }
    const auto starts = sort(ids, [&](std::uint32_t id) { return nodes_[id]; });
    for (std::size_t g = 0; g <= rows; ++g) {
      const Ids group = ids.subspan(starts[g], starts[g + 1] - starts[g]);
      if (group.empty()) continue;
      const std::size_t next_node = ((node + 1) << (levels - last)) - 1 + g;
      if (last) {
        combine(next_node, group);
      } else {
        descend(next_node, level + levels, group, stop);
      }
    }
  }

  // The results of those that came to the leaf `node`.
  void combine(std::size_t node, Ids ids) {
    const std::size_t levels = shape_.levels();
    const std::size_t leaf = node - ((std::size_t{1} << shape_.depth) - 1);
    std::array<const float*, kMaxDepth + 1> w;
    for (std::size_t level = levels, n = node; level-- > 0; n = (n - 1) / 2) {
      w[level] = layer_.output_row(tree_ * shape_.nodes_of_tree() + n);
    }
    for (std::size_t at = 0; at < ids.size(); at += kTileSamples) {
      const std::size_t count = std::min(kTileSamples, ids.size() - at);
      alignas(64) std::array<float, (kTileSamples * (kMaxDepth + 1) + kRowAlign - 1) / kRowAlign *
                                        kRowAlign>
          values{};
      std::array<float*, kTileSamples> y{};
      for (std::size_t s = 0; s < count; ++s) {
        const std::size_t id = ids[at + s];
        std::copy_n(&logits_[id * levels], levels, &values[s * levels]);
        y[s] = y_ + id * shape_.outputs;
        if (leaves_ != nullptr)
          leaves_[id * shape_.trees + tree_] = static_cast<std::uint32_t>(leaf);
      }
      kernels_.activate(layer_.activation_, values.data(), padded(count * levels));
      kernels_.combine[count - 1](values.data(), w.data(), levels, shape_.outputs, y.data(),
                                  tree_ != 0);
    }
  }

  const FloatLayer& layer_;
  const Shape& shape_;
  const FloatKernels& kernels_;
  const float* x_;
  float* y_;
  std::uint32_t* leaves_;
  std::size_t tree_ = 0;
  std::vector<std::uint32_t> ids_, scratch_, nodes_;
  std::vector<float> logits_;  // [samples, levels]
};

void FloatLayer::Free::operator()(float* p) const { ::operator delete[](p, kAlign); }

FloatLayer::Buffer FloatLayer::make_rows(std::size_t rows, std::size_t stride) {
  Buffer buffer(static_cast<float*>(::operator new[](rows* stride * sizeof(float), kAlign)));
  std::fill_n(buffer.get(), rows * stride, 0.0f);
  return buffer;
}

FloatLayer::FloatLayer(const Shape& shape, Activation activation, std::span<const float> input,
                       std::span<const float> bias, std::span<const float> output,
                       OutputLayout layout, const FloatKernels& kernels)
    : shape_(shape),
      activation_(activation),
      kernels_(&kernels),
      input_stride_(padded(shape.inputs)),
      output_stride_(padded(shape.outputs)) {
  if (shape.inputs == 0 || shape.outputs == 0 || shape.trees == 0)
    throw Error("FFF layer: no inputs, outputs or trees");
  if (shape.depth > kMaxDepth)
    throw Error("FFF layer: depth {} is beyond {}", shape.depth, kMaxDepth);
  const std::size_t nodes = shape.nodes();
  check_size("the input weight", input.size(), nodes * shape.inputs);
  if (!bias.empty()) check_size("the bias", bias.size(), nodes);
  check_size("the output weight", output.size(), nodes * shape.outputs);
  input_ = make_rows(nodes, input_stride_);
  output_ = make_rows(nodes, output_stride_);
  bias_ = make_rows(1, nodes);
  std::copy(bias.begin(), bias.end(), bias_.get());
  const bool by_nodes = layout == OutputLayout::kNodesByOutputs;
  for (std::size_t n = 0; n < nodes; ++n) {
    std::copy_n(&input[n * shape.inputs], shape.inputs, input_.get() + n * input_stride_);
    for (std::size_t j = 0; j < shape.outputs; ++j) {
      output_[n * output_stride_ + j] = output[by_nodes ? n * shape.outputs + j : j * nodes + n];
    }
  }
}

void FloatLayer::forward(std::span<const float> x, std::span<float> y,
                         std::span<std::uint32_t> leaves, unsigned threads) const {
  const std::size_t samples = x.size() / shape_.inputs;
  check_size("x", x.size(), samples * shape_.inputs);
  check_size("y", y.size(), samples * shape_.outputs);
  if (!leaves.empty()) check_size("leaves", leaves.size(), samples * shape_.trees);
  const auto part = [&](std::size_t begin, std::size_t end) {
    FloatWalk(*this, x.data() + begin * shape_.inputs, y.data() + begin * shape_.outputs,
              leaves.empty() ? nullptr : leaves.data() + begin * shape_.trees, end - begin)
        .run();
  };
  const std::size_t parts = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, samples));
  std::vector<std::jthread> others;
  for (std::size_t p = 1; p < parts; ++p)
    others.emplace_back(part, samples * p / parts, samples * (p + 1) / parts);
  part(0, samples / parts);
}

}  // namespace sterna::fff
