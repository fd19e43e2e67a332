// SPDX-License-Identifier: Apache-2.0
#include "host/fff/ternary_walk.h"

#include <algorithm>

namespace sterna::fff {
using namespace numerics;

namespace {

// Rows of outputs that wait in the first cache for their way to memory.
constexpr std::size_t kStagedSamples = 8;
constexpr std::size_t kLineOutputs = kLineBytes / sizeof(fix);

std::size_t filled_up(std::size_t count, std::size_t step) {
  return (count + step - 1) / step * step;
}

}  // namespace

TernaryWalk::TernaryWalk(const TernaryLayer& layer, std::span<const std::int8_t> q,
                         std::span<const std::uint32_t> amax, fix* y, std::uint32_t* leaves,
                         bool stream)
    : layer_(layer),
      shape_(layer.shape_),
      kernels_(*layer.kernels_),
      samples_(amax.size()),
      stride_(layer.input_.stride()),
      values_of_sample_(shape_.trees * shape_.levels()),
      quads_((values_of_sample_ + 3) / 4),
      x_(q.data()),
      amax_(amax),
      y_(y),
      leaves_(leaves),
      stream_(stream),
      totals_(samples_),
      multipliers_(samples_),
      paths_(samples_ * shape_.trees),
      sums_(shape_.trees == 1 ? 0 : samples_ * values_of_sample_),
      most_(std::min(kBatchSamples, samples_)),
      rows_(4 * quads_, layer.output_[shape_.nodes()]),
      staging_stride_(filled_up(shape_.outputs, kLineOutputs)) {
  if (samples_ > 1) scratch_ = AlignedArray<std::uint8_t>(4 * quads_ * kTernaryAlign, 0);
  const std::size_t values = filled_up(most_ * values_of_sample_, kValuesAlign);
  batch_storage_.resize(4 * values + quads_ * most_);
  std::span<std::int32_t> storage(batch_storage_);
  for (auto* part : {&batch_sums_, &node_sums_, &biases_, &values_}) {
    *part = storage.first(values);
    storage = storage.subspan(values);
  }
  quads_of_values_ = storage;
  if (stream && (reinterpret_cast<std::uintptr_t>(y) % kLineBytes != 0 ||
                 shape_.outputs % kLineOutputs != 0)) {
    staging_.emplace(kStagedSamples * staging_stride_, 0);
  }
  if (stride_ == shape_.inputs) return;
  padded_.resize(samples_ * stride_);
  for (std::size_t s = 0; s < samples_; ++s) {
    std::copy_n(&q[s * shape_.inputs], shape_.inputs, &padded_[s * stride_]);
  }
  x_ = padded_.data();
}

void TernaryWalk::run() {
  GroupedWalk(shape_, *this, samples_).run();
  if (shape_.trees > 1) {
    for (std::uint32_t id = 0; id < samples_; ++id) {
      std::copy_n(&sums_[id * values_of_sample_], values_of_sample_,
                  &batch_sums_[batch_ * values_of_sample_]);
      groups_[group_count_++] = {batch_, 1};
      batch_ids_[batch_++] = id;
      if (batch_ == most_) finish_batch();
    }
  }
  finish_batch();
}

// A product with zero trits is the sum of an input, since their bytes are one.
void TernaryWalk::meet(Ids ids) {
  const std::uint8_t* const ones = layer_.input_[shape_.nodes()];
  std::array<const std::int8_t*, 2 * kTileSamples> x{};
  std::array<std::int32_t, kTileSamples> sums{};
  for (std::size_t at = 0; at < ids.size(); at += kTileSamples) {
    const std::size_t count = std::min(kTileSamples, ids.size() - at);
    for (std::size_t s = 0; s < count; ++s) {
      x[s] = x_ + ids[at + s] * stride_;
      x[count + s] = x_ + ids[std::min(at + count + s, ids.size() - 1)] * stride_;
    }
    kernels_.dots[count - 1][0](x.data(), &ones, stride_, sums.data());
    for (std::size_t s = 0; s < count; ++s) {
      totals_[ids[at + s]] = sums[s];
      multipliers_[ids[at + s]] = matmul_multiplier(amax_[ids[at + s]], layer_.input_scale_);
    }
  }
}

void TernaryWalk::sums(const Tile& tile, std::int32_t* sums) const {
  const std::size_t rows = tile.nodes.size(), count = tile.samples.size();
  std::array<const std::uint8_t*, kMaxTileRows> w{};
  std::array<const std::int8_t*, 2 * kTileSamples> x{};
  for (std::size_t r = 0; r < rows; ++r) w[r] = layer_.input_[tile.nodes[r]];
  for (std::size_t s = 0; s < count; ++s) {
    x[s] = x_ + tile.samples[s] * stride_;
    x[count + s] = x_ + tile.next[s] * stride_;
  }
  kernels_.dots[count - 1][tile.levels - 1](x.data(), w.data(), stride_, sums);
}

void TernaryWalk::arrive(std::size_t tree, std::size_t leaf, Ids ids,
                         const GroupedWalk<TernaryWalk>& walk) {
  const std::size_t levels = shape_.levels();
  for (const std::uint32_t id : ids) {
    const std::size_t at = id * shape_.trees + tree;
    paths_[at] = static_cast<std::uint32_t>(leaf);
    if (leaves_ != nullptr) leaves_[at] = paths_[at];
    if (shape_.trees > 1) std::copy_n(walk.logits(id).begin(), levels, &sums_[at * levels]);
  }
  if (shape_.trees > 1) return;
  while (!ids.empty()) {
    const std::size_t count = std::min(most_ - batch_, ids.size());
    groups_[group_count_++] = {batch_, count};
    for (const std::uint32_t id : ids.first(count)) {
      std::copy_n(walk.logits(id).begin(), levels, &batch_sums_[batch_ * levels]);
      batch_ids_[batch_++] = id;
    }
    ids = ids.subspan(count);
    if (batch_ == most_) finish_batch();
  }
}

// f(i, node) of the nodes on the group's paths, tree after tree.
template <typename F>
void TernaryWalk::for_path(const Group& group, F&& f) const {
  const std::uint32_t* const path = &paths_[batch_ids_[group.begin] * shape_.trees];
  std::size_t i = 0;
  for (std::size_t tree = 0; tree < shape_.trees; ++tree) {
    // Counted from 1 on, a node's number begins with that of any node above it.
    const std::size_t leaf = path[tree] + (std::size_t{1} << shape_.depth);
    for (std::size_t above = shape_.levels(); above-- > 0;) {
      f(i++, tree * shape_.nodes_of_tree() + (leaf >> above) - 1);
    }
  }
}

void TernaryWalk::finish_batch() {
  if (batch_ == 0) return;
  const std::span<const Group> groups = std::span(groups_).first(group_count_);
  for (const Group& group : groups) {
    for_path(group, [&](std::size_t i, std::size_t node) {
      std::fill_n(&biases_[i * batch_ + group.begin], group.count, layer_.bias_[node]);
    });
  }
  for (std::size_t s = 0; s < batch_; ++s) {
    for (std::size_t i = 0; i < values_of_sample_; ++i) {
      node_sums_[i * batch_ + s] = batch_sums_[s * values_of_sample_ + i];
    }
    batch_multipliers_[s] = multipliers_[batch_ids_[s]];
  }
  kernels_.activate(
      layer_.activation_, layer_.power_,
      {node_sums_.data(), biases_.data(), batch_multipliers_.data(), values_of_sample_, batch_},
      values_.data());
  std::array<std::uint32_t, kBatchSamples> amax;
  kernels_.quantise(
      values_.data(), values_of_sample_, batch_,
      {quads_of_values_.data(), totals_of_values_.data(), bounds_.data(), amax.data()});
  for (std::size_t s = 0; s < batch_; ++s) {
    batch_multipliers_[s] = matmul_multiplier(amax[s], layer_.output_scale_);
  }
  for (const Group& group : groups) combine(group);
  group_count_ = 0;
  batch_ = 0;
}

void TernaryWalk::combine(const Group& group) {
  for_path(group, [&](std::size_t i, std::size_t node) { rows_[i] = layer_.output_[node]; });
  bool scaled = true;  // do results need no more than 32 bits?
  for (std::size_t s = group.begin; s < group.begin + group.count; ++s) {
    scaled &= fits_narrow(bounds_[s], batch_multipliers_[s]);
  }
  const bool staged = staging_ && scaled;
  std::array<fix*, kBatchSamples> y;
  const std::size_t most = staged ? kStagedSamples : most_;
  for (std::size_t done = 0; done < group.count; done += most) {
    const std::size_t first = group.begin + done, count = std::min(most, group.count - done);
    for (std::size_t s = 0; s < count; ++s) {
      y[s] = staged ? staging_->get() + s * staging_stride_
                    : y_ + batch_ids_[first + s] * shape_.outputs;
    }
    kernels_.combine({rows_.data(), quads_, &quads_of_values_[first], batch_,
                      &totals_of_values_[first], &batch_multipliers_[first], y.data(), count,
                      scaled, stream_ && scaled && !staged, scratch_.get()},
                     shape_.outputs);
    for (std::size_t s = 0; s < count; ++s) {
      if (staged) {
        kernels_.copy_out(y_ + batch_ids_[first + s] * shape_.outputs, y[s], shape_.outputs);
      } else if (!scaled) {
        for (std::size_t j = 0; j < shape_.outputs; ++j) {
          y[s][j] = matmul_output(y[s][j], batch_multipliers_[first + s]);
        }
      }
    }
  }
}

}  // namespace sterna::fff
