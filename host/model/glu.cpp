// SPDX-License-Identifier: Apache-2.0
// GLU, the channel mixer: h = h + BL_down(SiLU(gate) * up), with gate and up the halves of
// BL_gate(RMSNorm(h; mlp_norm)).
#include <cmath>

#include "host/model/block_emitter.h"
#include "host/model/mixer.h"
#include "host/model/scaling_chooser.h"

namespace sterna::model {
namespace {

class Glu final : public Mixer {
 public:
  std::string_view name() const override { return "GLU"; }

  void tensors(const ModelConfig& model, TensorList& list) const override {
    const std::uint32_t d = model.hidden_size, i = model.intermediate_size;
    list.norm("mlp_norm", d);
    list.bit_linear("mlp.gate_proj", 2 * i, d, 2);
    list.bit_linear("mlp.down_proj", d, i);
  }

  void choose_scaling(ScalingChooser& chooser, std::uint32_t layer) const override {
    const auto name = [&](const char* rest) { return layer_tensor(layer, rest); };
    chooser.norm(name("mlp_norm"));
    chooser.gated_product(name("mlp.gate_proj"));
    chooser.residual_product(name("mlp.down_proj"));
  }

  void emit(BlockEmitter& block, std::uint32_t layer) const override {
    const auto mlp = [&](const char* rest) {
      return layer_tensor(layer, std::string("mlp.") + rest);
    };
    Emitter& emit = block.instructions();
    const Scaling& scaling = block.scaling();
    const std::uint32_t d = block.model().hidden_size, i = block.model().intermediate_size;
    const std::string mlp_norm_weight = layer_tensor(layer, "mlp_norm.weight");
    const int gate_power = scaling.product(mlp("gate_proj"), 0);
    const int up_power = scaling.product(mlp("gate_proj"), 1);

    const Reg in{6}, mlp_norm{5}, gate_norm{1}, gate{4}, one{3}, up{5}, down_norm{1};
    block.load(mlp_norm, mlp_norm_weight, d);
    block.norm(in, kMixed, mlp_norm, scaling.residual);
    block.load(gate_norm, mlp("gate_proj.norm.weight"), d);
    emit.set(one, numerics::kOne, i);
    block.quantise(in, in, gate_norm, d, scaling.norm(mlp_norm_weight));
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
};

}  // namespace

const Mixer& glu_mixer() {
  static const Glu mixer;
  return mixer;
}

}  // namespace sterna::model
