// SPDX-License-Identifier: Apache-2.0
// The equations of a MatMul-free block, in the order in which the machine should meet them. Issue
// is in order and units run side by side, so whatever does not need a product's result stands right
// behind the product, and a norm's weight is loaded while an earlier product runs. A load stands
// where its unit and its register are free, since it would hold up all that comes behind it. What
// reads a result word by word as it is written writes to another register. A register takes a new
// name where its old contents are dead.
#include "host/model/token_program.h"

#include <cmath>

#include "host/model/emitter.h"
#include "host/model/quantise.h"

namespace sterna {
namespace {

constexpr Reg kH{0};          // the residual stream between blocks,
constexpr Reg kMixed{2};      // and between a block's halves: a sum written in place could not be
                              // read before it is whole
constexpr Reg kNextNorm{7};   // on entry to a block: the weight of the norm that h meets first,
constexpr Reg kNextInput{6};  // of the norm inside the BitLinear behind it,
constexpr Reg kGNorm{4};      // and of the one in front of g

class TokenProgram {
 public:
  TokenProgram(const Layout& layout, const WeightScales& scales, const Scaling& scaling)
      : layout_(layout),
        scales_(scales),
        scaling_(scaling),
        d_(layout.model().hidden_size),
        i_(layout.model().intermediate_size) {}

  ModelProgram emit() {
    const auto step = [&](void (TokenProgram::*end)()) {
      const auto entry = static_cast<std::uint32_t>(emit_.program().size());
      body();
      if (end != nullptr) (this->*end)();
      emit_.halt();
      return entry;
    };
    Entries entries;
    entries.logits = step(&TokenProgram::logits_head);
    entries.top = step(&TokenProgram::top_head);
    entries.body = step(nullptr);
    return {emit_.program(), entries};
  }

 private:
  void body() {
    emit_.emb(kH, layout_.embedding(), d_);
    load_next_norm(0);
    load_next_input(0);
    load_next_g_norm(0);
    for (std::uint32_t layer = 0; layer < layers(); ++layer) {
      token_mixer(layer);
      channel_mixer(layer);
    }
  }

  // o = RMSNorm(BL_g(x); g_norm) * SiLU(s), h = h + BL_o(o), with s = f s + (1 - f) SiLU(BL_i(x))
  // and f = lb + (1 - lb) sigmoid(BL_f(x)). The new state stays in its register, for channel_mixer
  // to store: with many lanes its load and store are long.
  void token_mixer(std::uint32_t layer) {
    const auto attn = [&](const char* rest) {
      return layer_tensor(layer, std::string("attn.") + rest);
    };

    const Reg x{1}, i_norm{5}, state{7};
    const Scaling::Layer& powers = scaling_.layers[layer];
    const int normed = scaling_.norm(layer_tensor(layer, "attn_norm.weight"));
    norm(x, kH, kNextNorm, layer == 0 ? scaling_.embedding : scaling_.residual);
    load(i_norm, attn("i_proj.norm.weight"), d_);

    const Reg f_in{2}, f{6};
    bit_norm(f_in, x, kNextInput, d_, normed);
    emit_.ldv(state, layout_.state(layer), d_);
    emit_.quant(f_in, f_in, d_);
    product(f, f_in, attn("f_proj"), powers.f);

    const Reg i_in{3}, i{2};
    quantise(i_in, x, i_norm, d_, normed);
    product(i, i_in, attn("i_proj"), powers.state);

    // While i is computed: the forget gate, and g's input.
    const Reg g_in{4}, bound{5}, one{1};
    emit_.sigp(f, f, d_, powers.f);
    bit_norm(g_in, x, kGNorm, d_, normed);
    if (layer > 0) emit_.ldv(bound, layout_.vector("model.lower_bounds", layer), d_);
    emit_.quant(g_in, g_in, d_);
    if (layer > 0) {
      emit_.set(one, numerics::kOne, d_);
      emit_.gate(f, bound, one, f, d_);
    }
    const Reg g{3}, g_norm{5};
    product(g, g_in, attn("g_proj"), powers.g);
    load(g_norm, attn("g_norm.weight"), d_);

    // While g is computed: the state, and the weight that g's norm has with it. Both may be tiny.
    const Reg s_gate{6}, weight{1}, o_norm{2};
    emit_.silup(i, i, d_, powers.state);
    emit_.scan(state, f, state, i, d_);
    emit_.silup(s_gate, state, d_, powers.state);
    emit_.lift(weight, s_gate, g_norm, d_, powers.g_headroom);
    load(o_norm, attn("o_proj.norm.weight"), d_);

    const Reg gated{4}, o{3}, r{4};
    norm(gated, g, weight, powers.g);
    emit_.norml(
        o, gated, o_norm, d_,
        std::ldexp(kBitLinearEps, 2 * (powers.state + scaling_.norm(attn("g_norm.weight")))));
    emit_.quant(o, o, d_);
    product(r, o, attn("o_proj"), scaling_.residual);
    if (layer == 0) embedding_to_residual();
    emit_.add(kMixed, kH, r, d_);
  }

  void embedding_to_residual() {
    const int down = scaling_.embedding - scaling_.residual;
    if (down == 0) return;
    const Reg factor{6};
    emit_.set(factor, numerics::kOne >> down, d_);
    emit_.mul(kH, kH, factor, d_);
  }

