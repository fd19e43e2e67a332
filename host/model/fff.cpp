// SPDX-License-Identifier: Apache-2.0
// FFF, the channel mixer: h = h + FFF(x) [+ GLU(x)], with x = RMSNorm(h; mlp_norm). FFF(x) is W2
// times the quantised values on the paths of the trees, act(W1 xq + bias), with xq = QUANT(x): no
// norm of its own stands in front of either product.
#include "host/model/block_emitter.h"
#include "host/model/glu.h"
#include "host/model/mixer.h"
#include "host/model/scaling_chooser.h"

namespace sterna::model {
namespace {

class Fff final : public Mixer {
 public:
  explicit Fff(bool leaf) : leaf_(leaf) {}

  std::string_view name() const override { return leaf_ ? "FFF + GLU" : "FFF"; }

  void tensors(const ModelConfig& model, TensorList& list) const override {
    const std::uint32_t d = model.hidden_size;
    list.norm("mlp_norm", d);
    list.trees("ffn", d, model.fff.shape, d);
    if (leaf_) add_glu_tensors(model, model.fff.master_leaf_size, list);
  }

  void choose_scaling(ScalingChooser& chooser, std::uint32_t layer) const override {
    chooser.norm(layer_tensor(layer, "mlp_norm"));
    chooser.trees(layer_tensor(layer, "ffn"), layer_tensor(layer, "mlp_norm.weight"));
    if (leaf_) choose_glu_scaling(chooser, layer);
  }

  void emit(BlockEmitter& block, std::uint32_t layer) const override {
    Emitter& emit = block.instructions();
    const ModelConfig& model = block.model();
    const std::uint32_t d = model.hidden_size, n = model.fff.shape.elements();
    const std::string norm = layer_tensor(layer, "mlp_norm.weight");
    const std::string in_name = layer_tensor(layer, "ffn.linear_in");
    const std::string out_name = layer_tensor(layer, "ffn.linear_out");
    const int power = block.scaling().product(in_name);

    const Reg mlp_norm{5}, x = kGluInput, xq{1}, logits{4}, q{3}, out{5};
    block.load(mlp_norm, norm, d);
    block.norm(x, kMixed, mlp_norm, block.scaling().residual);
    emit.quant(xq, x, d);
    block.walk(logits, xq, in_name, block.scaling().norm(norm), power);
    block.store_state();
    if (!leaf_) block.load_next();
    activate(emit, model.fff.activation, logits, n, power);
    emit.quant(q, logits, n);
    if (!leaf_) block.load_next();
    block.sum_path(out, q, out_name, power, block.scaling().residual);
    if (leaf_) {
      emit.add(kMixed, kMixed, out, d);
      emit_glu(block, layer, model.fff.master_leaf_size);
    } else {
      block.load_next();
      emit.add(kResidual, kMixed, out, d);
    }
  }

 private:
  // Of what is held times 2^power, in place.
  static void activate(Emitter& emit, Activation activation, Reg reg, std::uint32_t n, int power) {
    switch (activation) {
      case Activation::kNone:
        return;
      case Activation::kRelu:
        return emit.relu(reg, reg, n);
      case Activation::kSilu:
        return emit.silup(reg, reg, n, power);
      case Activation::kGelu:
        return emit.gelu(reg, reg, n, power);
    }
  }

  bool leaf_;
};

}  // namespace

const Mixer& fff_mixer() {
  static const Fff mixer(false);
  return mixer;
}

const Mixer& fff_glu_mixer() {
  static const Fff mixer(true);
  return mixer;
}

}  // namespace sterna::model
