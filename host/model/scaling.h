// SPDX-License-Identifier: Apache-2.0
// Powers of two that keep a model's numbers within fix, and as far above its steps as they go. They
// cost nothing: a norm or a quantisation follows wherever one is used, and takes it out again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/config.h"
#include "host/model/tensor.h"

namespace sterna::model {

// What the machine holds is the model's value times 2^power. See docs/numerics.md, "Scales". All by
// name: of a norm's weight ("model.norm.weight"), of a BitLinear ("lm_head").
struct Scaling {
  template <typename Value>
  using ByName = std::map<std::string, Value, std::less<>>;

  int residual = 0;                   // of the residual stream and all that is added to it
  int embedding = 0;                  // the residual stream's, but for embeddings that are tiny
                                      // beside it
  ByName<int> norms;                  // of a norm's weight, and so of its result
  ByName<std::vector<int>> products;  // of other BitLinears' outputs, part by part
  // Of a LIFT: bits that the product with what it meets needs. By that: a norm's weight, or a
  // BitLinear.
  ByName<unsigned> headrooms;
  // Tensors whose products may leave fix all the same, by their bounds, in the model's order.
  std::vector<std::string> may_saturate;

  int norm(std::string_view weight) const { return at(norms, weight); }
  int product(std::string_view bit_linear, std::size_t part = 0) const {
    return at(products, bit_linear).at(part);
  }
  unsigned headroom(std::string_view name) const { return at(headrooms, name); }

 private:
  template <typename Value>
  static const Value& at(const ByName<Value>& map, std::string_view name) {
    return map.at(std::string(name));
  }
};

// What the bounds are computed from: a model's tensors, except for matrices, of which mean |W| is
// enough.
struct ScalingSource {
  const ModelConfig& model;
  std::function<FloatTensor(const std::string& name)> tensor;
  std::function<float(const std::string& name)> mean;
};

Scaling choose_scaling(const ScalingSource& source);

// Every power 0: for models whose numbers are known to fit as they are.
Scaling no_scaling(const ModelConfig& model);

}  // namespace sterna::model
