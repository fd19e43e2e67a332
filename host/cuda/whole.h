// SPDX-License-Identifier: Apache-2.0
// A stage's beginning: from the vectors that owners of rows have published to the bytes that its
// products take, by every block that has products. A thread has the same elements, four by four,
// from one end to the other, in registers.
#pragma once

#include "host/cuda/block.h"
#include "host/cuda/factors.h"
#include "host/cuda/stage.h"
#include "host/cuda/tiles.h"
#include "host/plan/elements.h"

namespace sterna::cuda {
namespace {  // as in kernels.h

namespace elements = plan::elements;

__device__ __forceinline__ void find_column(Source& source, const Column& column) {
  source.from += source.copy_bytes * (source.result ? column.result : column.copy) +
                 std::uint64_t{source.row_bytes} * column.token;
}
__device__ __forceinline__ const fix* words_of(const Source& source) {
  return reinterpret_cast<const fix*>(source.from);
}

struct alignas(16) Quad {
  fix words[4] = {};
};

// x times a factor, rounded: where that fits into 32 bits, as it does for NORM, LIFT and QUANT with
// the factor of x's own vector (docs/numerics.md).
struct Factored {
  std::int32_t mantissa;
  std::uint32_t shift;  // 2 at least
  std::int64_t half;
  __device__ explicit Factored(numerics::Factor factor)
      : mantissa(static_cast<std::int32_t>(factor.mantissa)),
        shift(factor.shift),
        half(std::int64_t{1} << (factor.shift - 1)) {}
  __device__ fix operator()(fix x) const {
    return static_cast<fix>(mad_wide(x, mantissa, half) >> shift);
  }
};

// numerics::mul of four and four, not clamped. Returns bits of which those above kFractionBits are
// not 0 where one would have to be: that is rare, and looked for in many at once.
__device__ __forceinline__ std::uint32_t multiply(fix (&x)[4], const fix (&w)[4]) {
  constexpr unsigned kBits = kFractionBits;
  std::uint32_t beyond = 0;
  STERNA_UNROLL
  for (unsigned e = 0; e < 4; ++e) {
    const std::int64_t all = mad_wide(x[e], w[e], std::int64_t{1} << (kBits - 1));
    beyond |= static_cast<std::uint32_t>(all >> 32) + (1u << (kBits - 1));
    x[e] = static_cast<fix>(all >> kBits);
  }
  return beyond;
}
__device__ __forceinline__ bool has_to_clamp(std::uint32_t beyond) {
  return __builtin_expect(beyond >> kFractionBits != 0, 0) != 0;
}
__device__ __forceinline__ void multiply_clamped(fix (&x)[4], const fix (&w)[4], Clamped& clamped) {
  STERNA_UNROLL
  for (unsigned e = 0; e < 4; ++e) x[e] = numerics::mul(x[e], w[e], &clamped);
}

// This thread's elements of a vector, kQuads times four of them, block by block.
template <unsigned kQuads>
struct Elements {
  Quad x[kQuads];

  __device__ static std::uint32_t quad(unsigned i) { return threadIdx.x + i * blockDim.x; }

  __device__ void load(const fix* from, std::uint32_t length) {
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      if (4 * quad(i) < length) x[i] = reinterpret_cast<const Quad*>(from)[quad(i)];
    }
  }
  // Zeros behind the vector's end, once what is loaded is needed.
  __device__ void cut(std::uint32_t length) {
    if (length % 4 == 0) return;
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      STERNA_UNROLL
      for (unsigned e = 1; e < 4; ++e) {
        if (4 * quad(i) + e >= length) x[i].words[e] = 0;
      }
    }
  }
  __device__ std::uint32_t largest() const {
    std::uint32_t most = 0;
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      STERNA_UNROLL
      for (unsigned e = 0; e < 4; ++e) {
        const fix w = x[i].words[e];
        most = max(most, w < 0 ? -static_cast<std::uint32_t>(w) : static_cast<std::uint32_t>(w));
      }
    }
    return min(most, static_cast<std::uint32_t>(numerics::kFixMax));
  }
  __device__ std::uint64_t squares() const {
    std::uint64_t sum = 0;
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      STERNA_UNROLL
      for (unsigned e = 0; e < 4; ++e) {  // numerics::square
        const fix w = x[i].words[e] < -numerics::kFixMax ? -numerics::kFixMax : x[i].words[e];
        sum += static_cast<std::uint64_t>(mad_wide(w, w, 1 << (numerics::kSquareShift - 1))) >>
               numerics::kSquareShift;
      }
    }
    return sum;
  }
};

