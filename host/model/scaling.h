// SPDX-License-Identifier: Apache-2.0
// Powers of two that keep a model's numbers within fix, and as far above its steps as they go. They
// cost nothing: a norm or a quantisation follows wherever one is used, and takes it out again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/model/config.h"
#include "host/model/tensor.h"

namespace sterna {

// What the machine holds is the model's value times 2^power. See docs/numerics.md, "Scales".
struct Scaling {
  // Of one layer's vectors.
  struct Layer {
    int f = 0;             // the forget gate in front of its sigmoid
    int state = 0;         // i, SiLU(i), the state and its SiLU
    int g = 0;             // g, in front of its norm
    int gate = 0, up = 0;  // the MLP's halves
    // Of the LIFTs: bits that the products with the normalised g and with up need.
    unsigned g_headroom = 15, up_headroom = 15;
  };

  int residual = 0;
  int embedding = 0;  // the residual stream's, but for embeddings that are tiny beside it
  std::map<std::string, int, std::less<>> norms;  // of a norm's weight, and so of its result
  std::vector<Layer> layers;

  // Tensors whose products may leave fix all the same, by their bounds, in the model's order.
  std::vector<std::string> may_saturate;

  int norm(const std::string& name) const { return norms.at(name); }
};

// What the bounds are computed from: a model's tensors, except for matrices, of which mean |W| is
// enough.
struct ScalingSource {
  const ModelConfig& model;
  std::function<FloatTensor(const std::string& name)> tensor;
  std::function<float(const std::string& name)> mean;
};

Scaling choose_scaling(const ScalingSource& source);

}  // namespace sterna
