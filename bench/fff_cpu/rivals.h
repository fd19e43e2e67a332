// SPDX-License-Identifier: Apache-2.0
// Dense feed-forward layers x -> W2 GELU(W1 x) of vendors' libraries, to hold FFF layers against.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sterna::bench {

struct DenseLayer {
  std::string name;
  // y [n, width] from x [n, width], n as it was made for.
  std::function<void(const float* x, float* y)> forward;
};

// Layers of `width` inputs and outputs and `neurons` neurons, for batches of n: of each library
// that this program was built with, in single precision and, where it has it, int8. w1 is [neurons,
// width], w2 [width, neurons]; both must outlive the layers. Of one input OpenBLAS multiplies
// matrix by vector (sgemv).
std::vector<DenseLayer> make_rivals(std::size_t n, std::size_t width, std::size_t neurons,
                                    std::span<const float> w1, std::span<const float> w2);

// Versions of the libraries, for the figures' head.
std::string rival_versions();

}  // namespace sterna::bench
