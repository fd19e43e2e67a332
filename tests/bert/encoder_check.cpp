// SPDX-License-Identifier: Apache-2.0
// usage: encoder_check FOLDER [THREADS]
// An encoder against what reference.py computed with PyTorch: each layer alone from PyTorch's input
// to 1e-5, then the whole to 1e-4, relative to the greatest element; paths before values. A path
// may differ where a logit on it is within rounding of zero; then nothing behind it is compared.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "host/bert/encoder.h"
#include "host/model/safetensors.h"
#include "support/error.h"

namespace sterna::bert {
namespace {

constexpr double kOneLayer = 1e-5, kWhole = 1e-4;
constexpr float kRounding = 2e-5f;  // of a logit, against magnitudes around 1

class Check {
 public:
  Check(const std::string& folder, unsigned threads)
      : encoder_(folder, threads), reference_(folder + "/reference.safetensors") {
    for (const float token : values("tokens")) {
      tokens_.push_back(static_cast<std::uint32_t>(token));
    }
  }

  void run() {
    expect_close("the embedding", encoder_.embed(tokens_), values("hidden0"), kOneLayer);
    std::size_t moved = 0;
    for (std::size_t i = 0; i < encoder_.config().layers; ++i) moved += layer(i);
    std::printf("one layer alone: at worst %.1e, %zu paths moved by rounding\n", worst_, moved);
    worst_ = 0;
    if (moved == 0) {
      expect_close("the encoder", encoder_.encode(tokens_), values("encoded"), kWhole);
      std::printf("%zu layers: %.1e\n", encoder_.config().layers, worst_);
    }
    const std::vector<float> encoded = values("encoded");
    expect_close("the scores", encoder_.scores(std::span(encoded).first(encoder_.config().width)),
                 values("scores"), kOneLayer);
  }

 private:
  std::vector<float> values(const std::string& name) const {
    const model::SafetensorsEntry* entry = reference_.find(name);
    if (entry == nullptr) throw Error("no {}", name);
    return model::FloatTensor{name, entry->dtype->dtype, entry->shape, entry->data}.values();
  }

  void expect_close(const std::string& what, const std::vector<float>& got,
                    const std::vector<float>& wanted, double tolerance) {
    if (got.size() != wanted.size()) throw Error("{}: {} values", what, got.size());
    double most = 0, difference = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      most = std::max(most, std::abs(double{wanted[i]}));
      const double here = std::abs(double{got[i]} - wanted[i]);
      if (!(here <= difference)) difference = here;  // a NaN counts
    }
    if (!(difference <= tolerance * most)) {
      throw Error("{}: {} of {} off", what, difference / most, tolerance);
    }
    worst_ = std::max(worst_, difference / most);
  }

  // How many tokens' paths differ in layer `index`, which their logits must excuse.
  std::size_t layer(std::size_t index) {
    const Config& config = encoder_.config();
    const std::string number = std::to_string(index);
    std::vector<float> hidden = values("hidden" + number);
    std::vector<float> wanted = values("hidden" + std::to_string(index + 1));
    if (!config.fast) {
      encoder_.layer(index, hidden);
      expect_close("layer " + number, hidden, wanted, kOneLayer);
      return 0;
    }
    std::vector<std::uint32_t> leaves(tokens_.size() * config.trees);
    encoder_.layer(index, hidden, leaves);
    const std::vector<float> reference = values("leaves" + number),
                             margins = values("margins" + number);
    std::size_t moved = 0;
    for (std::size_t t = 0; t < tokens_.size(); ++t) {
      const auto begin = static_cast<std::ptrdiff_t>(t * config.trees);
      if (std::equal(leaves.begin() + begin,
                     leaves.begin() + begin + static_cast<std::ptrdiff_t>(config.trees),
                     reference.begin() + begin)) {
        continue;
      }
      if (margins[t] > kRounding) {
        throw Error("layer {}, token {}: another path, and no logit on it is below {}", index, t,
                    margins[t]);
      }
      ++moved;
      const auto row = static_cast<std::ptrdiff_t>(t * config.width);
      std::copy_n(wanted.begin() + row, config.width, hidden.begin() + row);
    }
    expect_close("layer " + number, hidden, wanted, kOneLayer);
    return moved;
  }

  Encoder encoder_;
  model::SafetensorsFile reference_;
  std::vector<std::uint32_t> tokens_;
  double worst_ = 0;
};

}  // namespace
}  // namespace sterna::bert

int main(int argc, char** argv) {
  try {
    sterna::bert::Check(argv[1], argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 1).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
