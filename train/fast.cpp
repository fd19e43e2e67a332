// SPDX-License-Identifier: Apache-2.0
// One training step of a layer on a CPU: what model.py says, with every row-wise chain fused into
// one pass over a row. Gradients pass straight through the roundings. Single-threaded.
//
// Names: N = B*T rows (tokens), d hidden size, I intermediate size.
#include <vector>

#include "products.h"
#include "residual.h"
#include "rows.h"
#include "trees.h"

namespace sterna_train {
namespace {

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