// times a factor.
template <unsigned kQuads>
__device__ __forceinline__ void scale(Elements<kQuads>& x, const Factored& factor) {
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    STERNA_UNROLL
    for (unsigned e = 0; e < 4; ++e) x.x[i].words[e] = factor(x.x[i].words[e]);
  }
}
// And times weights, as multiply() has it.
template <unsigned kQuads>
__device__ __forceinline__ std::uint32_t scale(Elements<kQuads>& x, const Factored& factor,
                                               const Quad* weights, std::uint32_t length) {
  std::uint32_t beyond = 0;
  scale(x, factor);
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    // Behind the end any weight will do: zeros stay zeros, and nothing branches.
    const Quad w = weights[min(x.quad(i), (length - 1) / 4)];
    beyond |= multiply(x.x[i].words, w.words);
  }
  return beyond;
}
template <unsigned kQuads>
__device__ __forceinline__ void scale_clamped(Elements<kQuads>& x, const Factored& factor,
                                              const Quad* weights, std::uint32_t length,
                                              std::uint32_t* note) {
  Clamped clamped;
  scale(x, factor);
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    if (4 * x.quad(i) < length) multiply_clamped(x.x[i].words, weights[x.quad(i)].words, clamped);
  }
  if (clamped.bits != 0) *note = 1;
}
// Both: a few vectors may need the second.
template <unsigned kQuads>
__device__ __forceinline__ void scale(Elements<kQuads>& x, const Factored& factor,
                                      const Quad* weights, std::uint32_t length,
                                      std::uint32_t* note) {
  const Elements<kQuads> before = x;
  if (!has_to_clamp(scale(x, factor, weights, length))) return;
  x = before;
  scale_clamped(x, factor, weights, length, note);
}

// Four elements a word, zeros up to the last tile's end. None is beyond 127: amax is its vector's.
template <unsigned kQuads>
__device__ __forceinline__ void quantise(const Elements<kQuads>& x, const Factored& factor,
                                         std::uint32_t (&words)[kQuads]) {
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    const fix(&of)[4] = x.x[i].words;
    const std::uint32_t low = __byte_perm(static_cast<std::uint32_t>(factor(of[0])),
                                          static_cast<std::uint32_t>(factor(of[1])), 0x0040);
    const std::uint32_t high = __byte_perm(static_cast<std::uint32_t>(factor(of[2])),
                                           static_cast<std::uint32_t>(factor(of[3])), 0x0040);
    words[i] = __byte_perm(low, high, 0x5410);
  }
}
// Of all chains at once, so that they fill each other's gaps: bytes, and what they add up to.
template <unsigned kQuads>
__device__ __forceinline__ void quantise(const FactorTables& tables,
                                         const Elements<kQuads> (&y)[kMostChains],
                                         const std::uint32_t (&amax)[kMostChains],
                                         std::uint32_t chains, std::uint32_t* to,
                                         std::uint32_t column_tiles,
                                         std::int32_t (&vector_sum)[kMostChains]) {
  std::uint32_t words[kMostChains][kQuads];
  std::int32_t sum[kMostChains] = {};
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= chains) break;
    quantise(y[j], Factored(quant_factor(tables, amax[j])), words[j]);
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) sum[j] = dot4(0x01010101, words[j][i], sum[j]);
    sum[j] = warp_sum(sum[j]);
  }
  const std::uint32_t of_chain = column_tiles * (kTileColumns / 4);
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    const std::uint32_t q = Elements<kQuads>::quad(i);
    if (q >= of_chain) continue;
    STERNA_UNROLL
    for (unsigned j = 0; j < kMostChains; ++j) {
      if (j < chains) to[j * of_chain + q] = words[j][i];
    }
  }
  if (lane() != 0) return;
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j < chains) add_shared(&vector_sum[j], sum[j]);
  }
}

