// SPDX-License-Identifier: Apache-2.0
// One training step of a layer on a CPU: what model.py says, with every row-wise chain fused into
// one pass over a row. Products run on AMX tiles where there are any, else through PyTorch.
// Gradients pass straight through the roundings. Single-threaded.
//
// Names: N = B*T rows (tokens), d hidden size, I intermediate size. On AMX forward products are
// int8; backward ones bfloat16, which holds int8 and ternary values exactly. Sums are exact or
// float32 inside, and bfloat16 in memory.
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "rows.h"
#include "trees.h"

namespace sterna_train {
namespace {

using Tile = __m512i[16];  // 16 rows of 64 bytes

// ---- products
// -------------------------------------------------------------------------------------------------------
// A tile register holds 16 rows of 64 bytes, and each 32-bit word of it a group of G consecutive
// summed indices: 2 in bfloat16, 4 in int8. The right operand's row p, column c holds B[G p .. G p
// + G - 1][c]. Packed operands are runs of such tiles, [column / 16][sum / (16 G)].

// 16 x 16 words, in place.
void transpose(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int j = 0; j < 4; ++j) {
    const __m512i a = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88),
                  b = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd);
    const __m512i c = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
    const __m512i e = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_i32x4(a, c, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(a, c, 0xdd);
    t[4 + j] = _mm512_shuffle_i32x4(b, e, 0x88);
    t[12 + j] = _mm512_shuffle_i32x4(b, e, 0xdd);
  }
  std::memcpy(r, t, sizeof t);
}

// Sixteen words of bfloat16 (x[c], x[c + stride]), c = 0..15: two rows side by side.
__m512i pairs(const half* x, int64_t stride) {
  const __m512i low = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)x));
  const __m512i high = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)(x + stride)));
  return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

// A small integer's bfloat16 is the upper half of its float32.
__m512i float_bits(const int8_t* x) {
  return _mm512_castps_si512(
      _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)x))));
}

__m512i pairs(const int8_t* x, int64_t stride) {
  return _mm512_or_si512(
      _mm512_srli_epi32(float_bits(x), 16),
      _mm512_and_si512(float_bits(x + stride), _mm512_set1_epi32(int(0xffff0000))));
}

// x is B[sum][column] in rows of `columns`; the tiles are bfloat16. With `left`, it is a transposed
// left operand.
template <class T>
void pack(const T* x, int64_t sums, int64_t columns, bool left, Tile* out) {
  for (int64_t c = 0; c < columns; c += 16)
    for (int64_t k = 0; k < sums; k += 32, ++out) {
      for (int p = 0; p < 16; ++p) (*out)[p] = pairs(x + (k + 2 * p) * columns + c, columns);
      if (left) transpose(*out);
    }
}

// x is B transposed, [column][sum]; the tiles are int8.
void pack_transposed(const int8_t* x, int64_t sums, int64_t columns, Tile* out) {
  for (int64_t c = 0; c < columns; c += 16)
    for (int64_t k = 0; k < sums; k += 64, ++out) {
      for (int p = 0; p < 16; ++p) (*out)[p] = _mm512_loadu_si512(x + (c + p) * sums + k);
      transpose(*out);
    }
}

struct TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
const TileConfig kTiles;

void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

void store_sums(void* corner, int64_t right, int64_t down, int64_t stride) {
  _tile_stored(0, corner, stride);
  _tile_stored(1, (char*)corner + right, stride);
  _tile_stored(2, (char*)corner + down, stride);
  _tile_stored(3, (char*)corner + down + right, stride);
}