  // h = h + BL_down(SiLU(gate) * up), with gate and up the halves of BL_gate(RMSNorm(h; mlp_norm)).
  void channel_mixer(std::uint32_t layer) {
    const auto mlp = [&](const char* rest) {
      return layer_tensor(layer, std::string("mlp.") + rest);
    };

    const Reg in{6}, mlp_norm{5}, gate_norm{1}, gate{4}, one{3}, up{5}, down_norm{1}, state{7};
    const Scaling::Layer& powers = scaling_.layers[layer];
    load(mlp_norm, layer_tensor(layer, "mlp_norm.weight"), d_);
    norm(in, kMixed, mlp_norm, scaling_.residual);
    load(gate_norm, mlp("gate_proj.norm.weight"), d_);
    emit_.set(one, numerics::kOne, i_);
    quantise(in, in, gate_norm, d_, scaling_.norm(layer_tensor(layer, "mlp_norm.weight")));
    product(gate, in, mlp("gate_proj"), powers.gate, 0);
    emit_.sv(state, layout_.state(layer), d_);
    load(down_norm, mlp("down_proj.norm.weight"), i_);
    product(up, in, mlp("gate_proj"), powers.up, 1);
    emit_.silup(gate, gate, i_, powers.gate);
    load_next_norm(layer + 1);

    // While up is computed: its weight, as large as the product with it may be.
    const Reg weight{0}, gated{3}, m{4}, down{5};
    emit_.lift(weight, gate, one, i_, powers.up_headroom);
    emit_.mul(gated, weight, up, i_);
    emit_.norml(m, gated, down_norm, i_, std::ldexp(kBitLinearEps, 2 * (powers.gate + powers.up)));
    emit_.quant(m, m, i_);
    load_next_input(layer + 1);
    product(down, m, mlp("down_proj"), scaling_.residual);
    load_next_g_norm(layer + 1);
    emit_.add(kH, kMixed, down, d_);
  }

  // logits = lm_head(RMSNorm(h; model.norm)), block by block; done(block, its register, id of its
  // first logit) is emitted behind the next block's product, so that it runs while that one is
  // computed.
  template <typename Done>
  void head(Done done) {
    const Reg in{1};
    const Reg out[] = {{2}, {3}};
    norm(in, kH, kNextNorm, scaling_.residual);
    quantise(in, in, kNextInput, d_, scaling_.norm("model.norm.weight"));
    const auto& blocks = layout_.matrix("lm_head.weight").blocks;
    std::uint32_t first = 0;
    for (std::size_t b = 0; b <= blocks.size(); ++b) {
      if (b < blocks.size()) product(out[b % 2], in, "lm_head", 0, b);
      if (b > 0) {
        done(out[(b - 1) % 2], blocks[b - 1].rows, first);
        first += blocks[b - 1].rows;
      }
    }
  }

  void logits_head() {
    head([&](Reg logits, std::uint32_t rows, std::uint32_t first) {
      emit_.sv(logits, layout_.output(first), rows);
    });
  }

  void top_head() {
    const Reg list{4};
    head([&](Reg logits, std::uint32_t rows, std::uint32_t first) {
      emit_.topk(list, logits, rows, first);
    });
    emit_.sv(list, layout_.top(), 2 * kTopEntries);
  }

  // The two norm weights that block `layer` expects on entry; behind the last layer stands the
  // head.
  void load_next_norm(std::uint32_t layer) {
    load(kNextNorm,
         layer == layers() ? "model.norm.weight" : layer_tensor(layer, "attn_norm.weight"), d_);
  }
  void load_next_input(std::uint32_t layer) {
    load(kNextInput,
         layer == layers() ? "lm_head.norm.weight" : layer_tensor(layer, "attn.f_proj.norm.weight"),
         d_);
  }
  void load_next_g_norm(std::uint32_t layer) {
    if (layer < layers()) load(kGNorm, layer_tensor(layer, "attn.g_proj.norm.weight"), d_);
  }
  std::uint32_t layers() const { return layout_.model().layers; }

  void load(Reg vd, const std::string& name, std::uint32_t len) {
    emit_.ldv(vd, layout_.vector(name), len);
  }
  // A norm of values that the machine holds times 2^power: its result is that of the values
  // themselves, times the power of its weight.
  void norm(Reg vd, Reg va, Reg weight, int power = 0) {
    emit_.norm(vd, va, weight, d_, std::ldexp(layout_.model().rms_norm_eps, 2 * power));
  }
  // A BitLinear is a norm of its own, quantisation and a product.
  void bit_norm(Reg vd, Reg va, Reg weight, std::uint32_t len, int power = 0) {
    emit_.norm(vd, va, weight, len, std::ldexp(kBitLinearEps, 2 * power));
  }
  void quantise(Reg vd, Reg va, Reg weight, std::uint32_t len, int power = 0) {
    bit_norm(vd, va, weight, len, power);
    emit_.quant(vd, vd, len);
  }
  // The product of a BitLinear times 2^power; va has the power of the BitLinear's norm.
  void product(Reg vd, Reg va, const std::string& layer, int power = 0, std::size_t block = 0) {
    const std::string name = layer + ".weight";
    const PackedMatrix& matrix = layout_.matrix(name);
    const PackedBlock& part = matrix.blocks[block];
    const std::uint32_t scale =
        scaled(scales_.at(name), power - scaling_.norm(layer + ".norm.weight"), name);
    emit_.tmatmul(vd, va, {kWeightsSegment, part.offset}, part.rows, matrix.cols, scale);
  }

  const Layout& layout_;
  const WeightScales& scales_;
  const Scaling& scaling_;
  std::uint32_t d_, i_;
  Emitter emit_;
};

}  // namespace

ModelProgram emit_model_program(const Layout& layout, const WeightScales& scales,
                                const Scaling& scaling) {
  return TokenProgram(layout, scales, scaling).emit();
}

}  // namespace sterna