// Over the block; a barrier of it.
template <unsigned kWarps>
__device__ __forceinline__ std::uint64_t sum_of_block(std::uint64_t (&words)[kMostStageWarps],
                                                      std::uint64_t mine) {
  mine = warp_sum(mine);
  if (lane() == 0) words[warp()] = mine;
  __syncthreads();
  std::uint64_t sum = 0;
  STERNA_UNROLL
  for (unsigned w = 0; w < kWarps; ++w) sum += words[w];  // 0 where there is no warp
  return sum;
}

// Each of `count`.
template <unsigned kWarps>
__device__ __forceinline__ void max_of_block(std::uint32_t (&words)[kMostChains][kMostStageWarps],
                                             std::uint32_t (&mine)[kMostChains],
                                             std::uint32_t count) {
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j < count) mine[j] = warp_max(mine[j]);
  }
  if (lane() == 0) {
    STERNA_UNROLL
    for (unsigned j = 0; j < kMostChains; ++j) {
      if (j < count) words[j][warp()] = mine[j];
    }
  }
  __syncthreads();
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= count) break;
    mine[j] = max(1u, warp_max(lane() < kWarps ? words[j][lane()] : 0));
  }
}

// What a stage's vectors take, known to the compiler unless the form is kAny.
struct WholeParts {
  bool lifts, lift_has_weights, norms, chains_norm, alike;  // chains: by the same factor
  Whole::Join join;
  std::uint32_t chains;
};
template <WholeForm kForm>
__device__ __forceinline__ WholeParts parts_of(const Whole& whole) {
  using Join = Whole::Join;
  switch (kForm) {
    case WholeForm::kNormed:
      return {false, false, true, true, true, Join::kNone, 1};
    case WholeForm::kNormedThree:
      return {false, false, true, true, true, Join::kNone, 3};
    case WholeForm::kNormLifted:
      return {true, true, false, true, true, Join::kNorm, 1};
    case WholeForm::kTimesLifted:
      return {true, false, false, true, true, Join::kMultiply, 1};
    default:
      return {whole.lifts, whole.weights[Whole::kOfLift].from != nullptr,
              whole.norms, whole.chains_norm,
              false,       whole.join,
              whole.chains};
  }
}

// Lifts a and, where b is joined, norms b and multiplies. Returns the lift.
template <unsigned kQuads>
__device__ __forceinline__ int lift_and_join(const StagedShared& shared, const Whole& whole,
                                             const WholeParts& parts, std::uint32_t amax,
                                             std::uint64_t squares, Elements<kQuads>& x,
                                             Elements<kQuads>& b, const Quad* weights) {
  const std::uint32_t length = whole.length.length;
  int lift = 0;
  if (parts.lifts) {
    lift = numerics::find_lift(amax == 0 ? 1 : amax, whole.lift_imm);
    const Factored factor(numerics::lift_factor(lift));
    if (parts.lift_has_weights) {
      scale(x, factor, weights, length, whole.lift_clamped);
    } else {
      scale(x, factor);
    }
  }
  if (parts.join == Whole::Join::kNorm) {
    const Factored factor(norm_factor(shared.factors, squares, whole.length, whole.join_eps, 0));
    scale(b, factor);
  }
  if (parts.join == Whole::Join::kNone) return lift;
  const Elements<kQuads> before = x;
  std::uint32_t beyond = 0;
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) beyond |= multiply(x.x[i].words, b.x[i].words);
  if (!has_to_clamp(beyond)) return lift;
  x = before;
  Clamped clamped;
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) multiply_clamped(x.x[i].words, b.x[i].words, clamped);
  if (clamped.bits != 0) *whole.join_clamped = 1;
  return lift;
}

