// SPDX-License-Identifier: Apache-2.0
// How a single column's plan becomes stages (stage.h): a product's rows belong to a block, and what
// goes on row by row behind it, too. Only what needs a whole vector is computed by every block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/cuda/stage.h"
#include "host/plan/plan.h"
#include "host/plan/schedule.h"

namespace sterna::cuda {

struct Stages {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // A row's word: of a load or constant, or of what an earlier stage published.
  struct Load {
    plan::Value value = plan::kNoValue;
    std::uint8_t slot = 0;
  };
  // An operation of a row or, where there is none, a product's result that is published, or that no
  // operation needs.
  struct Row {
    std::uint32_t operation = kNone;
    plan::Value value = plan::kNoValue;  // that it makes
    std::array<std::uint8_t, 3> in = {RowCode::kNothing, RowCode::kNothing, RowCode::kNothing};
    std::uint8_t out = RowCode::kNothing;
    std::uint8_t level = 0;  // above those of what it needs
  };
  struct Set {
    std::vector<std::uint32_t> products;
    std::vector<Load> loads;
    std::vector<Row> rows;  // level by level
  };
  struct Chain {
    std::uint32_t norm = kNone, quantise = kNone;
  };
  // Operations, and the vectors that they begin with.
  struct Whole {
    plan::Value a = plan::kNoValue, b = plan::kNoValue;
    std::uint32_t lift = kNone, join = kNone, norm = kNone;
    std::vector<Chain> chains;
  };
  struct Stage {
    Whole whole;
    std::vector<Set> sets;
    std::vector<std::uint32_t> tail;  // TOPK and what stores its list; then there are no products
  };
  // What blocks tell each other of a value: where it is, and which cells have its greatest
  // magnitude or its sum of squares.
  struct Published {
    bool is = false;
    std::size_t offset = 0;  // bytes
    std::uint32_t amax = kNone, squares = kNone;
  };

  std::vector<Stage> stages;
  std::vector<Published> published;  // by value
  std::size_t published_bytes = 0;
  std::uint32_t cells = 0;
};

// Of a plan for one column that wants a result. Nothing where the plan is not of that kind: then it
// runs as alone.h has it.
std::optional<Stages> plan_stages(const plan::Plan& plan, std::span<const plan::Phase> phases);

}  // namespace sterna::cuda
