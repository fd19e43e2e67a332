// SPDX-License-Identifier: Apache-2.0
// Phases of everything but products: a team a column, operation after operation; and the recurrence
// of columns that follow each other, a thread an element. A team is a block or, of many columns, a
// warp (block.h).
//
// Element e of every vector is the same thread's in all operations that work element by element,
// NORM and LIFT included, so that these need no barrier between them. QUANT, FFFIN, FFFOUT and TOPK
// write what other threads read: a barrier is behind each, and before what they read themselves.
#pragma once

#include "host/cuda/block.h"
#include "host/cuda/doubles.h"
#include "host/cuda/top.h"
#include "host/cuda/walk.h"
#include "host/plan/elements.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

namespace elements = plan::elements;

// Operations of elements by themselves.
__device__ __forceinline__ bool is_row_wise(plan::Kind kind) {
  return kind == plan::Kind::kElementwise || kind == plan::Kind::kScan ||
         kind == plan::Kind::kLoad || kind == plan::Kind::kStore || kind == plan::Kind::kJoin;
}

__device__ __forceinline__ bool takes_part(const Operation& op, const Column& column) {
  return !op.head || column.result != Column::kNone;
}

// Where columns share memory the last one's is what stays: it has the sequence's state. Where every
// block computes the same column, one stores.
__device__ __forceinline__ bool stores(const Step& step, const Operation& op, const Column& column,
                                       std::uint32_t number) {
  if (step.alone && blockIdx.x != 0) return false;
  if (op.memory.result) return true;
  return op.last_only ? number + 1 == step.column_count : column.last != 0;
}

// to[e] = compute(x of each source) of a vector's elements, zeros behind it. A thread asks for
// kEach elements before it needs the first one.
template <typename Team, unsigned kSources, unsigned kEach = Team::kIsWarp ? 4 : 2,
          typename Compute>
__device__ __forceinline__ void for_elements(const Operation& op,
                                             const fix* const (&from)[kSources], fix* to,
                                             Compute compute) {
  Clamped clamped;
  for (std::uint32_t first = Team::rank(); first < op.end; first += kEach * Team::size()) {
    fix x[kSources][kEach] = {};
    STERNA_UNROLL
    for (unsigned i = 0; i < kEach; ++i) {
      const std::uint32_t e = first + i * Team::size();
      if (e >= op.length) continue;
      STERNA_UNROLL
      for (unsigned s = 0; s < kSources; ++s) x[s][i] = from[s][e];
    }
    STERNA_UNROLL
    for (unsigned i = 0; i < kEach; ++i) {
      const std::uint32_t e = first + i * Team::size();
      if (e >= op.end) continue;
      fix y = 0;
      if (e < op.length) {
        if constexpr (kSources == 1) {
          y = compute(&clamped, x[0][i]);
        } else if constexpr (kSources == 2) {
          y = compute(&clamped, x[0][i], x[1][i]);
        } else {
          y = compute(&clamped, x[0][i], x[1][i], x[2][i]);
        }
      }
      to[e] = y;
    }
  }
  note_clamped(op, clamped);
}

struct Same {
  STERNA_HOST_DEVICE fix operator()(Clamped*, fix x) const { return x; }
};

