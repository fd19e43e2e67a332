// SPDX-License-Identifier: Apache-2.0
// A GLU apart from the norm in front of it: a channel mixer by itself, and the master leaf beside
// the trees of an FFF layer.
#pragma once

#include <cstdint>

#include "host/model/block_emitter.h"
#include "host/model/scaling_chooser.h"
#include "host/model/tensor_spec.h"

namespace sterna::model {

// "mlp.gate_proj" and "mlp.down_proj", of `size` gates.
void add_glu_tensors(const ModelConfig& model, std::uint32_t size, TensorList& list);
void choose_glu_scaling(ScalingChooser& chooser, std::uint32_t layer);

// h = kMixed + BL_down(SiLU(gate) * up), with x = RMSNorm(h; mlp_norm) in v6; uses every other
// register, loads what the next part wants and leaves h in kResidual.
inline constexpr Reg kGluInput{6};
void emit_glu(BlockEmitter& block, std::uint32_t layer, std::uint32_t size);

}  // namespace sterna::model
