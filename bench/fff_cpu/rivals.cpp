// SPDX-License-Identifier: Apache-2.0
#include "bench/fff_cpu/rivals.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "host/fff/float_kernels.h"

namespace sterna::bench {
namespace {

using dnnl::memory;
using Dims = memory::dims;

// OpenBLAS has no activation: ours, vectorised as FFF's own is.
DenseLayer open_blas(std::size_t n, std::size_t width, std::size_t neurons, const float* w1,
                     const float* w2) {
  const std::size_t padded = (n * neurons + fff::kRowAlign - 1) / fff::kRowAlign * fff::kRowAlign;
  auto storage = std::make_shared<std::vector<float>>(padded + fff::kRowAlign);
  float* hidden = storage->data();
  while (reinterpret_cast<std::uintptr_t>(hidden) % (fff::kRowAlign * sizeof(float)) != 0) ++hidden;
  const auto* kernels = &fff::chosen_float_kernels();
  const int rows = static_cast<int>(n), in = static_cast<int>(width),
            mid = static_cast<int>(neurons);
  return {fmt::format("OpenBLAS {} FF-{}", n == 1 ? "sgemv" : "sgemm", neurons),
          [=, keep = storage](const float* x, float* y) {
            if (n == 1) {
              cblas_sgemv(CblasRowMajor, CblasNoTrans, mid, in, 1, w1, in, x, 1, 0, hidden, 1);
            } else {
              cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, mid, in, 1, x, in, w1, in,
                          0, hidden, mid);
            }
            kernels->activate(fff::Activation::kGelu, hidden, padded);
            if (n == 1) {
              cblas_sgemv(CblasRowMajor, CblasNoTrans, in, mid, 1, w2, mid, hidden, 1, 0, y, 1);
            } else {
              cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, in, mid, 1, hidden, mid,
                          w2, mid, 0, y, in);
            }
          }};
}

// Two inner products of oneDNN with the weights in the layout that it likes best, GELU fused into
// the first.
class OneDnn {
 public:
  OneDnn(std::size_t n, std::size_t width, std::size_t neurons, std::span<const float> w1,
         std::span<const float> w2, bool int8)
      : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_), int8_(int8), elements_(n * width) {
    const auto rows = static_cast<memory::dim>(n), in = static_cast<memory::dim>(width),
               mid = static_cast<memory::dim>(neurons);
    const auto small = int8 ? memory::data_type::s8 : memory::data_type::f32;
    // What an int8 deployment would have calibrated: a step of each tensor that takes its range.
    scale1_ = int8 ? 127 / largest(w1) : 1;
    scale2_ = int8 ? 127 / largest(w2) : 1;
    x_ = memory({{rows, in}, small, memory::format_tag::ab}, engine_);
    dnnl::post_ops gelu;
    gelu.append_eltwise(1, dnnl::algorithm::eltwise_gelu_erf, 1, 0);
    if (int8) gelu.append_eltwise(1, dnnl::algorithm::eltwise_linear, kHiddenScale, 0);
    first_ = make({rows, in}, {mid, in}, {rows, mid}, small, 1 / (kInputScale * scale1_), gelu, w1,
                  scale1_, weights1_);
    hidden_ = memory(first_.dst_desc(), engine_);
    second_ = make({rows, mid}, {in, mid}, {rows, in}, memory::data_type::f32,
                   1 / (kHiddenScale * scale2_), {}, w2, scale2_, weights2_);
    y_ = memory({{rows, in}, memory::data_type::f32, memory::format_tag::ab}, engine_, nullptr);
  }

  void forward(const float* x, float* y) {
    if (int8_) {
      auto* q = static_cast<std::int8_t*>(x_.get_data_handle());
      for (std::size_t i = 0; i < elements_; ++i) {
        q[i] =
            static_cast<std::int8_t>(std::lrintf(std::clamp(x[i] * kInputScale, -127.0f, 127.0f)));
      }
    } else {
      x_.set_data_handle(const_cast<float*>(x));
    }
    y_.set_data_handle(y);
    dnnl::inner_product_forward(first_).execute(
        stream_, {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, weights1_}, {DNNL_ARG_DST, hidden_}});
    dnnl::inner_product_forward(second_).execute(
        stream_, {{DNNL_ARG_SRC, hidden_}, {DNNL_ARG_WEIGHTS, weights2_}, {DNNL_ARG_DST, y_}});
    stream_.wait();
  }

 private:
  static constexpr float kInputScale = 127 / 5.0f, kHiddenScale = 127 / 5.0f;

  static float largest(std::span<const float> w) {
    float most = 0;
    for (const float f : w) most = std::max(most, std::abs(f));
    return most;
  }

  dnnl::inner_product_forward::primitive_desc make(const Dims& source, const Dims& weights,
                                                   const Dims& result, memory::data_type to,
                                                   float scale, const dnnl::post_ops& post_ops,
                                                   std::span<const float> values,
                                                   float weight_scale, memory& packed) {
    const auto from = int8_ ? memory::data_type::s8 : memory::data_type::f32;
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(post_ops);
    if (int8_) attributes.set_output_scales(0, {scale});
    const dnnl::inner_product_forward::desc description(
        dnnl::prop_kind::forward_inference, memory::desc(source, from, memory::format_tag::ab),
        memory::desc(weights, from, memory::format_tag::any),
        memory::desc(result, to, memory::format_tag::ab));
    dnnl::inner_product_forward::primitive_desc primitive(description, attributes, engine_);
    std::vector<std::int8_t> steps;
    memory plain;
    if (int8_) {
      for (const float f : values)
        steps.push_back(static_cast<std::int8_t>(std::lrintf(f * weight_scale)));
      plain = memory({weights, from, memory::format_tag::ab}, engine_, steps.data());
    } else {
      plain = memory({weights, from, memory::format_tag::ab}, engine_,
                     const_cast<float*>(values.data()));
    }
    packed = memory(primitive.weights_desc(), engine_);
    dnnl::reorder(plain, packed).execute(stream_, plain, packed);
    stream_.wait();
    return primitive;
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  bool int8_;
  std::size_t elements_;
  float scale1_ = 1, scale2_ = 1;
  dnnl::inner_product_forward::primitive_desc first_, second_;
  memory x_, hidden_, y_, weights1_, weights2_;
};

}  // namespace

std::vector<DenseLayer> make_rivals(std::size_t n, std::size_t width, std::size_t neurons,
                                    std::span<const float> w1, std::span<const float> w2) {
  std::vector<DenseLayer> rivals{open_blas(n, width, neurons, w1.data(), w2.data())};
  for (const bool int8 : {false, true}) {
    auto layer = std::make_shared<OneDnn>(n, width, neurons, w1, w2, int8);
    rivals.push_back({fmt::format("oneDNN {} FF-{}", int8 ? "int8" : "fp32", neurons),
                      [layer](const float* x, float* y) { layer->forward(x, y); }});
  }
  return rivals;
}

std::string rival_versions() {
  const auto* dnn = dnnl_version();
  return fmt::format("{}; oneDNN {}.{}.{}", openblas_get_config(), dnn->major, dnn->minor,
                     dnn->patch);
}

}  // namespace sterna::bench