// Waits for the blocks that made what the stage begins with. Bytes of the chains' vectors, what
// these add up to, and the products' multipliers; a barrier of the block has to follow. `meanwhile`
// is done while the first loads are on their way.
template <unsigned kWarps, unsigned kQuads, WholeForm kForm, typename Meanwhile>
__device__ __forceinline__ void make_vectors(const StagedStep& step, const Stage& stage,
                                             StagedShared& shared, Meanwhile meanwhile) {
  const Whole& whole = stage.whole;
  const WholeParts parts = parts_of<kForm>(whole);
  const std::uint32_t length = whole.length.length, quads = (length + 3) / 4;
  const auto* weights = reinterpret_cast<const Quad*>(area() + step.weights_at);
  Elements<kQuads> x, b;
  const fix *const a_at = words_of(whole.a), *const b_at = words_of(whole.b);
  const std::uint64_t* const squares_at = whole.squares;
  const std::uint32_t* const amax_at = whole.amax;
  // All that comes before the loads is done by now.
  wait_for_arrivals(step.arrived, stage.arrived_before);
  x.load(a_at, length);
  if (parts.join != Whole::Join::kNone) b.load(b_at, length);
  // Needed later, but as far away.
  const std::uint64_t squares_there = squares_at == nullptr ? 0 : *squares_at;
  const std::uint32_t amax_there = parts.lifts ? *amax_at : 0;
  meanwhile();
  if (threadIdx.x < kMostChains) shared.vector_sum[threadIdx.x] = 0;
  x.cut(length);
  if (parts.join != Whole::Join::kNone) b.cut(length);
  // Of x: are they known?
  bool has_squares = squares_at != nullptr;
  int lift = 0;
  if (parts.lifts || parts.join != Whole::Join::kNone) {
    lift = lift_and_join(shared, whole, parts, amax_there, squares_there, x, b, weights);
    if (parts.lift_has_weights) weights += quads;
    has_squares = false;
  }
  if (parts.norms) {
    const std::uint64_t sum =
        has_squares ? squares_there : sum_of_block<kWarps>(shared.sums[0], x.squares());
    scale(x,
          Factored(norm_factor(shared.factors, sum, whole.length, whole.norm_eps,
                               whole.norm_lifted ? lift : 0)),
          weights, length, whole.norm_clamped);
    weights += quads;
    has_squares = false;
  }
  std::uint64_t sum = 0;
  if (parts.chains_norm) {
    sum = has_squares ? squares_there : sum_of_block<kWarps>(shared.sums[1], x.squares());
  }
  Elements<kQuads> y[kMostChains];
  std::uint32_t amax[kMostChains] = {};
  const auto factor_of = [&](unsigned j) {
    return Factored(norm_factor(shared.factors, sum, whole.length, whole.chain_eps[j],
                                whole.chain_lifted[j] ? lift : 0));
  };
  if (parts.alike) {
    const Factored factor = factor_of(0);
    std::uint32_t beyond = 0;
    STERNA_UNROLL
    for (unsigned j = 0; j < kMostChains; ++j) {
      if (j >= parts.chains) break;
      y[j] = x;
      beyond |= scale(y[j], factor, weights + j * quads, length);
    }
    if (has_to_clamp(beyond)) {
      STERNA_UNROLL
      for (unsigned j = 0; j < kMostChains; ++j) {
        if (j >= parts.chains) break;
        y[j] = x;
        scale_clamped(y[j], factor, weights + j * quads, length, whole.chain_clamped[j]);
      }
    }
  } else {
    STERNA_UNROLL
    for (unsigned j = 0; j < kMostChains; ++j) {
      if (j >= parts.chains) break;
      y[j] = x;
      if (parts.chains_norm) {
        scale(y[j], factor_of(j), weights + j * quads, length, whole.chain_clamped[j]);
      }
    }
  }
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j < parts.chains) amax[j] = y[j].largest();
  }
  // Of a product, by a thread.
  const bool multiplies = threadIdx.x < stage.sets * stage.in_set;
  const std::uint32_t imm = multiplies ? stage.products[threadIdx.x].imm : 0;
  const std::uint32_t chain = multiplies ? stage.products[threadIdx.x].chain : 0;
  max_of_block<kWarps>(shared.maxima, amax, parts.chains);
  if (multiplies) {
    bool clamped = false;
    shared.multiplier[threadIdx.x] =
        numerics::matmul_multiplier(chain == 0   ? amax[0]
                                    : chain == 1 ? amax[1]
                                                 : amax[2],
                                    numerics::unpack_scale(imm), &clamped);
    if (clamped) *stage.products[threadIdx.x].clamped = 1;
  }
  quantise(shared.factors, y, amax, parts.chains,
           reinterpret_cast<std::uint32_t*>(area() + step.vectors_at), stage.column_tiles,
           shared.vector_sum);
}

}  // namespace
}  // namespace sterna::cuda
