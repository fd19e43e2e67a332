#include "host/model/scaling.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/model/config.h"
#include "sim/golden/numerics.h"

namespace sterna {
namespace {

constexpr int kSmallestPower = -12;

// The largest power of two, at most 1, that brings `limit` within fix.
int power_for(double limit) {
  const double range = std::ldexp(1.0, 31 - static_cast<int>(kFractionBits));
  if (limit <= range) return 0;
  return std::max(kSmallestPower, static_cast<int>(std::floor(std::log2(range / limit))));
}

class Bounds {
 public:
  Bounds(const Checkpoint& checkpoint, const std::map<std::string, float>& means)
      : checkpoint_(checkpoint), means_(means) {}

  // No output of a BitLinear is larger. A row's dot product is at most the product of the two
  // lengths: that of the row is mean |W| for each trit, weighted by the norm's weight, and a
  // normalised vector's is sqrt(n).
  double operator()(const std::string& layer) const {
    double squares = 0;
    const std::vector<float> weight = checkpoint_.tensor(layer + ".norm.weight").values();
    for (const float w : weight) squares += static_cast<double>(w) * static_cast<double>(w);
    return static_cast<double>(means_.at(layer + ".weight")) *
           std::sqrt(squares * static_cast<double>(weight.size()));
  }

 private:
  const Checkpoint& checkpoint_;
  const std::map<std::string, float>& means_;
};

double largest_magnitude(const FloatTensor& tensor) {
  float largest = 0;
  std::vector<float> row(tensor.cols());
  for (std::uint64_t r = 0; r < tensor.rows(); ++r) {
    tensor.row(r, row);
    for (const float value : row) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

}  // namespace

Scaling choose_scaling(const Checkpoint& checkpoint, const std::map<std::string, float>& means) {
  const Bounds bound(checkpoint, means);
  Scaling scaling;
  double squares = 0;
  for (std::uint32_t layer = 0; layer < checkpoint.config().layers; ++layer) {
    squares += std::pow(bound(layer_tensor(layer, "attn.o_proj")), 2) +
               std::pow(bound(layer_tensor(layer, "mlp.down_proj")), 2);
    // Gate and up are products with the same vector: the more one has, the less is left for the
    // other.
    scaling.up.push_back(power_for(std::pow(bound(layer_tensor(layer, "mlp.gate_proj")), 2) / 2));
  }
  scaling.residual = power_for(largest_magnitude(checkpoint.tensor("model.embeddings.weight")) +
                               2 * std::sqrt(squares));
  return scaling;
}

}  // namespace sterna
