// SPDX-License-Identifier: Apache-2.0
// A plan executed by kernels: any number of columns a pass, in several threads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "host/cpu/aligned_bytes.h"
#include "host/cpu/kernels.h"
#include "host/cpu/team.h"
#include "host/cpu/tile_matrix.h"
#include "host/plan/pass.h"
#include "host/plan/plan.h"
#include "host/plan/schedule.h"
#include "host/ranks/ranks.h"

namespace sterna::cpu {

// The memory behind a plan's segments: segment s begins at bases[s], or is null where it has no
// lines.
using Bases = std::array<std::byte*, kSegments>;

// Matrices in the kernels' form. Plans of one model share them.
class Matrices {
 public:
  // From the memory that the channels' segments begin with; products name the segment of channel 0.
  Matrices(std::vector<const std::byte*> channels, Team& team, Share share = {})
      : channels_(std::move(channels)), team_(team), share_(share) {}

  // That of a product, made when it is asked for first.
  std::shared_ptr<const TileMatrix> get(const plan::Operation& product);

 private:
  using Key = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // first line, rows, columns
  std::vector<const std::byte*> channels_;
  Team& team_;
  const Share share_;
  std::map<Key, std::shared_ptr<const TileMatrix>> matrices_;
};

class Executor {
 public:
  // All must outlive it. Matrices, which the program does not store to, are read here. With ranks
  // the matrices are shares of each, and every rank runs the same columns.
  Executor(plan::Plan plan, const Bases& bases, Matrices& matrices, const Kernels& kernels,
           Team& team, ranks::Ranks* ranks = nullptr);

  void run(std::span<const plan::PassColumn> columns);

  // Result segments have other memory now.
  void move(const Bases& bases) { bases_ = bases; }

  const plan::Plan& plan() const { return plan_; }
  // Operations of the last run of which an element, of any column, was clamped.
  std::uint64_t saturated() const;
  // What a column's value is after a run; later values may have taken its place unless the plan is
  // one whose registers are wanted.
  std::span<const std::int32_t> words(plan::Value value, std::size_t column) const;

 private:
  using fix = numerics::fix;

  // Where a value is: in column c at words + c * stride.
  struct Place {
    fix* words = nullptr;
    std::size_t stride = 0;
  };
  // A product's matrix, and what its columns take; a column that is left out has no entry.
  struct Product {
    const plan::Operation* operation = nullptr;
    std::shared_ptr<const TileMatrix> matrix;
    std::vector<ProductColumn> columns;
  };

  void make_room(std::size_t columns);
  bool takes_part(const plan::Operation& op, std::size_t column) const {
    return !op.head || columns_[column].result != plan::PassColumn::kNone;
  }
  fix* at(plan::Value value, std::size_t column) const {
    return places_[value].words + column * places_[value].stride;
  }
  // What an operation leaves beside its vector.
  std::uint32_t* beside(plan::Value value, std::size_t column) {
    return &beside_[beside_first_[value] * room_ + column * beside_words_[value]];
  }
  std::uint32_t multiplier_of(const plan::Operation& op, std::size_t column);
  void note_clamped(const plan::Operation& op);
  bool has_clamped(const plan::Operation& op) const;
  std::byte* memory(const plan::Operation& op, std::size_t column) const;

  template <typename Part>
  void in_pieces(std::size_t all, Part part, std::size_t a_thread = 4);
  void run_columns(const plan::Phase& phase);
  void run_scans(const plan::Phase& phase);
  void run_products(const plan::Phase& phase);
  void run_tiles(std::size_t begin, std::size_t end);
  void exchange();
  template <typename Copy>
  void for_rows_of(unsigned rank, Copy copy);
  void run_stores(const plan::Phase& phase);

  void execute(const plan::Operation& op, std::size_t column);
  void load(const plan::Operation& op, std::size_t column);
  void store(const plan::Operation& op, std::size_t column);
  void elementwise(const plan::Operation& op, std::size_t column);
  void norm(const plan::Operation& op, std::size_t column);
  void lift(const plan::Operation& op, std::size_t column);
  void quantise(const plan::Operation& op, std::size_t column);
  void walk(const plan::Operation& op, std::size_t column);
  void sum_path(const plan::Operation& op, std::size_t column);
  void top(const plan::Operation& op, std::size_t column);
  void join(const plan::Operation& op, std::size_t column);
  void finish(const plan::Operation& op, std::size_t column, std::size_t elements);
  const std::uint8_t* lines(const plan::Operation& op, std::uint64_t channel,
                            std::uint64_t line) const;

  const plan::Plan plan_;
  const std::vector<plan::Phase> phases_;
  Bases bases_;
  const Kernels& kernels_;
  Team& team_;
  ranks::Ranks* const ranks_;  // null: alone
  std::vector<std::int32_t> exchanged_;

  // By value.
  std::vector<Place> places_;
  std::vector<std::size_t> buffer_;  // its number; kNoBuffer: of fixed place
  std::vector<std::size_t> beside_first_, beside_words_;
  std::vector<std::size_t> buffer_words_;  // by buffer
  std::size_t beside_all_ = 0;

  std::map<std::uint32_t, Product> products_;  // by operation
  std::vector<Product*> running_;              // those of a phase
  std::vector<AlignedBytes> constants_;
  AlignedBytes arena_;
  std::size_t room_ = 0;  // columns that there is memory for
  std::vector<std::uint32_t> beside_;
  std::vector<std::atomic<bool>> clamped_;  // by operation
  std::atomic<bool> any_clamped_{false};
  std::span<const plan::PassColumn> columns_;
};

}  // namespace sterna::cpu
