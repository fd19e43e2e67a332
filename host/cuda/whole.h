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

__device__ __forceinline__ const fix* words_of(const Source& source, const Column& column) {
  return reinterpret_cast<const fix*>(
      source.from + source.copy_bytes * (source.result ? column.result : column.copy) +
      std::uint64_t{source.row_bytes} * column.token);
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

// numerics::mul of four and four; what has to be clamped is rare, and looked for in all at once.
__device__ __forceinline__ void multiply(fix (&x)[4], const fix (&w)[4], Clamped& clamped) {
  constexpr unsigned kBits = kFractionBits;
  std::int64_t all[4];
  std::uint32_t beyond = 0;
  STERNA_UNROLL
  for (unsigned e = 0; e < 4; ++e) {
    all[e] = mad_wide(x[e], w[e], std::int64_t{1} << (kBits - 1));
    beyond |= static_cast<std::uint32_t>(all[e] >> 32) + (1u << (kBits - 1));
  }
  STERNA_UNROLL
  for (unsigned e = 0; e < 4; ++e) x[e] = static_cast<fix>(all[e] >> kBits);
  if (beyond >> kBits == 0) return;
  STERNA_UNROLL
  for (unsigned e = 0; e < 4; ++e) x[e] = sat32(all[e] >> kBits, &clamped);
}

// This thread's elements of a vector, kQuads times four of them, block by block.
template <unsigned kQuads>
struct Elements {
  Quad x[kQuads];

  __device__ static std::uint32_t quad(unsigned i) { return threadIdx.x + i * blockDim.x; }

  // Zeros behind the vector's end.
  __device__ void load(const fix* from, std::uint32_t length) {
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      const std::uint32_t q = quad(i);
      if (4 * q >= length) continue;
      x[i] = reinterpret_cast<const Quad*>(from)[q];
      STERNA_UNROLL
      for (unsigned e = 1; e < 4; ++e) {
        if (4 * q + e >= length) x[i].words[e] = 0;
      }
    }
  }
  // visit(words, q) of the quads that there are.
  template <typename Visit>
  __device__ void each(std::uint32_t length, Visit visit) {
    STERNA_UNROLL
    for (unsigned i = 0; i < kQuads; ++i) {
      if (4 * quad(i) < length) visit(x[i].words, quad(i), i);
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

// times a factor and, where there are some, weights.
template <unsigned kQuads>
__device__ __forceinline__ void scale(Elements<kQuads>& x, const numerics::Factor& by,
                                      const Quad* weights, std::uint32_t length,
                                      std::uint32_t* note) {
  const Factored factor(by);
  Clamped clamped;
  x.each(length, [&](fix(&words)[4], std::uint32_t q, unsigned) {
    STERNA_UNROLL
    for (unsigned e = 0; e < 4; ++e) words[e] = factor(words[e]);
    if (weights == nullptr) return;
    const Quad w = weights[q];
    multiply(words, w.words, clamped);
  });
  if (clamped.bits != 0) *note = 1;
}

// Four elements a word, zeros up to the last tile's end. None is beyond 127: amax is its vector's.
template <unsigned kQuads>
__device__ __forceinline__ void quantise(const Elements<kQuads>& x, const numerics::Factor& by,
                                         std::uint32_t* to, std::uint32_t words,
                                         std::int32_t& vector_sum) {
  const Factored each(by);
  std::int32_t sum = 0;
  STERNA_UNROLL
  for (unsigned i = 0; i < kQuads; ++i) {
    std::uint32_t four = 0;
    STERNA_UNROLL
    for (unsigned e = 0; e < 4; ++e) {
      four |= std::uint32_t{static_cast<std::uint8_t>(each(x.x[i].words[e]))} << 8 * e;
    }
    if (Elements<kQuads>::quad(i) < words) to[Elements<kQuads>::quad(i)] = four;
    sum = dot4(0x01010101, four, sum);
  }
  sum = warp_sum(sum);
  if (lane() == 0) atomicAdd(&vector_sum, sum);
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
  for (unsigned w = 0; w < kWarps; ++w) sum += w < warps() ? words[w] : 0;
  return sum;
}

// Each of `count`.
template <unsigned kWarps>
__device__ __forceinline__ void max_of_block(std::uint32_t (&words)[kMostChains][kMostStageWarps],
                                             std::uint32_t (&mine)[kMostChains],
                                             std::uint32_t count) {
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= count) break;
    const std::uint32_t of_warp = warp_max(mine[j]);
    if (lane() == 0) words[j][warp()] = of_warp;
  }
  __syncthreads();
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= count) break;
    mine[j] = 1;
    STERNA_UNROLL
    for (unsigned w = 0; w < kWarps; ++w) mine[j] = max(mine[j], w < warps() ? words[j][w] : 0);
  }
}

// Weights do not depend on what other blocks do: each thread asks for those of its elements while
// the block waits for them.
__device__ __forceinline__ void ask_for_weights(const StagedStep& step, const Stage& stage) {
  const Whole& whole = stage.whole;
  const std::uint32_t quads = (whole.length.length + 3) / 4;
  auto* to = reinterpret_cast<LaneWeights*>(area() + step.weights_at);
  STERNA_UNROLL
  for (std::uint32_t w = 0; w < Whole::kWeights; ++w) {
    if (whole.weights[w].from == nullptr) continue;
    const auto* const from =
        reinterpret_cast<const LaneWeights*>(words_of(whole.weights[w], step.column));
    for (std::uint32_t q = threadIdx.x; q < quads; q += blockDim.x) copy_async(to + q, from + q);
    to += quads;
  }
}

