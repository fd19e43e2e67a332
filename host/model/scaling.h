// Powers of two that keep a model's numbers within fix. They cost nothing: a norm follows wherever
// one is used, and takes it out again.
#pragma once

#include <vector>

#include "host/model/checkpoint.h"
#include "host/model/layout.h"

namespace sterna {

// What the machine holds is the model's value times 2^power; powers are 0 or below.
struct Scaling {
  int residual = 0;     // of the residual stream
  std::vector<int> up;  // of the MLP's second half, for every layer
};

// `means` are those of the matrices, by tensor name. See docs/numerics.md, "Scales".
Scaling choose_scaling(const Checkpoint& checkpoint, const std::map<std::string, float>& means);

}  // namespace sterna
