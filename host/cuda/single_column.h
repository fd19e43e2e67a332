// SPDX-License-Identifier: Apache-2.0
// A pass of a single column that wants a result, as stages (stages.h): where they are on the GPU.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/cuda/gpu.h"
#include "host/cuda/stage.h"
#include "host/cuda/stages.h"

namespace sterna::cuda {

// What an executor has of a plan on a GPU.
struct Placed {
  const plan::Plan& plan;
  const std::vector<fix*>& fixed;  // by value: where it is for good, or null
  const std::map<std::uint32_t, std::shared_ptr<const GpuBytes>>& matrices;  // by operation
  std::uint32_t* clamped;                                                    // by operation
};

class SingleColumn {
 public:
  // Nothing where the plan has no such form, or the GPU's shared memory is too small for it.
  static std::unique_ptr<SingleColumn> make(const Placed& placed,
                                            std::span<const plan::Phase> phases, Gpu& gpu);

  // With `memory_of` a load or store at the addresses that it has now.
  template <typename MemoryOf>
  void write(MemoryOf memory_of) {
    memories_.resize(placed_.plan.operations.size());
    for (std::uint32_t i = 0; i < memories_.size(); ++i) {
      const plan::Kind kind = placed_.plan.operations[i].kind;
      if (kind != plan::Kind::kLoad && kind != plan::Kind::kStore) continue;
      memories_[i] = memory_of(placed_.plan.operations[i]);
    }
    write_stages();
  }

  // But for tables, counters and the column, which are the executor's. Returns how many operations'
  // elements were clamped.
  std::uint32_t run(StagedStep step);

 private:
  SingleColumn(const Placed& placed, Stages stages, Gpu& gpu);

  bool lay_out();
  void write_stages();
  void write_whole(const Stages::Whole& from, Whole& to) const;
  void write_sets(const Stages::Stage& from, Stage& to) const;
  RowOp row_op(const Stages::Row& row) const;
  void write_lists(const Stages::Stage& from, Stage& to) const;
  void write_ahead(std::vector<Stage>& all) const;
  Operation tail_operation(std::uint32_t number) const;
  Source source_of(plan::Value value) const;
  std::uint32_t* clamped(std::uint32_t operation) const {
    return operation == Stages::kNone ? nullptr : placed_.clamped + operation;
  }
  std::uint64_t* cell(std::uint32_t number) const {
    return number == Stages::kNone ? nullptr : cells_.data<std::uint64_t>() + number;
  }
  fix* published(plan::Value value) const {
    const Stages::Published& at = stages_.published[value];
    return at.is ? reinterpret_cast<fix*>(published_.data() + at.offset) : nullptr;
  }
  std::uint32_t groups_of(const Stages::Stage& stage) const;
  std::uint32_t tiles_of_block(const Stages::Stage& stage) const;
  std::uint32_t most_tiles() const;

  const Placed placed_;
  const Stages stages_;
  Gpu& gpu_;
  std::vector<Memory> memories_;  // by operation
  GpuBytes factors_, published_, cells_, lists_, stages_there_, tail_there_;
  StagedStep step_;
  std::uint32_t ring_tiles_ = 0;  // of a block, that have their place in its shared memory
};

}  // namespace sterna::cuda