template <typename Team>
__device__ __forceinline__ void compute_elements(const Operation& op, std::uint32_t number) {
  const fix* const one[] = {op.in[0].of(number)};
  const fix* const two[] = {one[0], op.in[1].of(number)};
  fix* const out = op.out.of(number);
  const Tables& tables = shared().tables;
  const bool plain = op.opcode == Opcode::kSig || op.opcode == Opcode::kSilu;
  const int power = plain ? 0 : numerics::unpack_power(op.imm);
  switch (op.opcode) {
    case Opcode::kAdd:
      return for_elements<Team>(op, two, out, elements::Add{});
    case Opcode::kSub:
      return for_elements<Team>(op, two, out, elements::Sub{});
    case Opcode::kMul:
      return for_elements<Team>(op, two, out, elements::Mul{});
    case Opcode::kDiv:
      return for_elements<Team, 2, 1>(op, two, out, elements::Div{});
    case Opcode::kExp:
      return for_elements<Team, 1, 1>(op, one, out, elements::Exp{tables.exp2});
    case Opcode::kSig:
    case Opcode::kSigp:
      return for_elements<Team>(op, one, out, elements::Sigmoid{power, tables.sigmoid});
    case Opcode::kSilu:
    case Opcode::kSilup:
      return for_elements<Team>(op, one, out, elements::Silu{power, tables.sigmoid});
    case Opcode::kRelu:
      return for_elements<Team>(op, one, out, elements::Relu{});
    case Opcode::kGelu:
      return for_elements<Team>(op, one, out, elements::Gelu{power, tables.phi});
    default: {  // GATE and SCAN: executor.cpp has refused what is not here
      const fix* const three[] = {two[0], two[1], op.in[2].of(number)};
      return for_elements<Team>(op, three, out, elements::Gate{});
    }
  }
}

template <typename Team>
__device__ __forceinline__ void store(const Step& step, const Operation& op, const Column& column,
                                      std::uint32_t number) {
  if (!takes_part(op, column) || !stores(step, op, column, number)) return;
  const fix* const from[] = {op.in[0].of(number)};
  for_elements<Team>(op, from, memory_of(op, column), Same{});
}

template <typename Team>
__device__ __forceinline__ void run_row_wise(const Step& step, const Operation& op,
                                             const Column& column, std::uint32_t number) {
  if (op.kind == plan::Kind::kStore) return store<Team>(step, op, column, number);
  if (!takes_part(op, column)) return;
  fix* const out = op.out.of(number);
  switch (op.kind) {
    case plan::Kind::kLoad: {
      const fix* const from[] = {memory_of(op, column)};
      return for_elements<Team>(op, from, out, Same{});
    }
    case plan::Kind::kJoin:
      for (std::uint32_t e = Team::rank(); e < op.end; e += Team::size()) {
        out[e] = op.in[e < op.length ? 0 : 1].of(number)[e];
      }
      return;
    default:
      compute_elements<Team>(op, number);
  }
}

// NORM, LIFT and QUANT follow each other on the same vector: as far as they do, its elements stay
// in registers, the same ones for the same thread, and memory is only written.
struct Held {
  static constexpr std::uint32_t kMost = 5;  // of a thread: 2560 of 512
  const fix* at = nullptr;                   // the vector that they are of,
  std::uint32_t length = 0;                  // and how many of it
  fix elements[kMost];
};

// visit(e, x, i) for this thread's elements of op's vector, which it may change; i counts those
// that are held, and is kMost for others.
template <typename Team, typename Visit>
__device__ __forceinline__ void for_held(const Operation& op, const fix* a, Held& held,
                                         Visit visit) {
  if (op.length > Held::kMost * Team::size()) {
    held.at = nullptr;
    constexpr unsigned kEach = 4;  // that are asked for before the first one is needed
    for (std::uint32_t first = Team::rank(); first < op.length; first += kEach * Team::size()) {
      fix x[kEach] = {};
      STERNA_UNROLL
      for (unsigned i = 0; i < kEach; ++i) {
        const std::uint32_t e = first + i * Team::size();
        if (e < op.length) x[i] = a[e];
      }
      STERNA_UNROLL
      for (unsigned i = 0; i < kEach; ++i) {
        const std::uint32_t e = first + i * Team::size();
        if (e < op.length) visit(e, x[i], Held::kMost);
      }
    }
    return;
  }
  const bool here = held.at == a && op.length <= held.length;
  STERNA_UNROLL
  for (std::uint32_t i = 0; i < Held::kMost; ++i) {
    const std::uint32_t e = Team::rank() + i * Team::size();
    if (e >= op.length) break;
    if (!here) held.elements[i] = a[e];
    visit(e, held.elements[i], i);
  }
  held.at = a;
  held.length = op.length;
}