// Bytes of the chains' vectors, what these add up to, and the products' multipliers; a barrier of
// the block has to follow. `meanwhile` is done while the first loads are on their way.
template <unsigned kWarps, unsigned kQuads, typename Meanwhile>
__device__ __forceinline__ void make_vectors(const StagedStep& step, const Stage& stage,
                                             StagedShared& shared, Meanwhile meanwhile) {
  const Whole& whole = stage.whole;
  const std::uint32_t length = whole.length.length, quads = (length + 3) / 4;
  const auto* next_weights = reinterpret_cast<const Quad*>(area() + step.weights_at);
  const auto weights_of = [&](std::uint32_t w) {
    const Quad* const weights = whole.weights[w].from == nullptr ? nullptr : next_weights;
    if (weights != nullptr) next_weights += quads;
    return weights;
  };
  Elements<kQuads> x;
  x.load(words_of(whole.a, step.column), length);
  const std::uint64_t* squares = whole.squares;
  int lift = 0;
  meanwhile();
  if (threadIdx.x < kMostChains) shared.vector_sum[threadIdx.x] = 0;
  if (whole.lifts || whole.join != Whole::Join::kNone) {
    Elements<kQuads> b;
    if (whole.join != Whole::Join::kNone) b.load(words_of(whole.b, step.column), length);
    const Quad* const weights = weights_of(Whole::kOfLift);
    if (whole.lifts) {
      const std::uint32_t amax = *whole.amax;
      lift = numerics::find_lift(amax == 0 ? 1 : amax, whole.lift_imm);
      scale(x, numerics::lift_factor(lift), weights, length, whole.lift_clamped);
    }
    if (whole.join == Whole::Join::kNorm) {
      const Factored factor(norm_factor(shared.factors, *squares, whole.length, whole.join_eps, 0));
      STERNA_UNROLL
      for (unsigned i = 0; i < kQuads; ++i) {
        STERNA_UNROLL
        for (unsigned e = 0; e < 4; ++e) b.x[i].words[e] = factor(b.x[i].words[e]);
      }
    }
    if (whole.join != Whole::Join::kNone) {
      Clamped clamped;
      x.each(length, [&](fix(&words)[4], std::uint32_t, unsigned i) {
        multiply(words, b.x[i].words, clamped);
      });
      if (clamped.bits != 0) *whole.join_clamped = 1;
    }
    squares = nullptr;
  }
  if (whole.norms) {
    const std::uint64_t sum =
        squares != nullptr ? *squares : sum_of_block<kWarps>(shared.sums[0], x.squares());
    scale(x,
          norm_factor(shared.factors, sum, whole.length, whole.norm_eps,
                      whole.norm_lifted ? lift : 0),
          weights_of(Whole::kOfNorm), length, whole.norm_clamped);
    squares = nullptr;
  }
  std::uint64_t sum = 0;
  if (whole.chains_norm) {
    sum = squares != nullptr ? *squares : sum_of_block<kWarps>(shared.sums[1], x.squares());
  }
  Elements<kQuads> y[kMostChains];
  std::uint32_t amax[kMostChains] = {};
  numerics::Factor factor;
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= whole.chains) break;
    y[j] = x;
    if (whole.chains_norm) {
      if (j == 0 || whole.chain_eps[j] != whole.chain_eps[j - 1] ||
          whole.chain_lifted[j] != whole.chain_lifted[j - 1]) {
        factor = norm_factor(shared.factors, sum, whole.length, whole.chain_eps[j],
                             whole.chain_lifted[j] ? lift : 0);
      }
      scale(y[j], factor, weights_of(Whole::kOfChains + j), length, whole.chain_clamped[j]);
    }
    amax[j] = y[j].largest();
  }
  max_of_block<kWarps>(shared.maxima, amax, whole.chains);
  STERNA_UNROLL
  for (unsigned j = 0; j < kMostChains; ++j) {
    if (j >= whole.chains) break;
    quantise(y[j], quant_factor(shared.factors, amax[j]),
             reinterpret_cast<std::uint32_t*>(area() + step.vectors_at +
                                              j * stage.column_tiles * kTileColumns),
             stage.column_tiles * (kTileColumns / 4), shared.vector_sum[j]);
  }
  if (threadIdx.x < stage.sets * stage.in_set) {
    const StageProduct& product = stage.products[threadIdx.x];
    const std::uint32_t chain = stage.chain_of[threadIdx.x % stage.in_set];
    bool clamped = false;
    shared.multiplier[threadIdx.x] =
        numerics::matmul_multiplier(chain == 0   ? amax[0]
                                    : chain == 1 ? amax[1]
                                                 : amax[2],
                                    numerics::unpack_scale(product.imm), &clamped);
    if (clamped) *product.clamped = 1;
  }
}

}  // namespace
}  // namespace sterna::cuda
