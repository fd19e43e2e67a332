// SPDX-License-Identifier: Apache-2.0
// A call of TernaryLayer::forward in one thread: what GroupedWalk walks, and what becomes of the
// samples at their leaves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/fff/aligned_array.h"
#include "host/fff/grouped_walk.h"
#include "host/fff/layer_parts.h"
#include "host/fff/ternary_layer.h"

namespace sterna::fff {

class TernaryWalk {
 public:
  using Sum = std::int32_t;
  using Logit = std::int32_t;  // the product's sum: few need the logit itself, and those together

  // stream: y is more than the caches hold.
  TernaryWalk(const TernaryLayer& layer, std::span<const std::int8_t> q,
              std::span<const std::uint32_t> amax, numerics::fix* y, std::uint32_t* leaves,
              bool stream);

  void run();

  // For GroupedWalk.
  std::size_t sample_bytes() const { return stride_; }
  void meet(Ids ids);
  void sums(const Tile& tile, std::int32_t* sums) const;
  std::int32_t logit(std::uint32_t sample, std::size_t /*node*/, std::int32_t sum) const {
    return sum - totals_[sample];
  }
  bool right(std::uint32_t sample, std::size_t node, std::int32_t sum) const {
    return std::int64_t{sum} * multipliers_[sample] > layer_.thresholds_[node];
  }
  void prefetch(std::size_t node) const { prefetch_lines(layer_.input_[node], stride_); }
  void arrive(std::size_t tree, std::size_t leaf, Ids ids, const GroupedWalk<TernaryWalk>& walk);

 private:
  // Samples of a batch, side by side, that have the same paths.
  struct Group {
    std::size_t begin, count;
  };

  void finish_batch();
  void combine(const Group& group);
  template <typename F>
  void for_path(const Group& group, F&& f) const;

  const TernaryLayer& layer_;
  const Shape& shape_;
  const TernaryKernels& kernels_;
  std::size_t samples_, stride_;
  std::size_t values_of_sample_, quads_;  // and the quads that these fill
  const std::int8_t* x_;                  // rows of stride_
  std::span<const std::uint32_t> amax_;
  numerics::fix* y_;
  std::uint32_t* leaves_;
  bool stream_;  // past the caches
  std::vector<std::int8_t> padded_;
  std::vector<std::int32_t> totals_;        // of each input
  std::vector<std::uint32_t> multipliers_;  // of each input's logits
  std::vector<std::uint32_t> paths_;        // [samples, trees]: leaves
  std::vector<std::int32_t> sums_;          // [samples, values_of_sample_]; of one tree unused

  // The batch: samples that have come to their leaves.
  std::array<Group, kBatchSamples> groups_;
  std::size_t group_count_ = 0;
  std::size_t batch_ = 0;
  std::size_t most_;  // that it may have
  std::array<std::uint32_t, kBatchSamples> batch_ids_;
  std::vector<std::int32_t> batch_storage_;
  std::span<std::int32_t> batch_sums_;  // [most_, values_of_sample_]
  // Of the values, [values_of_sample_, batch_].
  std::span<std::int32_t> node_sums_;
  std::span<numerics::fix> biases_, values_;
  std::span<std::int32_t> quads_of_values_;  // [quads_, batch_]
  std::array<std::int32_t, kBatchSamples> totals_of_values_;
  std::array<std::uint32_t, kBatchSamples> bounds_, batch_multipliers_;

  std::vector<const std::uint8_t*> rows_;  // PathSamples::rows
  AlignedArray<std::uint8_t> scratch_;     // and its scratch
  std::size_t staging_stride_;
  std::optional<AlignedArray<std::int32_t>> staging_;  // [kStagedSamples, staging_stride_]
};

}  // namespace sterna::fff