// The weights of those elements: asked for before a sum that takes as long.
struct Weights {
  fix held[Held::kMost] = {};

  template <typename Team>
  __device__ __forceinline__ void ask(const Operation& op, const fix* weight) {
    if (op.length > Held::kMost * Team::size()) return;
    STERNA_UNROLL
    for (std::uint32_t i = 0; i < Held::kMost; ++i) {
      const std::uint32_t e = Team::rank() + i * Team::size();
      if (e < op.length) held[i] = weight[e];
    }
  }
};

// a times a factor, times the weights.
template <typename Team>
__device__ __forceinline__ void scale(const Operation& op, std::uint32_t column, Held& held,
                                      const Weights& weights, numerics::Factor factor) {
  const elements::Scale each(factor);
  const fix* const weight = op.in[1].of(column);
  fix* const out = op.out.of(column);
  Clamped clamped;
  for_held<Team>(op, op.in[0].of(column), held, [&](std::uint32_t e, fix& x, std::uint32_t i) {
    x = each(&clamped, x, i < Held::kMost ? weights.held[i] : weight[e]);
    out[e] = x;
  });
  if (held.at != nullptr) held.at = out;
  // Zeros behind them, each by its own thread: there are less than a line of them.
  const std::uint32_t own = op.length + ((Team::rank() - op.length) & (Team::size() - 1));
  for (std::uint32_t e = own; e < op.end; e += Team::size()) out[e] = 0;
  note_clamped(op, clamped);
}

template <typename Team>
__device__ __forceinline__ std::uint32_t largest(Team& team, const Operation& op,
                                                 std::uint32_t column, Held& held) {
  std::uint32_t most = 1;
  for_held<Team>(op, op.in[0].of(column), held, [&](std::uint32_t, fix& x, std::uint32_t) {
    const std::uint32_t each = numerics::magnitude(x);
    most = each > most ? each : most;
  });
  return team.max(most);
}

template <typename Team>
__device__ __forceinline__ void norm(Team& team, const Operation& op, std::uint32_t column,
                                     Held& held) {
  Weights weights;
  weights.ask<Team>(op, op.in[1].of(column));
  std::uint64_t squares = 0;
  for_held<Team>(op, op.in[0].of(column), held,
                 [&](std::uint32_t, fix& x, std::uint32_t) { squares += numerics::square(x); });
  squares = team.sum(squares);
  // Behind the sum's barrier: a LIFT just before this has left it.
  const int lift =
      op.before.words == nullptr ? 0 : static_cast<std::int32_t>(*op.before.of(column));
  scale<Team>(
      op, column, held, weights,
      numerics::norm_factor(squares, op.length, op.imm, lift, DoubleRoot{}, DoubleQuotient{}));
}

template <typename Team>
__device__ __forceinline__ void lift(Team& team, const Operation& op, std::uint32_t column,
                                     Held& held) {
  Weights weights;
  weights.ask<Team>(op, op.in[1].of(column));
  const int power = numerics::find_lift(largest(team, op, column, held), op.imm);
  if (Team::rank() == 0) *op.left.of(column) = static_cast<std::uint32_t>(power);
  scale<Team>(op, column, held, weights, numerics::lift_factor(power));
}

// Bytes of a warp lie together: it writes them at once, though each lane's alone.
template <typename Team>
__device__ __forceinline__ void quantise(Team& team, const Operation& op, std::uint32_t column,
                                         Held& held) {
  const std::uint32_t amax = largest(team, op, column, held);
  if (Team::rank() == 0) *op.left.of(column) = amax;
  const elements::Quantise each(numerics::quant_factor(amax, DoubleQuotient{}));
  auto* const out = reinterpret_cast<std::int8_t*>(op.out.of(column));
  for_held<Team>(op, op.in[0].of(column), held,
                 [&](std::uint32_t e, const fix& x, std::uint32_t) { out[e] = each(x); });
  for (std::uint32_t e = op.length + Team::rank(); e < 4 * op.end; e += Team::size()) out[e] = 0;
  Team::sync();
}

