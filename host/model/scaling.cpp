// SPDX-License-Identifier: Apache-2.0
#include "host/model/scaling.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "isa/numerics.h"

namespace sterna {
namespace {

constexpr int kLeastPower = -12, kGreatestPower = 8;
const double kRange = std::ldexp(1.0, 31 - static_cast<int>(kFractionBits));

// The greatest power of two, kGreatestPower at most, with which `limit` stays within fix.
int power_for(double limit, int greatest = kGreatestPower) {
  if (!(limit > 0)) return greatest;
  const double power = std::floor(std::log2(kRange / limit));
  return static_cast<int>(std::clamp<double>(power, kLeastPower, greatest));
}

// The greatest power of a vector whose norm has this eps: eps times its square must fit NORM's
// immediate.
int greatest_power(double eps) {
  constexpr int kEpsIntegerBits = 32 - static_cast<int>(numerics::kEpsFractionBits);
  if (!(eps > 0)) return kGreatestPower;
  const double room = std::floor((kEpsIntegerBits - std::log2(eps)) / 2 - 1e-6);
  return static_cast<int>(std::clamp<double>(room, kLeastPower, kGreatestPower));
}

class Chooser {
 public:
  explicit Chooser(const ScalingSource& source) : source_(source) {}

  Scaling choose() {
    const double norm_eps = source_.model.rms_norm_eps;
    for (std::uint32_t n = 0; n < source_.model.layers; ++n) {
      const auto name = [&](const char* rest) { return layer_tensor(n, rest); };
      Scaling::Layer layer;
      choose_norm(name("attn_norm"), greatest_power(kBitLinearEps));
      layer.f = choose_product(name("attn.f_proj"), kLeastSigmoidPower, kGreatestSigmoidPower);
      layer.state = choose_product(name("attn.i_proj"), kLeastSigmoidPower, kGreatestSigmoidPower);
      layer.g = choose_product(name("attn.g_proj"), kLeastPower, greatest_power(norm_eps));
      choose_g_norm(layer, name("attn.g_norm.weight"));
      add_to_residual(name("attn.o_proj"));

      choose_norm(name("mlp_norm"), greatest_power(kBitLinearEps));
      choose_gate(layer, name("mlp.gate_proj"));
      add_to_residual(name("mlp.down_proj"));
      scaling_.layers.push_back(layer);
    }
    choose_norm("model.norm", greatest_power(kBitLinearEps));
    choose_product("lm_head", 0, 0);
    choose_residual(greatest_power(norm_eps));
    return std::move(scaling_);
  }

 private:
  static constexpr int kLeastSigmoidPower = -8, kGreatestSigmoidPower = 7;  // SIGP and SILUP

  // No output of a BitLinear is larger. A row's dot product is at most the product of the two
  // lengths: that of the row is mean |W| for each trit, weighted by the norm's weight, and a
  // normalised vector's is sqrt(n).
  double bound(const std::string& layer) const {
    double squares = 0;
    const std::vector<float> weight = source_.tensor(layer + ".norm.weight").values();
    for (const float w : weight) squares += static_cast<double>(w) * static_cast<double>(w);
    return static_cast<double>(source_.mean(layer + ".weight")) *
           std::sqrt(squares * static_cast<double>(weight.size()));
  }

  // TMATMUL's factor, the worth of one step of its input, must be below 1/16: as if there were an
  // output of so many.
  double step_bound(const std::string& layer) const {
    constexpr double kSteps = 16;
    return source_.mean(layer + ".weight") / 127.0 * norm_bound(layer + ".norm.weight") * kSteps *
           kRange;
  }

  // A normalised vector's elements are at most sqrt(n), times their weights.
  double norm_bound(const std::string& weight) const {
    return largest_magnitude(weight) *
           std::sqrt(static_cast<double>(source_.tensor(weight).cols()));
  }

  double largest_magnitude(const std::string& name) const {
    const FloatTensor tensor = source_.tensor(name);
    float largest = 0;
    std::vector<float> row(tensor.cols());
    for (std::uint64_t r = 0; r < tensor.rows(); ++r) {
      tensor.row(r, row);
      for (const float value : row) largest = std::max(largest, std::abs(value));
    }
    return largest;
  }

  void expect(double limit, int power, const std::string& name) {
    if (std::ldexp(limit, power) > kRange) scaling_.may_saturate.push_back(name);
  }

  void choose_norm(const std::string& name, int greatest) {
    const std::string weight = name + ".weight";
    const double limit = norm_bound(weight);
    scaling_.norms[weight] = power_for(limit, greatest);
    expect(limit, scaling_.norms[weight], name);
  }

  // A BitLinear: its norm, and the power of its outputs.
  int choose_product(const std::string& name, int least, int greatest) {
    choose_norm(name + ".norm", kGreatestPower);
    const double limit = std::max(bound(name), step_bound(name));
    const int power = std::max(least, power_for(limit, greatest));
    expect(limit, power, name);
    return power;
  }

  // LIFT leaves so many bits free that the product with the normalised g, which is at most sqrt(d),
  // stays within fix: here the weight has a power that makes it 1 at most.
  void choose_g_norm(Scaling::Layer& layer, const std::string& weight) {
    const double limit = largest_magnitude(weight) * kRange;
    const int greatest = greatest_power(kBitLinearEps) - layer.state;
    scaling_.norms[weight] = power_for(limit, greatest);
    const double left = std::ldexp(limit, scaling_.norms[weight]) / kRange *
                        std::sqrt(static_cast<double>(source_.model.hidden_size));
    layer.g_headroom = static_cast<unsigned>(std::clamp(std::ceil(std::log2(left)), 0.0, 15.0));
  }

  // LIFT makes SiLU(gate) as large as the product with up may be, whatever both are.
  void choose_gate(Scaling::Layer& layer, const std::string& name) {
    const int each = choose_product(name, kLeastSigmoidPower, kGreatestSigmoidPower);
    const int power = std::min(2 * each, greatest_power(kBitLinearEps));
    layer.up = power >= 0 ? power / 2 : (power - 1) / 2;
    layer.gate = power - layer.up;
    const double up = std::ldexp(std::max(bound(name), step_bound(name)), layer.up);
    layer.up_headroom = static_cast<unsigned>(std::clamp(std::ceil(std::log2(up)), 0.0, 15.0));
  }

  void add_to_residual(const std::string& name) {
    choose_norm(name + ".norm", kGreatestPower);
    added_ += std::pow(bound(name), 2);
    added_step_ = std::max(added_step_, step_bound(name));
  }

  // A power of their own costs embeddings two instructions, which is worth it where the largest
  // would have fewer than 20 bits.
  void choose_residual(int greatest) {
    const double embedding = largest_magnitude("model.embeddings.weight");
    const double limit = std::max(embedding + 2 * std::sqrt(added_), added_step_);
    scaling_.residual = scaling_.embedding = power_for(limit, greatest);
    if (std::ldexp(embedding, scaling_.residual) < 1.0 / 16) {
      scaling_.embedding = power_for(embedding, greatest);
    }
    expect(limit, scaling_.residual, "the residual stream");
  }

  const ScalingSource& source_;
  Scaling scaling_;
  double added_ = 0;  // squares of the bounds of all that is added to the residual stream
  double added_step_ = 0;
};

}  // namespace

Scaling choose_scaling(const ScalingSource& source) { return Chooser(source).choose(); }

}  // namespace sterna
