// SPDX-License-Identifier: Apache-2.0
// GLU, the channel mixer: h = h + BL_down(SiLU(gate) * up), with gate and up the halves of
// BL_gate(RMSNorm(h; mlp_norm)).
#include "host/model/glu.h"

#include <cmath>

#include "host/model/mixer.h"

namespace sterna::model {
namespace {

class Glu final : public Mixer {
 public:
  std::string_view name() const override { return "GLU"; }

  void tensors(const ModelConfig& model, TensorList& list) const override {
    list.norm("mlp_norm", model.hidden_size);
    add_glu_tensors(model, model.intermediate_size, list);
  }

  void choose_scaling(ScalingChooser& chooser, std::uint32_t layer) const override {
    chooser.norm(layer_tensor(layer, "mlp_norm"));
    choose_glu_scaling(chooser, layer);
  }

  void emit(BlockEmitter& block, std::uint32_t layer) const override {
    const std::uint32_t d = block.model().hidden_size;
    const Reg mlp_norm{5};
    block.load(mlp_norm, layer_tensor(layer, "mlp_norm.weight"), d);
    block.norm(kGluInput, kMixed, mlp_norm, block.scaling().residual);
    emit_glu(block, layer, block.model().intermediate_size);
  }
};

}  // namespace

void add_glu_tensors(const ModelConfig& model, std::uint32_t size, TensorList& list) {
  list.bit_linear("mlp.gate_proj", 2 * size, model.hidden_size, 2);
  list.bit_linear("mlp.down_proj", model.hidden_size, size);
}

void choose_glu_scaling(ScalingChooser& chooser, std::uint32_t layer) {
  chooser.gated_product(layer_tensor(layer, "mlp.gate_proj"));
  chooser.residual_product(layer_tensor(layer, "mlp.down_proj"));
}

void emit_glu(BlockEmitter& block, std::uint32_t layer, std::uint32_t size) {
  const auto mlp = [&](const char* rest) {
    return layer_tensor(layer, std::string("mlp.") + rest);
  };
  Emitter& emit = block.instructions();
  const Scaling& scaling = block.scaling();
  const std::uint32_t d = block.model().hidden_size, i = size;
  const int gate_power = scaling.product(mlp("gate_proj"), 0);
  const int up_power = scaling.product(mlp("gate_proj"), 1);

  const Reg in = kGluInput, gate_norm{1}, gate{4}, one{3}, up{5}, down_norm{1};
  block.load(gate_norm, mlp("gate_proj.norm.weight"), d);
  emit.set(one, numerics::kOne, i);
  block.quantise(in, in, gate_norm, d, scaling.norm(layer_tensor(layer, "mlp_norm.weight")));
  block.product(gate, in, mlp("gate_proj"), gate_power, 0);
  block.store_state();
  block.load(down_norm, mlp("down_proj.norm.weight"), i);
  block.product(up, in, mlp("gate_proj"), up_power, 1);
  emit.silup(gate, gate, i, gate_power);
  block.load_next();

  // While up is computed: its weight, as large as the product with it may be.
  const Reg weight{0}, gated{3}, m{4}, down{5};
  emit.lift(weight, gate, one, i, scaling.headroom(mlp("gate_proj")));
  emit.mul(gated, weight, up, i);
  emit.norml(m, gated, down_norm, i, std::ldexp(kBitLinearEps, 2 * (gate_power + up_power)));
  emit.quant(m, m, i);
  block.load_next();
  block.product(down, m, mlp("down_proj"), scaling.residual);
  block.load_next();
  emit.add(kResidual, kMixed, down, d);
}

const Mixer& glu_mixer() {
  static const Glu mixer;
  return mixer;
}

}  // namespace sterna::model
