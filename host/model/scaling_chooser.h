// SPDX-License-Identifier: Apache-2.0
// Bounds of a model's vectors, and from them their powers of two: what mixers choose theirs with.
#pragma once

#include <string>

#include "host/model/scaling.h"

namespace sterna::model {

class ScalingChooser {
 public:
  explicit ScalingChooser(const ScalingSource& source) : source_(source) {}

  const ModelConfig& model() const { return source_.model; }

  // The range of powers that an instruction takes.
  struct Powers {
    int least, greatest;
  };
  static Powers for_sigmoid();         // of what SIGP or SILUP reads
  static Powers for_norm(double eps);  // of what a NORM with this eps reads
  static Powers as_it_is() { return {0, 0}; }

  // A norm whose result a BitLinear's norm reads; `name` is without ".weight".
  void norm(const std::string& name);
  // A BitLinear: its norm, and the power of its outputs, which it gives.
  int product(const std::string& name, Powers powers);
  // A BitLinear whose halves, gate and up, meet as SiLU(gate), lifted, times up in front of a
  // BitLinear.
  void gated_product(const std::string& name);
  // The trees of an FFF layer, which see a norm's result and are added to the residual stream;
  // `name` is that of both matrices, "ffn".
  void trees(const std::string& name, const std::string& norm_weight);
  // A BitLinear that is added to the residual stream.
  void residual_product(const std::string& name);
  // A norm whose result meets a vector with 2^power that LIFT has made as large as it may be.
  void lifted_norm(const std::string& weight, int power);

  // After all mixers: the model's own norm, its head, the residual stream.
  Scaling finish();

 private:
  double bound(const std::string& bit_linear) const;
  // The bounds of a matrix's product with a norm's result.
  double bound(const std::string& matrix, const std::string& norm_weight) const;
  double step_bound(const std::string& bit_linear) const;
  static double step_bound(double mean, double input);
  double norm_bound(const std::string& weight) const;
  double largest_magnitude(const std::string& name) const;
  void expect(double limit, int power, const std::string& name);
  void choose_norm(const std::string& name, int greatest);
  void choose_residual();

  const ScalingSource& source_;
  Scaling scaling_;
  double added_ = 0;  // squares of the bounds of all that is added to the residual stream
  double added_step_ = 0;
};

}  // namespace sterna::model
