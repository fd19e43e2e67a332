// SPDX-License-Identifier: Apache-2.0
// FloatKernels for one width of vectors, in GCC's vector extension: included by one file for each
// instruction set, which is compiled with its flags. So that no code of theirs is linked into the
// rest of a program, nothing here has linkage and nothing of the library is used.
#pragma once

#include "host/fff/float_kernels.h"
#include "host/fff/vector_parts.h"

namespace sterna::fff {
namespace {

template <std::size_t kWidth>
struct Vectors {
  typedef float Vec __attribute__((vector_size(kWidth * sizeof(float))));
  typedef int Mask __attribute__((vector_size(kWidth * sizeof(int))));

  static Vec load(const float* p) {
    Vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  static Vec load(const float* p, std::size_t count) {
    Vec v = {};
    __builtin_memcpy(&v, p, count * sizeof(float));
    return v;
  }
  static void store(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }
  static void store(float* p, Vec v, std::size_t count) {
    __builtin_memcpy(p, &v, count * sizeof(float));
  }
  static Vec all(float f) { return f - Vec{}; }
};

template <std::size_t kWidth, std::size_t kSamples, std::size_t kLevels>
void dots(const float* const* x, const float* const* w, std::size_t inputs, float* logits) {
  using V = Vectors<kWidth>;
  using Vec = typename V::Vec;
  constexpr std::size_t kRows = (std::size_t{1} << kLevels) - 1;
  constexpr std::size_t kLine = kLineBytes / sizeof(float), kCount = kSamples * kRows;
  // Additions take their time: where there are registers for it, vectors are added in turn.
  constexpr std::size_t kChains = kWidth == 16 ? 2 : 1;
  Vec sums[kChains][kCount], rows[kRows];
  repeat<kChains * kCount>([&](auto i) { sums[i / kCount][i % kCount] = Vec{}; });
  const auto add = [&](auto chain, auto s, Vec sample) {
    repeat<kRows>([&](auto r) { sums[chain][s * kRows + r] += sample * rows[r]; });
  };
  const auto step = [&](auto chain, std::size_t k) {
    repeat<kRows>([&](auto r) { rows[r] = V::load(w[r] + k); });
    repeat<kSamples>([&](auto s) {
      if (k % kLine == 0) __builtin_prefetch(x[kSamples + s] + k, 0, 3);
      add(chain, s, in_register(V::load(x[s] + k)));
    });
  };
  constexpr std::integral_constant<std::size_t, 0> kFirst;
  std::size_t k = 0;
  for (; k + kChains * kWidth <= inputs; k += kChains * kWidth) {
    repeat<kChains>([&](auto chain) { step(chain, k + chain * kWidth); });
  }
  for (; k + kWidth <= inputs; k += kWidth) step(kFirst, k);
  if (k < inputs) {
    repeat<kRows>([&](auto r) { rows[r] = V::load(w[r] + k); });
    repeat<kSamples>([&](auto s) { add(kFirst, s, V::load(x[s] + k, inputs - k)); });
  }
  repeat<(kChains - 1) * kCount>(
      [&](auto i) { sums[0][i % kCount] += sums[1 + i / kCount][i % kCount]; });
  store_sums(sums[0], logits);
}

// kVectors of each sample's outputs, from column j on, to `to` and on of its y.
template <std::size_t kWidth, std::size_t kSamples, std::size_t kVectors>
[[gnu::always_inline]] inline void combine_columns(const float* a, const float* const* w,
                                                   std::size_t rows, std::size_t j, float* const* y,
                                                   std::size_t to, OutputStore how) {
  using V = Vectors<kWidth>;
  typename V::Vec sums[kSamples][kVectors], weights[kVectors];
  repeat<kSamples>(
      [&](auto s) { repeat<kVectors>([&](auto v) { sums[s][v] = typename V::Vec{}; }); });
  for (std::size_t r = 0; r < rows; ++r) {
    repeat<kVectors>([&](auto v) { weights[v] = in_register(V::load(w[r] + j + v * kWidth)); });
    repeat<kSamples>([&](auto s) {
      const typename V::Vec factor = V::all(a[s * rows + r]);
      repeat<kVectors>([&](auto v) { sums[s][v] += factor * weights[v]; });
    });
  }
  repeat<kSamples>([&](auto s) {
    repeat<kVectors>([&](auto v) {
      float* const at = y[s] + to + v * kWidth;
      if (how == OutputStore::kPast) {
        store_past(at, sums[s][v]);
      } else {
        V::store(at, how == OutputStore::kAdd ? sums[s][v] + V::load(at) : sums[s][v]);
      }
    });
  });
}

// The same of kSamples from the s-th on, as often as there are as many, then of the rest.
template <std::size_t kWidth, std::size_t kSamples, std::size_t kVectors>
void combine_samples(const float* a, const float* const* w, std::size_t rows, std::size_t j,
                     float* const* y, std::size_t count, OutputStore how) {
  for (; count >= kSamples; count -= kSamples, y += kSamples, a += kSamples * rows) {
    combine_columns<kWidth, kSamples, kVectors>(a, w, rows, j, y, j, how);
  }
  if constexpr (kSamples > 1)
    combine_samples<kWidth, kSamples / 2, kVectors>(a, w, rows, j, y, count, how);
}

template <std::size_t kWidth>
void combine(const float* a, const float* const* w, std::size_t rows, std::size_t outputs,
             float* const* y, std::size_t count, OutputStore how) {
  constexpr std::size_t kVectors = kWidth == 16 ? 4 : 2;  // times four samples: what registers hold
  std::size_t j = 0;
  for (; j + kVectors * kWidth <= outputs; j += kVectors * kWidth)
    combine_samples<kWidth, 4, kVectors>(a, w, rows, j, y, count, how);
  for (; j + kWidth <= outputs; j += kWidth)
    combine_samples<kWidth, 4, 1>(a, w, rows, j, y, count, how);
  for (std::size_t s = 0; s < count && j < outputs; ++s) {
    float last[kWidth], *const y_last = last;
    if (how == OutputStore::kAdd) __builtin_memcpy(last, y[s] + j, (outputs - j) * sizeof *last);
    combine_columns<kWidth, 1, 1>(a + s * rows, w, rows, j, &y_last, 0,
                                  how == OutputStore::kPast ? OutputStore::kWrite : how);
    __builtin_memcpy(y[s] + j, last, (outputs - j) * sizeof *last);
  }
}

// e^x to 1e-7 of it for x in [-87, 88], and that of the nearer end beyond.
template <std::size_t kWidth>
typename Vectors<kWidth>::Vec exponential(typename Vectors<kWidth>::Vec x) {
  using V = Vectors<kWidth>;
  x = x < V::all(-87.0f) ? V::all(-87.0f) : x;
  x = x > V::all(88.0f) ? V::all(88.0f) : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: added and taken away, leaves an integer
  const typename V::Vec n = (x * 1.44269504f + kRound) - kRound;
  const typename V::Vec r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts
  typename V::Vec p = V::all(1.0f / 5040);
  for (const float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    p = p * r + c;
  const typename V::Mask power = (__builtin_convertvector(n, typename V::Mask) + 127) << 23;
  typename V::Vec scale;
  __builtin_memcpy(&scale, &power, sizeof scale);
  return p * scale;
}

// Phi(-t) e^(t^2/2) (t + 4) as a polynomial in (t - 4) / (t + 4), a Chebyshev fit of ours, good to
// 4e-8 of it for t >= 0: so Phi keeps its relative precision to where it vanishes.
template <std::size_t kWidth>
typename Vectors<kWidth>::Vec gelu(typename Vectors<kWidth>::Vec x) {
  using V = Vectors<kWidth>;
  typename V::Vec t = x < V::all(0) ? -x : x;
  t = t < V::all(32) ? t : V::all(32);
  const typename V::Vec inverse = 1.0f / (t + 4.0f);
  const typename V::Vec u = (t - 4.0f) * inverse;
  typename V::Vec p = V::all(-0.00015732056635897607f);
  for (const float c : {0.0001293256791541353f, 0.0015637868782505393f, -0.003476167796179652f,
                        -0.007512231357395649f, 0.06039529666304588f, -0.18652671575546265f,
                        0.3871375620365143f, -0.6078963875770569f, 0.7552851438522339f}) {
    p = p * u + c;
  }
  const typename V::Vec tail = exponential<kWidth>(-0.5f * t * t) * p * inverse;
  return x * (x > V::all(0) ? 1.0f - tail : tail);
}

template <std::size_t kWidth>
void activate(Activation activation, float* values, std::size_t count) {
  using V = Vectors<kWidth>;
  for (std::size_t i = 0; i < count; i += kWidth) {
    typename V::Vec x = V::load(values + i);
    switch (activation) {
      case Activation::kNone:
        break;
      case Activation::kRelu:
        x = x > V::all(0) ? x : V::all(0);
        break;
      case Activation::kSilu:
        x = x / (1.0f + exponential<kWidth>(-x));
        break;
      case Activation::kGelu:
        x = gelu<kWidth>(x);
        break;
    }
    V::store(values + i, x);
  }
}

template <std::size_t kWidth>
constexpr FloatKernels make_float_kernels(std::string_view name) {
  return {name,
          {{dots<kWidth, 1, 1>, dots<kWidth, 1, 2>, dots<kWidth, 1, 3>},
           {dots<kWidth, 2, 1>, dots<kWidth, 2, 2>, dots<kWidth, 2, 3>},
           {dots<kWidth, 3, 1>, dots<kWidth, 3, 2>, dots<kWidth, 3, 3>},
           {dots<kWidth, 4, 1>, dots<kWidth, 4, 2>, dots<kWidth, 4, 3>}},
          combine<kWidth>,
          activate<kWidth>,
          copy_past<typename Vectors<kWidth>::Vec, float>};
}

}  // namespace
}  // namespace sterna::fff
