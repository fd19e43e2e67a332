// SPDX-License-Identifier: Apache-2.0
// HGRN, the token mixer: a gated linear recurrence over positions.
//
// o = RMSNorm(BL_g(x); g_norm) * SiLU(s), h = h + BL_o(o), with x = RMSNorm(h; attn_norm),
// s = f s + (1 - f) SiLU(BL_i(x)) and f = lb + (1 - lb) sigmoid(BL_f(x)).
#include <cmath>

#include "host/model/block_emitter.h"
#include "host/model/mixer.h"
#include "host/model/scaling_chooser.h"

namespace sterna::model {
namespace {

class Hgrn final : public Mixer {
 public:
  std::string_view name() const override { return "HGRN"; }

  void tensors(const ModelConfig& model, TensorList& list) const override {
    const std::uint32_t d = model.hidden_size;
    list.norm("attn_norm", d);
    for (const char* name : {"attn.i_proj", "attn.f_proj", "attn.g_proj", "attn.o_proj"}) {
      list.bit_linear(name, d, d);
    }
    list.norm("attn.g_norm", d);
  }

  void choose_scaling(ScalingChooser& chooser, std::uint32_t layer) const override {
    const auto name = [&](const char* rest) { return layer_tensor(layer, rest); };
    chooser.norm(name("attn_norm"));
    chooser.product(name("attn.f_proj"), ScalingChooser::for_sigmoid());
    // SiLU(i), the state and its SiLU have the power of i.
    const int state = chooser.product(name("attn.i_proj"), ScalingChooser::for_sigmoid());
    chooser.product(name("attn.g_proj"), ScalingChooser::for_norm(chooser.model().rms_norm_eps));
    chooser.lifted_norm(name("attn.g_norm.weight"), state);
    chooser.residual_product(name("attn.o_proj"));
  }

  std::vector<std::string> entry_weights(std::uint32_t layer) const override {
    const auto name = [&](const char* rest) { return layer_tensor(layer, rest); };
    return {name("attn_norm.weight"), name("attn.f_proj.norm.weight"),
            name("attn.g_proj.norm.weight")};
  }

  // The new state stays in its register, for the channel mixer to store: with many lanes its load
  // and store are long.
  void emit(BlockEmitter& block, std::uint32_t layer) const override {
    const auto attn = [&](const char* rest) {
      return layer_tensor(layer, std::string("attn.") + rest);
    };
    Emitter& emit = block.instructions();
    const Layout& layout = block.layout();
    const Scaling& scaling = block.scaling();
    const std::uint32_t d = block.model().hidden_size;
    const int normed = scaling.norm(layer_tensor(layer, "attn_norm.weight"));
    const int f_power = scaling.product(attn("f_proj")), g_power = scaling.product(attn("g_proj"));
    const int state_power = scaling.product(attn("i_proj"));
    const auto [norm_weight, f_norm, gate_norm] = kEntryRegisters;

    const Reg x{1}, i_norm{5}, state = kState;
    block.norm(x, kResidual, norm_weight, block.residual_power());
    block.load(i_norm, attn("i_proj.norm.weight"), d);

    const Reg f_in{2}, f{6};
    block.bit_norm(f_in, x, f_norm, d, normed);
    emit.ldv(state, layout.state(layer), d);
    emit.quant(f_in, f_in, d);
    block.product(f, f_in, attn("f_proj"), f_power);

    const Reg i_in{3}, i{2};
    block.quantise(i_in, x, i_norm, d, normed);
    block.product(i, i_in, attn("i_proj"), state_power);

    // While i is computed: the forget gate, and g's input.
    const Reg g_in{4}, bound{5}, one{1};
    emit.sigp(f, f, d, f_power);
    block.bit_norm(g_in, x, gate_norm, d, normed);
    if (layer > 0) emit.ldv(bound, layout.vector(kLowerBoundsTensor, layer), d);
    emit.quant(g_in, g_in, d);
    if (layer > 0) {
      emit.set(one, numerics::kOne, d);
      emit.gate(f, bound, one, f, d);
    }
    const Reg g{3}, g_norm{5};
    block.product(g, g_in, attn("g_proj"), g_power);
    block.load(g_norm, attn("g_norm.weight"), d);

    // While g is computed: the state, and the weight that g's norm has with it. Both may be tiny.
    const Reg s_gate{6}, weight{1}, o_norm{2};
    emit.silup(i, i, d, state_power);
    emit.scan(state, f, state, i, d);
    emit.silup(s_gate, state, d, state_power);
    emit.lift(weight, s_gate, g_norm, d, scaling.headroom(attn("g_norm.weight")));
    block.load(o_norm, attn("o_proj.norm.weight"), d);

    const Reg gated{4}, o{3}, r{4};
    const int gated_power = state_power + scaling.norm(attn("g_norm.weight"));
    block.norm(gated, g, weight, g_power);
    emit.norml(o, gated, o_norm, d, std::ldexp(kBitLinearEps, 2 * gated_power));
    emit.quant(o, o, d);
    block.product(r, o, attn("o_proj"), scaling.residual);
    block.join_residual(Reg{6});
    emit.add(kMixed, kResidual, r, d);
    block.leave_state(layer);
  }
};

}  // namespace

const Mixer& hgrn_mixer() {
  static const Hgrn mixer;
  return mixer;
}

}  // namespace sterna::model
