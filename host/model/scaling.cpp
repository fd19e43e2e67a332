// SPDX-License-Identifier: Apache-2.0
#include "host/model/scaling.h"

#include <bit>

#include "host/model/mixer.h"
#include "host/model/scaling_chooser.h"
#include "host/model/tensor_spec.h"

namespace sterna::model {

Scaling choose_scaling(const ScalingSource& source) {
  ScalingChooser chooser(source);
  for (std::uint32_t n = 0; n < source.model.layer_count(); ++n) {
    mixer(source.model.layers[n].token_mixer).choose_scaling(chooser, n);
    mixer(source.model.layers[n].channel_mixer).choose_scaling(chooser, n);
  }
  return chooser.finish();
}

Scaling no_scaling(const ModelConfig& model) {
  constexpr std::string_view kSuffix = ".weight";
  Scaling scaling;
  for (const TensorSpec& spec : model_tensors(model)) {
    if (spec.ternary()) {
      const std::string bit_linear = spec.name.substr(0, spec.name.size() - kSuffix.size());
      scaling.products[bit_linear].assign(spec.parts, 0);
      scaling.headrooms[bit_linear] = 7;  // an output may be anything
    } else if (spec.role == TensorRole::kNorm || spec.role == TensorRole::kBitLinearNorm) {
      scaling.norms[spec.name] = 0;
      // A normalised vector is at most sqrt(n), and its weight 1.
      scaling.headrooms[spec.name] = static_cast<unsigned>(std::bit_width(spec.length()) + 1) / 2;
    }
  }
  return scaling;
}

}  // namespace sterna::model
