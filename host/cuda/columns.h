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
#include "host/cuda/top.h"
#include "host/cuda/walk.h"
#include "host/plan/elements.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

namespace elements = plan::elements;

// The machine's root is exact for NORM's numbers, of 52 bits (docs/numerics.md), and takes a tenth
// of the time.
struct DoubleRoot {
  STERNA_HOST_DEVICE std::uint32_t operator()(std::uint64_t x) const {
    return static_cast<std::uint32_t>(sqrt(static_cast<double>(x)));
  }
};

// Operations of elements by themselves.
__device__ __forceinline__ bool is_row_wise(plan::Kind kind) {
  return kind == plan::Kind::kElementwise || kind == plan::Kind::kScan ||
         kind == plan::Kind::kLoad || kind == plan::Kind::kStore || kind == plan::Kind::kJoin;
}

// An element from those of its sources, which source(i) gives.
template <typename Source>
__device__ __forceinline__ fix element(const Operation& op, const Tables& tables, Clamped* clamped,
                                       Source source) {
  const int power = numerics::unpack_power(op.imm);
  switch (op.opcode) {
    case Opcode::kAdd:
      return elements::Add{}(clamped, source(0), source(1));
    case Opcode::kSub:
      return elements::Sub{}(clamped, source(0), source(1));
    case Opcode::kMul:
      return elements::Mul{}(clamped, source(0), source(1));
    case Opcode::kDiv:
      return elements::Div{}(clamped, source(0), source(1));
    case Opcode::kExp:
      return elements::Exp{tables.exp2}(clamped, source(0));
    case Opcode::kSig:
      return elements::Sigmoid{0, tables.sigmoid}(clamped, source(0));
    case Opcode::kSilu:
      return elements::Silu{0, tables.sigmoid}(clamped, source(0));
    case Opcode::kSigp:
      return elements::Sigmoid{power, tables.sigmoid}(clamped, source(0));
    case Opcode::kSilup:
      return elements::Silu{power, tables.sigmoid}(clamped, source(0));
    case Opcode::kRelu:
      return elements::Relu{}(clamped, source(0));
    case Opcode::kGelu:
      return elements::Gelu{power, tables.phi}(clamped, source(0));
    default:  // GATE and SCAN: executor.cpp has refused what is not here
      return elements::Gate{}(clamped, source(0), source(1), source(2));
  }
}

__device__ __forceinline__ bool takes_part(const Operation& op, const Column& column) {
  return !op.head || column.result != Column::kNone;
}

// Where columns share memory the last one's is what stays: it has the sequence's state.
__device__ __forceinline__ bool stores(const Step& step, const Operation& op, const Column& column,
                                       std::uint32_t number) {
  if (op.memory.result) return true;
  return op.last_only ? number + 1 == step.column_count : column.last != 0;
}

// Operations of elements by themselves, one after the other: a thread takes an element through all
// of them. What the last one made is still in a register.
template <typename Team>
__device__ __forceinline__ void run_row_wise(const Step& step, const Operation* ops,
                                             std::uint32_t count, const Column& column,
                                             std::uint32_t number) {
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < count; ++i) end = ops[i].end > end ? ops[i].end : end;
  for (std::uint32_t e = Team::rank(); e < end; e += Team::size()) {
    const fix* made_at = nullptr;
    fix made = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Operation& op = ops[i];
      if (e >= op.end || !takes_part(op, column)) continue;
      const auto source = [&](unsigned s) {
        const fix* const at = op.in[s].of(number) + e;
        return at == made_at ? made : *at;
      };
      if (op.kind == plan::Kind::kStore) {
        if (stores(step, op, column, number)) {
          memory_of(op, column)[e] = e < op.length ? source(0) : 0;
        }
        continue;
      }
      fix x = 0;
      if (op.kind == plan::Kind::kJoin) {
        x = e < op.length ? source(0) : source(1);
      } else if (e < op.length) {
        if (op.kind == plan::Kind::kLoad) {
          x = memory_of(op, column)[e];
        } else {
          Clamped clamped;
          x = element(op, *step.tables, &clamped, source);
          note_clamped(op, clamped);
        }
      }
      fix* const out = op.out.of(number) + e;
      *out = x;
      made_at = out;
      made = x;
    }
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

// visit(e, x) for this thread's elements of op's vector, which it may change.
template <typename Team, typename Visit>
__device__ __forceinline__ void for_held(const Operation& op, const fix* a, Held& held,
                                         Visit visit) {
  if (op.length > Held::kMost * Team::size()) {
    held.at = nullptr;
    for (std::uint32_t e = Team::rank(); e < op.length; e += Team::size()) {
      fix x = a[e];
      visit(e, x);
    }
    return;
  }
  const bool here = held.at == a && op.length <= held.length;
  STERNA_UNROLL
  for (std::uint32_t i = 0; i < Held::kMost; ++i) {
    const std::uint32_t e = Team::rank() + i * Team::size();
    if (e >= op.length) break;
    if (!here) held.elements[i] = a[e];
    visit(e, held.elements[i]);
  }
  held.at = a;
  held.length = op.length;
}

