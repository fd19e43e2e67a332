// SPDX-License-Identifier: Apache-2.0
#include "host/model/scaling_chooser.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/model/tensor_spec.h"
#include "isa/numerics.h"

namespace sterna::model {
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

}  // namespace

ScalingChooser::Powers ScalingChooser::for_sigmoid() { return {-8, 7}; }

ScalingChooser::Powers ScalingChooser::for_norm(double eps) {
  return {kLeastPower, greatest_power(eps)};
}

// No output of a BitLinear is larger. A row's dot product is at most the product of the two
// lengths: that of the row is mean |W| for each trit, weighted by the norm's weight, and a
// normalised vector's is sqrt(n).
double ScalingChooser::bound(const std::string& bit_linear) const {
  return bound(bit_linear + ".weight", bit_linear + ".norm.weight");
}

double ScalingChooser::bound(const std::string& matrix, const std::string& norm_weight) const {
  double squares = 0;
  const std::vector<float> weight = source_.tensor(norm_weight).values();
  for (const float w : weight) squares += static_cast<double>(w) * static_cast<double>(w);
  return static_cast<double>(source_.mean(matrix)) *
         std::sqrt(squares * static_cast<double>(weight.size()));
}

// TMATMUL's factor, the worth of one step of its input, must be below 1/16: as if there were an
// output of so many.
double ScalingChooser::step_bound(double mean, double input) {
  constexpr double kSteps = 16;
  return mean / 127.0 * input * kSteps * kRange;
}

double ScalingChooser::step_bound(const std::string& bit_linear) const {
  return step_bound(source_.mean(bit_linear + ".weight"), norm_bound(bit_linear + ".norm.weight"));
}

// A normalised vector's elements are at most sqrt(n), times their weights.
double ScalingChooser::norm_bound(const std::string& weight) const {
  return largest_magnitude(weight) * std::sqrt(static_cast<double>(source_.tensor(weight).cols()));
}

double ScalingChooser::largest_magnitude(const std::string& name) const {
  const FloatTensor tensor = source_.tensor(name);
  float largest = 0;
  std::vector<float> row(tensor.cols());
  for (std::uint64_t r = 0; r < tensor.rows(); ++r) {
    tensor.row(r, row);
    for (const float value : row) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

void ScalingChooser::expect(double limit, int power, const std::string& name) {
  if (std::ldexp(limit, power) > kRange) scaling_.may_saturate.push_back(name);
}

void ScalingChooser::choose_norm(const std::string& name, int greatest) {
  const std::string weight = name + ".weight";
  const double limit = norm_bound(weight);
  scaling_.norms[weight] = power_for(limit, greatest);
  expect(limit, scaling_.norms[weight], name);
}

void ScalingChooser::norm(const std::string& name) {
  choose_norm(name, greatest_power(kBitLinearEps));
}

int ScalingChooser::product(const std::string& name, Powers powers) {
  choose_norm(name + ".norm", kGreatestPower);
  const double limit = std::max(bound(name), step_bound(name));
  const int power = std::max(powers.least, power_for(limit, powers.greatest));
  expect(limit, power, name);
  scaling_.products[name] = {power};
  return power;
}

// LIFT makes SiLU(gate) as large as the product with up may be, whatever both are.
void ScalingChooser::gated_product(const std::string& name) {
  const int each = product(name, for_sigmoid());
  const int power = std::min(2 * each, greatest_power(kBitLinearEps));
  const int up = power >= 0 ? power / 2 : (power - 1) / 2;
  scaling_.products[name] = {power - up, up};
  const double limit = std::ldexp(std::max(bound(name), step_bound(name)), up);
  scaling_.headrooms[name] =
      static_cast<unsigned>(std::clamp(std::ceil(std::log2(limit)), 0.0, 15.0));
}

// Of a logit the bias is part. No activation is larger than its argument; those on the paths may
// all be as large as they can be, and of one sign.
void ScalingChooser::trees(const std::string& name, const std::string& norm_weight) {
  const std::string in = name + ".linear_in", out = name + ".linear_out.weight";
  const Activation activation = model().fff.activation;
  const bool power_matters = activation == Activation::kSilu || activation == Activation::kGelu;
  const Powers powers = power_matters ? for_sigmoid() : Powers{kLeastPower, kGreatestPower};
  const double logit = bound(in + ".weight", norm_weight) + largest_magnitude(in + ".bias");
  const double limit =
      std::max(logit, step_bound(source_.mean(in + ".weight"), norm_bound(norm_weight)));
  const int power = std::max(powers.least, power_for(limit, powers.greatest));
  expect(limit, power, in);
  scaling_.products[in] = {power};

  const TreeShape& shape = model().fff.shape;
  const double mean = source_.mean(out);
  added_ += std::pow(mean * logit * shape.trees * shape.levels(), 2);
  added_step_ = std::max(added_step_, step_bound(mean, logit));
}

void ScalingChooser::residual_product(const std::string& name) {
  choose_norm(name + ".norm", kGreatestPower);
  added_ += std::pow(bound(name), 2);
  added_step_ = std::max(added_step_, step_bound(name));
}

// LIFT leaves so many bits free that the product with the normalised vector, which is at most
// sqrt(n), stays within fix: here the weight has a power that makes it 1 at most.
void ScalingChooser::lifted_norm(const std::string& weight, int power) {
  const double limit = largest_magnitude(weight) * kRange;
  const int greatest = greatest_power(kBitLinearEps) - power;
  scaling_.norms[weight] = power_for(limit, greatest);
  const double left = std::ldexp(limit, scaling_.norms[weight]) / kRange *
                      std::sqrt(static_cast<double>(source_.tensor(weight).cols()));
  scaling_.headrooms[weight] =
      static_cast<unsigned>(std::clamp(std::ceil(std::log2(left)), 0.0, 15.0));
}

// A power of their own costs embeddings two instructions, which is worth it where the largest would
// have fewer than 20 bits.
void ScalingChooser::choose_residual() {
  const int greatest = greatest_power(model().rms_norm_eps);
  const double embedding = largest_magnitude(kEmbeddingTensor);
  const double limit = std::max(embedding + 2 * std::sqrt(added_), added_step_);
  scaling_.residual = scaling_.embedding = power_for(limit, greatest);
  if (std::ldexp(embedding, scaling_.residual) < 1.0 / 16) {
    scaling_.embedding = power_for(embedding, greatest);
  }
  expect(limit, scaling_.residual, "the residual stream");
}

Scaling ScalingChooser::finish() {
  norm(kFinalNorm);
  product(kHead, as_it_is());
  choose_residual();
  return std::move(scaling_);
}

}  // namespace sterna::model