// Add one 32 x 32 block of the result into tile registers 0..3.
template <class T>
inline void block(const void* left0, const void* left1, int64_t stride, int64_t step,
                  const Tile* right0, const Tile* right1, int64_t tiles) {
  for (int64_t k = 0; k < tiles; ++k) {
    _tile_loadd(4, (const char*)left0 + k * step, stride);
    _tile_loadd(6, right0 + k, 64);
    _tile_loadd(7, right1 + k, 64);
    _tile_loadd(5, (const char*)left1 + k * step, stride);
    if constexpr (sizeof(T) == 1) {
      _tile_dpbssd(0, 4, 6);
      _tile_dpbssd(1, 4, 7);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
}

// out[rows][columns] (bfloat16) = left[rows][sums] x packed right
template <class T>
void multiply(const T* left, const Tile* right, int64_t rows, int64_t sums, int64_t columns,
              half* out) {
  alignas(64) float sum[4][16][16];
  const int64_t tiles = sums * sizeof(T) / 64, chunk = 256;
  _tile_loadconfig(&kTiles);
  for (int64_t begin = 0; begin < rows;
       begin += chunk)  // a chunk of the left side stays in the L2 cache
    for (int64_t c = 0; c < columns; c += 32)
      for (int64_t r = begin; r < std::min(rows, begin + chunk); r += 32) {
        clear_sums();
        block<T>(left + r * sums, left + (r + 16) * sums, sums * sizeof(T), 64,
                 right + c / 16 * tiles, right + (c / 16 + 1) * tiles, tiles);
        store_sums(sum, sizeof sum[0], sizeof sum[0] * 2, 64);
        for (int i = 0; i < 32; ++i) {
          const __m512 *first = (const __m512*)sum[i / 16 * 2][i % 16], *second = first + 16;
          __m512 a = *first, b = *second;
          if constexpr (sizeof(T) == 1) {
            a = _mm512_cvtepi32_ps(_mm512_castps_si512(a));
            b = _mm512_cvtepi32_ps(_mm512_castps_si512(b));
          }
          _mm512_storeu_si512(out + (r + i) * columns + c, (__m512i)_mm512_cvtne2ps_pbh(b, a));
        }
      }
  _tile_release();
}

// out[rows][columns] (float32) = sum over n of left[n][rows] right[n][columns]
void multiply_transposed(const half* left, const int8_t* right, int64_t n, int64_t rows,
                         int64_t columns, float* out) {
  const int64_t chunk = std::min<int64_t>(n, 512), tiles = chunk / 32;
  static std::vector<std::array<__m512i, 16>> lefts, rights;
  lefts.resize(std::max<size_t>(lefts.size(), rows / 16 * tiles));
  rights.resize(std::max<size_t>(rights.size(), columns / 16 * tiles));
  const Tile *a = (const Tile*)lefts.data(), *b = (const Tile*)rights.data();
  for (int64_t begin = 0; begin < n; begin += chunk) {
    pack(left + begin * rows, chunk, rows, true, (Tile*)lefts.data());
    pack(right + begin * columns, chunk, columns, false, (Tile*)rights.data());
    _tile_loadconfig(&kTiles);
    for (int64_t r = 0; r < rows; r += 32)
      for (int64_t c = 0; c < columns; c += 32) {
        float* corner = out + r * columns + c;
        if (begin == 0) {
          clear_sums();
        } else {
          _tile_loadd(0, corner, columns * 4);
          _tile_loadd(1, corner + 16, columns * 4);
          _tile_loadd(2, corner + 16 * columns, columns * 4);
          _tile_loadd(3, corner + 16 * columns + 16, columns * 4);
        }
        block<half>(a + r / 16 * tiles, a + (r / 16 + 1) * tiles, 64, 1024, b + c / 16 * tiles,
                    b + (c / 16 + 1) * tiles, tiles);
        store_sums(corner, 64, 64 * columns, columns * 4);
      }
    _tile_release();
  }
}

bool has_amx() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  static const bool has = __builtin_cpu_supports("amx-bf16") &&
                          syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return has;
}

// A ternary matrix [outputs][inputs], packed for y = q W^T and for dy = g W. Without AMX the
// products are PyTorch's in float32, which is as fast there as AVX-512's bfloat16.
struct Ternary {
  int64_t inputs, outputs;
  float mean;  // mean |W|: a weight is worth -mean, 0 or mean
  std::vector<std::array<__m512i, 16>> forward, backward;
  Tensor plain;  // without AMX

  explicit Ternary(const Tensor& weight) : inputs(weight.size(1)), outputs(weight.size(0)) {
    const int64_t count = inputs * outputs;
    const float* w = floats(weight);
    mean = mean_of(w, count);
    const float scale = 1 / mean;
    if (!has_amx()) {
      plain = torch::empty({outputs, inputs}, kFloat);
      for (int64_t k = 0; k < count; ++k) floats(plain)[k] = trit(w[k], scale);
      return;
    }
    std::vector<int8_t> ternary(count);
    for (int64_t k = 0; k < count; ++k) ternary[k] = trit(w[k], scale);
    forward.resize(count / 1024);
    pack_transposed(ternary.data(), inputs, outputs, (Tile*)forward.data());
    backward.resize(count / 512);
    pack(ternary.data(), outputs, inputs, false, (Tile*)backward.data());
  }

  Tensor apply(const Tensor& q) const {
    if (!has_amx()) return q.to(kFloat).mm(plain.t()).to(kHalf);
    Tensor out = torch::empty({q.size(0), outputs}, kHalf);
    multiply(bytes(q), (const Tile*)forward.data(), q.size(0), inputs, outputs, halves(out));
    return out;
  }

  Tensor apply_transposed(const Tensor& g) const {
    if (!has_amx()) return g.to(kFloat).mm(plain).to(kHalf);
    Tensor out = torch::empty({g.size(0), inputs}, kHalf);
    multiply(halves(g), (const Tile*)backward.data(), g.size(0), outputs, inputs, halves(out));
    return out;
  }

  Tensor weight_gradient(const Tensor& g, const Tensor& q) const {
    if (!has_amx()) return g.to(kFloat).t().mm(q.to(kFloat));
    Tensor out = torch::empty({outputs, inputs}, kFloat);
    multiply_transposed(halves(g), bytes(q), g.size(0), outputs, inputs, floats(out));
    return out;
  }
};

// ---- rows
// -----------------------------------------------------------------------------------------------------------

// z = x / rms(x); returns 1 / rms(x).
float normalize(const float* x, int64_t d, float eps, float* z) {
  float sum = 0;
  for (int64_t k = 0; k < d; ++k) sum += x[k] * x[k];
  const float r = 1 / std::sqrt(sum / d + eps);
  for (int64_t k = 0; k < d; ++k) z[k] = x[k] * r;
  return r;
}

// The gradient through z = x / rms(x), in place.
void normalize_backward(float* g, const float* z, float r, int64_t d) {
  float sum = 0;
  for (int64_t k = 0; k < d; ++k) sum += g[k] * z[k];
  sum /= d;
  for (int64_t k = 0; k < d; ++k) g[k] = r * (g[k] - z[k] * sum);
}

// The gradient that reaches z = x / rms(x) through y = z weight of one BitLinear, added to gz.
void bitlinear_backward(const half* product, float scale, const float* z, const float* weight,
                        int64_t d, float* grad_weight, float* gz) {
  for (int64_t k = 0; k < d; ++k) {
    const float gy = widen(product[k]) * scale;
    grad_weight[k] += gy * z[k];
    gz[k] += gy * weight[k];
  }
}

float kept(uint8_t noise, int threshold) {
  return noise >= threshold ? 256.f / (256 - threshold) : 0.f;
}

// Residual sum, norm, and the inputs of the BitLinears that share it. `h` becomes the sum.
struct Entry {
  Tensor h, outer, inner;        // the rows, and both norms' 1 / rms
  std::vector<Tensor> q, scale;  // one pair a BitLinear

  Entry(Tensor rows, const Tensor& norm, std::vector<Tensor> weights, float eps) : h(rows) {
    const int64_t n = h.size(0), d = h.size(1);
    outer = torch::empty(n, kFloat);
    inner = torch::empty(n, kFloat);
    for (size_t m = 0; m < weights.size(); ++m) {
      q.push_back(torch::empty({n, d}, torch::kInt8));
      scale.push_back(torch::empty(n, kFloat));
    }
    std::vector<float> z(d);
    for (int64_t row = 0; row < n; ++row) {
      floats(outer)[row] = normalize(floats(h) + row * d, d, eps, z.data());
      const float* w = floats(norm);
      for (int64_t k = 0; k < d; ++k) z[k] *= w[k];
      floats(inner)[row] = normalize(z.data(), d, eps, z.data());
      for (size_t m = 0; m < weights.size(); ++m)
        floats(scale[m])[row] = quantize(z.data(), floats(weights[m]), d, bytes(q[m]) + row * d);
    }
  }
  Entry() = default;

  // Adds to grad [N,d] what comes back from the BitLinears; `products` are their g W. Returns the
  // gradients of the norm and of the BitLinears' norms.
  std::vector<Tensor> backward(const Tensor& norm, const std::vector<Tensor>& weights,
                               const std::vector<float>& means, const std::vector<Tensor>& products,
                               Tensor& grad) const {
    const int64_t n = h.size(0), d = h.size(1);
    std::vector<Tensor> out;
    for (size_t m = 0; m <= weights.size(); ++m) out.push_back(torch::zeros(d, kFloat));
    std::vector<float> z(d), x(d), g(d);
    const float* w = floats(norm);
    float* grad_norm = floats(out[0]);
    for (int64_t row = 0; row < n; ++row) {
      const float r1 = floats(outer)[row], r2 = floats(inner)[row];
      const float* hr = floats(h) + row * d;
      float* gr = floats(grad) + row * d;
      for (int64_t k = 0; k < d; ++k) {
        x[k] = hr[k] * r1;
        z[k] = x[k] * w[k] * r2;
        g[k] = 0;
      }
      for (size_t m = 0; m < weights.size(); ++m)
        bitlinear_backward(halves(products[m]) + row * d, floats(scale[m])[row] * means[m],
                           z.data(), floats(weights[m]), d, floats(out[m + 1]), g.data());
      normalize_backward(g.data(), z.data(), r2, d);
      for (int64_t k = 0; k < d; ++k) {
        grad_norm[k] += g[k] * x[k];
        g[k] *= w[k];
      }
      normalize_backward(g.data(), x.data(), r1, d);
      for (int64_t k = 0; k < d; ++k) gr[k] += g[k];
    }
    return out;
  }
};

// h + dropout(product / (scale s_w))
Tensor add_residual(const Tensor& h, const Tensor& product, const Tensor& scale, float mean,
                    const Tensor& noise, int threshold) {
  const int64_t n = h.size(0), d = h.size(1);
  Tensor out = torch::empty_like(h);
  for (int64_t row = 0; row < n; ++row) {
    const float c = mean / floats(scale)[row];
    const half* p = halves(product) + row * d;
    const uint8_t* u = noise.data_ptr<uint8_t>() + row * d;
    const float* x = floats(h) + row * d;
    float* y = floats(out) + row * d;
    for (int64_t k = 0; k < d; ++k) y[k] = x[k] + widen(p[k]) * c * kept(u[k], threshold);
  }
  return out;
}

// The gradient that enters the branch's last BitLinear, over its activation scale.
Tensor residual_backward(const Tensor& grad, const Tensor& scale, const Tensor& noise,
                         int threshold) {
  const int64_t n = grad.size(0), d = grad.size(1);
  Tensor out = torch::empty({n, d}, kHalf);
  for (int64_t row = 0; row < n; ++row) {
    const float c = 1 / floats(scale)[row];
    const uint8_t* u = noise.data_ptr<uint8_t>() + row * d;
    const float* g = floats(grad) + row * d;
    half* y = halves(out) + row * d;
    for (int64_t k = 0; k < d; ++k) y[k] = narrow(g[k] * c * kept(u[k], threshold));
  }
  return out;
}

// ---- the two halves of a block
// ------------------------------------------------------------------------------------------------------

struct TokenMixer : torch::CustomClassHolder {
  enum Parameter {  // in the order of the state dict
    kNorm,
    kI,
    kINorm,
    kF,
    kFNorm,
    kG,
    kGNorm,
    kGateNorm,
    kO,
    kONorm,
    kCount
  };
  std::vector<Tensor> p;
  Tensor bound, first, noise;
  int64_t batch, time, d;
  int threshold;
  float eps;
  std::vector<Ternary> w;  // i f g o
  Entry mix;
  Tensor i, f, g, states, norm_g, norm_o, q_o, scale_o;

  Tensor forward(Tensor h, Tensor state, Tensor lower_bound, Tensor random, int64_t drop,
                 double epsilon, std::vector<Tensor> parameters) {
    p = parameters;
    batch = h.size(0), time = h.size(1), d = h.size(2);
    bound = lower_bound, first = state, noise = random, threshold = int(drop), eps = float(epsilon);
    for (int index : {kI, kF, kG, kO}) w.emplace_back(p[index]);
    mix = Entry(h.reshape({batch * time, d}), p[kNorm], {p[kINorm], p[kFNorm], p[kGNorm]}, eps);
    i = w[0].apply(mix.q[0]), f = w[1].apply(mix.q[1]), g = w[2].apply(mix.q[2]);
    recurrence();
    return add_residual(mix.h, w[3].apply(q_o), scale_o, w[3].mean, noise, threshold)
        .reshape({batch, time, d});
  }

  Tensor last_state() const { return states.reshape({batch, time, d}).select(1, time - 1).clone(); }

  // Gradients of h, of the lower bound and of the parameters, in this order.
  std::vector<Tensor> backward(Tensor gradient) {
    Tensor grad = gradient.reshape({batch * time, d}).clone();
    std::vector<Tensor> out(kCount);
    for (int index : {kGateNorm, kONorm}) out[index] = torch::zeros_like(p[index]);
    Tensor g_o = residual_backward(grad, scale_o, noise, threshold);
    out[kO] = w[3].weight_gradient(g_o, q_o);
    Tensor grad_bound = torch::zeros(d, kFloat);
    auto inputs =
        recurrence_backward(w[3].apply_transposed(g_o), out[kONorm], out[kGateNorm], grad_bound);
    std::vector<Tensor> products;
    for (int m = 0; m < 3; ++m) {
      out[kI + 2 * m] = w[m].weight_gradient(inputs[m], mix.q[m]);
      products.push_back(w[m].apply_transposed(inputs[m]));
    }
    auto norms = mix.backward(p[kNorm], {p[kINorm], p[kFNorm], p[kGNorm]},
                              {w[0].mean, w[1].mean, w[2].mean}, products, grad);
    out[kNorm] = norms[0], out[kINorm] = norms[1], out[kFNorm] = norms[2], out[kGNorm] = norms[3];
    out.insert(out.begin(), {grad.reshape({batch, time, d}), grad_bound});
    return out;
  }

  void recurrence() {
    const int64_t n = batch * time;
    states = torch::empty({n, d}, kFloat);
    norm_g = torch::empty(n, kFloat), norm_o = torch::empty(n, kFloat),
    scale_o = torch::empty(n, kFloat);
    q_o = torch::empty({n, d}, torch::kInt8);
    std::vector<float> z(d);
    const float* lb = floats(bound);
    const float* wg = floats(p[kGateNorm]);
    for (int64_t row = 0; row < n; ++row) {
      const float ci = w[0].mean / floats(mix.scale[0])[row],
                  cf = w[1].mean / floats(mix.scale[1])[row];
      const float cg = w[2].mean / floats(mix.scale[2])[row];
      const half *ir = halves(i) + row * d, *fr = halves(f) + row * d, *gr = halves(g) + row * d;
      const float* before =
          row % time ? floats(states) + (row - 1) * d : floats(first) + row / time * d;
      float* s = floats(states) + row * d;
      for (int64_t k = 0; k < d; ++k) z[k] = widen(gr[k]) * cg;
      floats(norm_g)[row] = normalize(z.data(), d, eps, z.data());
#pragma GCC ivdep
      for (int64_t k = 0; k < d; ++k) {
        const float in = widen(ir[k]) * ci,
                    forget = lb[k] + (1 - lb[k]) * sigmoid(widen(fr[k]) * cf);
        s[k] = forget * before[k] + in * sigmoid(in) * (1 - forget);
        z[k] *= wg[k] * s[k] * sigmoid(s[k]);
      }
      floats(norm_o)[row] = normalize(z.data(), d, eps, z.data());
      floats(scale_o)[row] = quantize(z.data(), floats(p[kONorm]), d, bytes(q_o) + row * d);
    }
  }

  std::vector<Tensor> recurrence_backward(const Tensor& product, Tensor& grad_o, Tensor& grad_g,
                                          Tensor& grad_bound) {
    const int64_t n = batch * time;
    std::vector<Tensor> out;
    for (int m = 0; m < 3; ++m) out.push_back(torch::empty({n, d}, kHalf));
    std::vector<float> x(d), z(d), silu(d), gz(d), carry(d);
    const float* lb = floats(bound);
    const float* wg = floats(p[kGateNorm]);
    float *gwg = floats(grad_g), *glb = floats(grad_bound);
    for (int64_t row = n - 1; row >= 0; --row) {
      const float si = floats(mix.scale[0])[row], sf = floats(mix.scale[1])[row],
                  sg = floats(mix.scale[2])[row];
      const float ci = w[0].mean / si, cf = w[1].mean / sf, cg = w[2].mean / sg;
      const float rg = floats(norm_g)[row], ro = floats(norm_o)[row];
      const half *ir = halves(i) + row * d, *fr = halves(f) + row * d, *gr = halves(g) + row * d;
      const float* before =
          row % time ? floats(states) + (row - 1) * d : floats(first) + row / time * d;
      const float* s = floats(states) + row * d;
      half *gi = halves(out[0]) + row * d, *gf = halves(out[1]) + row * d,
           *gg = halves(out[2]) + row * d;
      if (row % time == time - 1) std::fill(carry.begin(), carry.end(), 0.f);
      for (int64_t k = 0; k < d; ++k) {
        x[k] = widen(gr[k]) * cg * rg;
        silu[k] = s[k] * sigmoid(s[k]);
        z[k] = x[k] * wg[k] * silu[k] * ro;
        gz[k] = 0;
      }
      bitlinear_backward(halves(product) + row * d, floats(scale_o)[row] * w[3].mean, z.data(),
                         floats(p[kONorm]), d, floats(grad_o), gz.data());
      normalize_backward(gz.data(), z.data(), ro, d);
#pragma GCC ivdep
      for (int64_t k = 0; k < d; ++k) {
        const float through = gz[k];
        const float gate = sigmoid(s[k]), slope = gate * (1 + s[k] * (1 - gate));
        const float total = through * x[k] * wg[k] * slope + carry[k];  // the gradient of s_t
        gwg[k] += through * silu[k] * x[k];
        gz[k] = through * silu[k] * wg[k];
        const float in = widen(ir[k]) * ci, open = sigmoid(in), free = sigmoid(widen(fr[k]) * cf);
        const float forget = lb[k] + (1 - lb[k]) * free;
        const float grad_forget = total * (before[k] - in * open);
        carry[k] = total * forget;
        glb[k] += grad_forget * (1 - free);
        gi[k] = narrow(total * (1 - forget) * open * (1 + in * (1 - open)) / si);
        gf[k] = narrow(grad_forget * (1 - lb[k]) * free * (1 - free) / sf);
      }
      normalize_backward(gz.data(), x.data(), rg, d);
      for (int64_t k = 0; k < d; ++k) gg[k] = narrow(gz[k] / sg);
    }
    return out;
  }
};

struct GatedUnit : torch::CustomClassHolder {
  enum Parameter {
    kNorm,
    kUp,
    kUpNorm,
    kDown,
    kDownNorm,
    kCount
  };  // in the order of the state dict
  std::vector<Tensor> p;
  Tensor noise;
  int64_t d, size;
  int threshold;
  float eps;
  std::vector<Ternary> w;  // up down
  Entry channel;
  Tensor up, norm_down, q_down, scale_down;

  Tensor forward(Tensor h, Tensor random, int64_t drop, double epsilon,
                 std::vector<Tensor> parameters) {
    p = parameters;
    d = h.size(-1), size = p[kDown].size(1);
    noise = random, threshold = int(drop), eps = float(epsilon);
    for (int index : {kUp, kDown}) w.emplace_back(p[index]);
    channel = Entry(h.reshape({-1, d}), p[kNorm], {p[kUpNorm]}, eps);
    up = w[0].apply(channel.q[0]);
    gated_unit();
    return add_residual(channel.h, w[1].apply(q_down), scale_down, w[1].mean, noise, threshold)
        .reshape(h.sizes());
  }

  // Gradients of h and of the parameters, in this order.
  std::vector<Tensor> backward(Tensor gradient) {
    Tensor grad = gradient.reshape({-1, d}).clone();
    std::vector<Tensor> out(kCount);
    out[kDownNorm] = torch::zeros_like(p[kDownNorm]);
    Tensor g_down = residual_backward(grad, scale_down, noise, threshold);
    out[kDown] = w[1].weight_gradient(g_down, q_down);
    Tensor g_up = gated_unit_backward(w[1].apply_transposed(g_down), out[kDownNorm]);
    out[kUp] = w[0].weight_gradient(g_up, channel.q[0]);
    auto norms =
        channel.backward(p[kNorm], {p[kUpNorm]}, {w[0].mean}, {w[0].apply_transposed(g_up)}, grad);
    out[kNorm] = norms[0], out[kUpNorm] = norms[1];
    out.insert(out.begin(), grad.reshape(gradient.sizes()));
    return out;
  }

  void gated_unit() {
    const int64_t n = up.size(0);
    norm_down = torch::empty(n, kFloat), scale_down = torch::empty(n, kFloat);
    q_down = torch::empty({n, size}, torch::kInt8);
    std::vector<float> z(size);
    for (int64_t row = 0; row < n; ++row) {
      const float c = w[0].mean / floats(channel.scale[0])[row];
      const half* gate = halves(up) + row * 2 * size;
      for (int64_t k = 0; k < size; ++k) {
        const float x = widen(gate[k]) * c;
        z[k] = x * sigmoid(x) * widen(gate[k + size]) * c;
      }
      floats(norm_down)[row] = normalize(z.data(), size, eps, z.data());
      floats(scale_down)[row] =
          quantize(z.data(), floats(p[kDownNorm]), size, bytes(q_down) + row * size);
    }
  }

  Tensor gated_unit_backward(const Tensor& product, Tensor& grad_norm) {
    const int64_t n = up.size(0);
    Tensor out = torch::empty({n, 2 * size}, kHalf);
    std::vector<float> z(size), gz(size);
    for (int64_t row = 0; row < n; ++row) {
      const float scale = floats(channel.scale[0])[row], c = w[0].mean / scale,
                  r = floats(norm_down)[row];
      const half* gate = halves(up) + row * 2 * size;
      for (int64_t k = 0; k < size; ++k) {
        const float x = widen(gate[k]) * c;
        z[k] = x * sigmoid(x) * widen(gate[k + size]) * c * r;
        gz[k] = 0;
      }
      bitlinear_backward(halves(product) + row * size, floats(scale_down)[row] * w[1].mean,
                         z.data(), floats(p[kDownNorm]), size, floats(grad_norm), gz.data());
      normalize_backward(gz.data(), z.data(), r, size);
      half* y = halves(out) + row * 2 * size;
      for (int64_t k = 0; k < size; ++k) {
        const float x = widen(gate[k]) * c, s = sigmoid(x), other = widen(gate[k + size]) * c;
        y[k] = narrow(gz[k] * other * s * (1 + x * (1 - s)) / scale);
        y[k + size] = narrow(gz[k] * x * s / scale);
      }
    }
    return out;
  }
};

bool available() {
  for (bool has : {__builtin_cpu_supports("avx512f") != 0, __builtin_cpu_supports("avx512bw") != 0,
                   __builtin_cpu_supports("avx512vl") != 0, __builtin_cpu_supports("avx512dq") != 0,
                   __builtin_cpu_supports("avx512vnni") != 0})
    if (!has) return false;
  return true;
}

// For the test of the products alone.
Tensor product(const Tensor& q, const Tensor& weight) { return Ternary(weight).apply(q); }
Tensor product_transposed(const Tensor& g, const Tensor& weight) {
  return Ternary(weight).apply_transposed(g);
}
Tensor product_gradient(const Tensor& g, const Tensor& q, const Tensor& weight) {
  return Ternary(weight).weight_gradient(g, q);
}

}  // namespace
}  // namespace sterna_train

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  using namespace sterna_train;
  m.def("available", &available);
  m.def("has_amx", &has_amx);
  m.def("product", &product);
  m.def("product_transposed", &product_transposed);
  m.def("product_gradient", &product_gradient);
  pybind11::class_<TokenMixer>(m, "TokenMixer")
      .def(pybind11::init<>())
      .def("forward", &TokenMixer::forward)
      .def("last_state", &TokenMixer::last_state)
      .def("backward", &TokenMixer::backward);
  pybind11::class_<GatedUnit>(m, "GatedUnit")
      .def(pybind11::init<>())
      .def("forward", &GatedUnit::forward)
      .def("backward", &GatedUnit::backward);
  pybind11::class_<Trees>(m, "Trees")
      .def(pybind11::init<>())
      .def("forward", &Trees::forward)
      .def_readonly("logits", &Trees::logits)
      .def_readonly("leaf", &Trees::leaf)
      .def("backward", &Trees::backward);
}
