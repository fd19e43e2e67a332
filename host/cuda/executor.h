// SPDX-License-Identifier: Apache-2.0
// A plan executed by a GPU: any number of columns a pass. Values stay in the GPU's memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "host/cuda/alone.h"
#include "host/cuda/gpu.h"
#include "host/cuda/single_column.h"
#include "host/plan/buffers.h"
#include "host/plan/pass.h"
#include "host/plan/plan.h"
#include "host/plan/schedule.h"

namespace sterna::cuda {

// The GPU's memory behind a plan's segments: segment s begins at bases[s], or is null where it has
// no lines.
using Bases = std::array<std::byte*, kSegments>;

// A layer's trees in the kernels' form (trees.h): FFFIN's nodes, or FFFOUT's records.
struct TreeBytes {
  GpuBytes digits, biases;
  std::uint32_t pieces = 0;  // of each: Digits
};

// Matrices and trees in the kernels' form. Plans of one model share them.
class Matrices {
 public:
  // From the host's memory that the channels' segments begin with; operations name the segment of
  // channel 0.
  Matrices(std::vector<const std::byte*> channels, Gpu& gpu)
      : channels_(std::move(channels)), gpu_(gpu) {}

  // That of a product, made when it is asked for first.
  std::shared_ptr<const GpuBytes> get(const plan::Operation& product);
  // Those of an FFFIN or FFFOUT, likewise.
  std::shared_ptr<const TreeBytes> trees(const plan::Operation& op);

 private:
  // What each channel holds of the operation's lines, in the GPU's memory; `to` are their places.
  std::vector<GpuBytes> upload(const plan::Operation& op, std::span<const std::uint8_t*> to) const;

  using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // first line, rows, columns
  // Kind, first line, trees, depth, columns or outputs.
  using TreeKey =
      std::tuple<plan::Kind, std::uint64_t, std::uint32_t, std::uint32_t, std::uint32_t>;
  std::vector<const std::byte*> channels_;
  Gpu& gpu_;
  std::map<Key, std::shared_ptr<const GpuBytes>> matrices_;
  std::map<TreeKey, std::shared_ptr<const TreeBytes>> trees_;
};

class Executor {
 public:
  // The GPU must outlive it. Matrices and trees, which the program does not store to, are read
  // here. Throws Error for an operation that kernels do not know.
  Executor(plan::Plan plan, const Bases& bases, Matrices& matrices, Gpu& gpu);

  void run(std::span<const plan::PassColumn> columns);

  // Result segments have other memory now.
  void move(const Bases& bases);

  const plan::Plan& plan() const { return plan_; }
  // Operations of the last run of which an element, of any column, was clamped.
  std::uint64_t saturated() const { return saturated_; }
  // What a column's value is after a run; later values may have taken its place unless the plan is
  // one whose registers are wanted.
  std::vector<std::int32_t> words(plan::Value value, std::size_t column) const;

 private:
  // The phases of a pass, and their operations one after the other.
  struct Sequence {
    std::vector<Phase> phases;
    std::vector<std::uint32_t> operations;  // of the plan
    GpuBytes phases_there, ahead_there, operations_there;
    bool alone = false;  // of a single column: alone.h
  };

  void fix_values(Matrices& matrices);
  std::vector<plan::Phase> work(bool columns_apart) const;
  Sequence make_sequence(std::span<const plan::Phase> phases, bool alone) const;
  void find_blocks();
  void add_phase(Sequence& to, plan::PhaseKind kind,
                 std::span<const std::uint32_t> operations) const;
  bool is_private(const plan::Operation& store) const;
  bool clashes(const plan::Operation& a, const plan::Operation& b) const;
  bool is_work(const plan::Operation& op) const;
  std::vector<Ahead> ahead_of(const Sequence& sequence) const;
  void make_room(std::size_t columns);
  void write_operations();
  Operation placed(std::uint32_t number, bool alone) const;
  Memory memory_of(const plan::Operation& op) const;
  Place<fix> place(plan::Value value, bool alone) const;
  Place<std::uint32_t> beside(plan::Value value, bool alone) const;
  template <typename Word>
  Place<Word> placed_alone(const Alone::Room& room) const;
  void run_staged(const plan::PassColumn& column);
  void upload_columns(std::span<const plan::PassColumn> columns, Step& step);

  const plan::Plan plan_;
  const std::vector<plan::Phase> phases_;
  Bases bases_;
  Gpu& gpu_;

  // By value.
  std::vector<fix*> fixed_;  // where it is for all columns; null: in the arena
  std::vector<std::size_t> buffer_, beside_first_, beside_words_;
  std::vector<std::size_t> buffer_words_;  // by buffer
  std::size_t beside_all_ = 0;

  std::map<std::uint32_t, std::shared_ptr<const GpuBytes>> matrices_;  // by operation
  std::map<std::uint32_t, std::size_t> trees_;                         // number in trees_there_
  std::vector<std::shared_ptr<const TreeBytes>> tree_bytes_;           // by that
  std::vector<GpuBytes> constants_;
  GpuBytes tables_, trees_there_, clamped_, saturated_there_;
  // Of columns that follow each other; of those that are of different sequences; of a single one.
  Sequence in_order_, apart_, single_;
  Alone alone_;
  struct Blocks {
    std::uint32_t first = 0, count = 0;
  };
  std::vector<Blocks> blocks_of_;  // by operation, of a single column
  GpuBytes exchanged_, of_blocks_;
  std::unique_ptr<SingleColumn> staged_;  // null: alone_ takes single columns, or apart_

  std::size_t room_ = 0;                   // columns that there is memory for
  std::vector<std::size_t> buffer_first_;  // words
  GpuBytes arena_, beside_, columns_;
  std::uint64_t saturated_ = 0;
};

}  // namespace sterna::cuda