// a times a factor, times b.
template <typename Team>
__device__ __forceinline__ void scale(const Operation& op, std::uint32_t column, Held& held,
                                      numerics::Factor factor) {
  const elements::Scale each(factor);
  const fix* const weight = op.in[1].of(column);
  fix* const out = op.out.of(column);
  Clamped clamped;
  for_held<Team>(op, op.in[0].of(column), held, [&](std::uint32_t e, fix& x) {
    x = each(&clamped, x, weight[e]);
    out[e] = x;
  });
  if (held.at != nullptr) held.at = out;
  for (std::uint32_t e = Team::rank(); e < op.end; e += Team::size()) {  // each by its own thread
    if (e >= op.length) out[e] = 0;
  }
  note_clamped(op, clamped);
}

template <typename Team>
__device__ __forceinline__ std::uint32_t largest(const Operation& op, std::uint32_t column,
                                                 Held& held) {
  std::uint32_t most = 1;
  for_held<Team>(op, op.in[0].of(column), held, [&](std::uint32_t, fix& x) {
    const std::uint32_t each = numerics::magnitude(x);
    most = each > most ? each : most;
  });
  return static_cast<std::uint32_t>(Team::max(most));
}

template <typename Team>
__device__ __forceinline__ void norm(const Operation& op, std::uint32_t column, Held& held) {
  std::uint64_t squares = 0;
  for_held<Team>(op, op.in[0].of(column), held,
                 [&](std::uint32_t, fix& x) { squares += numerics::square(x); });
  squares = Team::sum(squares);
  // Behind the sum's barriers: a LIFT just before this has left it.
  const int lift =
      op.before.words == nullptr ? 0 : static_cast<std::int32_t>(*op.before.of(column));
  scale<Team>(op, column, held,
              numerics::norm_factor(squares, op.length, op.imm, lift, DoubleRoot{}));
}

template <typename Team>
__device__ __forceinline__ void lift(const Operation& op, std::uint32_t column, Held& held) {
  const int power = numerics::find_lift(largest<Team>(op, column, held), op.imm);
  if (Team::rank() == 0) *op.left.of(column) = static_cast<std::uint32_t>(power);
  scale<Team>(op, column, held, numerics::lift_factor(power));
}

// Bytes of a warp lie together: it writes them at once, though each lane's alone.
template <typename Team>
__device__ __forceinline__ void quantise(const Operation& op, std::uint32_t column, Held& held) {
  const std::uint32_t amax = largest<Team>(op, column, held);
  if (Team::rank() == 0) *op.left.of(column) = amax;
  const elements::Quantise each(numerics::quant_factor(amax));
  auto* const out = reinterpret_cast<std::int8_t*>(op.out.of(column));
  for_held<Team>(op, op.in[0].of(column), held,
                 [&](std::uint32_t e, const fix& x) { out[e] = each(x); });
  for (std::uint32_t e = op.length + Team::rank(); e < 4 * op.end; e += Team::size()) out[e] = 0;
  Team::sync();
}

__device__ __forceinline__ bool is_rms(plan::Kind kind) {
  return kind == plan::Kind::kNorm || kind == plan::Kind::kLift || kind == plan::Kind::kQuantise;
}

template <typename Team>
__device__ __forceinline__ void run_rms(const Operation* ops, std::uint32_t count,
                                        const Column& column, std::uint32_t number) {
  Held held;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Operation& op = ops[i];
    if (!takes_part(op, column)) continue;
    switch (op.kind) {
      case plan::Kind::kNorm:
        norm<Team>(op, number, held);
        break;
      case plan::Kind::kLift:
        lift<Team>(op, number, held);
        break;
      default:
        quantise<Team>(op, number, held);
    }
  }
}

template <typename Team>
__device__ __forceinline__ void run_columns(const Step& step, const Phase& phase,
                                            const Operation* ops) {
  for (std::uint32_t c = Team::number(); c < step.column_count; c += Team::count()) {
    const Column column = step.columns[c];
    for (std::uint32_t i = 0; i < phase.count;) {
      const auto run_of = [&](auto belongs) {  // how many in a row
        std::uint32_t end = i + 1;
        while (end < phase.count && belongs(ops[end].kind)) ++end;
        return end - i;
      };
      if (is_row_wise(ops[i].kind)) {
        const std::uint32_t count = run_of(is_row_wise);
        run_row_wise<Team>(step, ops + i, count, column, c);
        i += count;
        continue;
      }
      if (is_rms(ops[i].kind)) {
        const std::uint32_t count = run_of(is_rms);
        run_rms<Team>(ops + i, count, column, c);
        i += count;
        continue;
      }
      const Operation& op = ops[i++];
      if (!takes_part(op, column)) continue;
      switch (op.kind) {
        case plan::Kind::kWalk:
          walk<Team>(op, c);
          break;
        case plan::Kind::kSumPath:
          sum_path<Team>(op, c);
          break;
        default:
          top<Team>(op, c);
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
    run_row_wise<BlockTeam>(step, ops, phase.count, step.columns[c], c);
    if (phase.in_turn) __syncthreads();
  }
}

}  // namespace
}  // namespace sterna::cuda