// Does this block need what the operation makes of a single column?
__device__ __forceinline__ bool is_needed(const Operation& op) {
  const std::uint32_t behind = blockIdx.x - op.first_block;
  return (blockIdx.x >= op.first_block ? behind : behind + gridDim.x) < op.blocks;
}

template <typename Team>
__device__ __forceinline__ void run_columns(const Step& step, const Phase& phase,
                                            const Operation* ops) {
  Team team;
  for (std::uint32_t c = step.alone ? 0 : Team::number(); c < step.column_count;
       c += Team::count()) {
    const Column column = c == 0 ? step.column : step.columns[c];
    Held held;
    for (std::uint32_t i = 0; i < phase.count; ++i) {
      const Operation& op = ops[i];
      if (step.alone && !is_needed(op)) continue;
      if (is_row_wise(op.kind)) {
        run_row_wise<Team>(step, op, column, c);
        held.at = nullptr;
        continue;
      }
      if (!takes_part(op, column)) continue;
      switch (op.kind) {
        case plan::Kind::kNorm:
          norm(team, op, c, held);
          break;
        case plan::Kind::kLift:
          lift(team, op, c, held);
          break;
        case plan::Kind::kQuantise:
          quantise(team, op, c, held);
          break;
        case plan::Kind::kWalk:
          walk<Team>(op, c);
          held.at = nullptr;
          break;
        case plan::Kind::kSumPath:
          sum_path<Team>(op, c);
          held.at = nullptr;
          break;
        default:
          top(team, op, c);
          held.at = nullptr;  // its list may be where that vector was
      }
    }
  }
}

// The recurrence of sequences with several columns: an element's states follow each other, each
// saturated, in one thread; sequences and elements are side by side.
__device__ __forceinline__ void run_scans(const Step& step, const Phase& phase,
                                          const Operation* ops) {
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < phase.count; ++i) end = ops[i].end > end ? ops[i].end : end;
  const std::uint64_t threads = std::uint64_t{gridDim.x} * blockDim.x;
  const std::uint64_t items = std::uint64_t{step.column_count} * end;
  for (std::uint64_t item = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; item < items;
       item += threads) {
    const auto head = static_cast<std::uint32_t>(item / end);
    const auto e = static_cast<std::uint32_t>(item % end);
    if (step.columns[head].previous != Column::kNone) continue;
    for (std::uint32_t i = 0; i < phase.count; ++i) {
      const Operation& op = ops[i];
      if (e >= op.end) continue;
      Clamped clamped;
      fix state = e < op.length ? op.in[1].of(head)[e] : 0;
      for (std::uint32_t c = head; c != Column::kNone; c = step.columns[c].next) {
        if (!takes_part(op, step.columns[c])) continue;
        if (e < op.length) {
          state = elements::Gate{}(&clamped, op.in[0].of(c)[e], state, op.in[2].of(c)[e]);
        }
        op.out.of(c)[e] = state;
      }
      note_clamped(op, clamped);
    }
  }
}

// Stores that are a phase of their own.
__device__ __forceinline__ void run_stores(const Step& step, const Phase& phase,
                                           const Operation* ops) {
  if (phase.in_turn && blockIdx.x != 0) return;
  for (std::uint32_t c = blockIdx.x; c < step.column_count; c += phase.in_turn ? 1 : gridDim.x) {
    for (std::uint32_t i = 0; i < phase.count; ++i) {
      store<BlockTeam>(step, ops[i], step.columns[c], c);
    }
    if (phase.in_turn) __syncthreads();
  }
}

}  // namespace
}  // namespace sterna::cuda
