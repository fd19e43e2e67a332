// The equations of a MatMul-free block, in the order in which the machine should meet them. Issue
// is in order and units run side by side, so whatever does not need a product's result stands right
// behind the product, and a norm's weight is loaded while an earlier product runs. A register takes
// a new name where its old contents are dead.
#include "host/model/token_program.h"

#include <cmath>

#include "host/model/emitter.h"

namespace sterna {
namespace {

constexpr Reg kH{0};          // the residual stream, from the first instruction to the last
constexpr Reg kNextNorm{7};   // on entry to a block: the weight of the norm that h meets first,
constexpr Reg kNextInput{6};  // and of the norm inside the BitLinear behind it

class TokenProgram {
 public:
  TokenProgram(const Layout& layout, const WeightScales& scales, const Scaling& scaling)
      : layout_(layout),
        scales_(scales),
        scaling_(scaling),
        d_(layout.model().hidden_size),
        i_(layout.model().intermediate_size) {}

  std::vector<Instruction> emit() {
    emit_.emb(kH, layout_.embedding(), d_);
    load_block_norms(0);
    for (std::uint32_t layer = 0; layer < layout_.model().layers; ++layer) {
      const Reg mlp_norm = token_mixer(layer);
      channel_mixer(layer, mlp_norm);
    }
    head();
    emit_.halt();
    return emit_.program();
  }

 private:
  // o = RMSNorm(BL_g(x); g_norm) * SiLU(s), h = h + BL_o(o), with s = f s + (1 - f) SiLU(BL_i(x))
  // and f = lb + (1 - lb) sigmoid(BL_f(x)). Returns the register that holds the weight of mlp_norm.
  Reg token_mixer(std::uint32_t layer) {
    const auto attn = [&](const char* rest) {
      return layer_tensor(layer, std::string("attn.") + rest);
    };

    const Reg x{1}, i_norm{5}, g_proj_norm{4};
    norm(x, kH, kNextNorm, scaling_.residual);
    load(i_norm, attn("i_proj.norm.weight"), d_);
    load(g_proj_norm, attn("g_proj.norm.weight"), d_);

    const Reg f_in{2}, f{6};
    quantise(f_in, x, kNextInput, d_);
    product(f, f_in, attn("f_proj.weight"));

    const Reg i_in{3}, i{2}, bound{5}, one{7};
    quantise(i_in, x, i_norm, d_);
    if (layer > 0) {
      emit_.ldv(bound, layout_.vector("model.lower_bounds", layer), d_);
      emit_.set(one, numerics::kOne, d_);
    }
    product(i, i_in, attn("i_proj.weight"));

    // While i is computed: the forget gate, and g's input.
    const Reg g_in{4}, state{5}, g_norm{7};
    emit_.sig(f, f, d_);
    bit_norm(g_in, x, g_proj_norm, d_);
    if (layer > 0) emit_.gate(f, bound, one, f, d_);
    emit_.quant(g_in, g_in, d_);
    emit_.ldv(state, layout_.state(layer), d_);
    load(g_norm, attn("g_norm.weight"), d_);
    const Reg g{3};
    product(g, g_in, attn("g_proj.weight"));

    // While g is computed: the state.
    const Reg o_norm{1}, s_gate{6}, mlp_norm{2};
    emit_.silu(i, i, d_);
    emit_.gate(state, f, state, i, d_);
    load(o_norm, attn("o_proj.norm.weight"), d_);
    emit_.silu(s_gate, state, d_);
    emit_.sv(state, layout_.state(layer), d_);
    load(mlp_norm, layer_tensor(layer, "mlp_norm.weight"), d_);

    const Reg o{3}, r{4};
    norm(g, g, g_norm);
    emit_.mul(o, g, s_gate, d_);
    quantise(o, o, o_norm, d_);
    product(r, o, attn("o_proj.weight"), scaling_.residual);
    load(kGateNorm, layer_tensor(layer, "mlp.gate_proj.norm.weight"), d_);
    emit_.add(kH, kH, r, d_);
    return mlp_norm;
  }

  // h = h + BL_down(SiLU(gate) * up), with gate and up the halves of BL_gate(RMSNorm(h; mlp_norm)).
  void channel_mixer(std::uint32_t layer, Reg mlp_norm) {
    const auto mlp = [&](const char* rest) {
      return layer_tensor(layer, std::string("mlp.") + rest);
    };

    const Reg in{3}, gate{4}, up{5}, down_norm{1};
    norm(in, kH, mlp_norm, scaling_.residual);
    quantise(in, in, kGateNorm, d_);
    product(gate, in, mlp("gate_proj.weight"), 0, 0);
    load(down_norm, mlp("down_proj.norm.weight"), i_);
    product(up, in, mlp("gate_proj.weight"), scaling_.up[layer], 1);
    emit_.silu(gate, gate, i_);

    const Reg m{4}, down{5};
    emit_.mul(m, gate, up, i_);
    quantise(m, m, down_norm, i_, scaling_.up[layer]);
    product(down, m, mlp("down_proj.weight"), scaling_.residual);
    load_block_norms(layer + 1);
    emit_.add(kH, kH, down, d_);
  }

  // logits = lm_head(RMSNorm(h; model.norm)), block by block; a block is stored while the next one
  // is computed.
  void head() {
    const Reg in{1};
    const Reg out[] = {{2}, {3}};
    norm(in, kH, kNextNorm, scaling_.residual);
    quantise(in, in, kNextInput, d_);
    const auto& blocks = layout_.matrix("lm_head.weight").blocks;
    std::uint32_t first = 0;
    for (std::size_t b = 0; b <= blocks.size(); ++b) {
      if (b < blocks.size()) product(out[b % 2], in, "lm_head.weight", 0, b);
      if (b > 0) {
        emit_.sv(out[(b - 1) % 2], layout_.output(first), blocks[b - 1].rows);
        first += blocks[b - 1].rows;
      }
    }
  }

  // The two norm weights that block `layer` expects on entry; behind the last layer stands the
  // head.
  void load_block_norms(std::uint32_t layer) {
    const bool last = layer == layout_.model().layers;
    load(kNextNorm, last ? "model.norm.weight" : layer_tensor(layer, "attn_norm.weight"), d_);
    load(kNextInput, last ? "lm_head.norm.weight" : layer_tensor(layer, "attn.f_proj.norm.weight"),
         d_);
  }

  void load(Reg vd, const std::string& name, std::uint32_t len) {
    emit_.ldv(vd, layout_.vector(name), len);
  }
  // A norm of values that the machine holds times 2^power: its result is that of the values
  // themselves.
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
  // The product times 2^power.
  void product(Reg vd, Reg va, const std::string& name, int power = 0, std::size_t block = 0) {
    const PackedMatrix& matrix = layout_.matrix(name);
    const PackedBlock& part = matrix.blocks[block];
    numerics::WeightScale scale = numerics::unpack_scale(scales_.at(name));
    scale.exponent -= static_cast<std::uint32_t>(power);
    emit_.tmatmul(vd, va, {kWeightsSegment, part.offset}, part.rows, matrix.cols,
                  numerics::pack_scale(scale));
  }

  static constexpr Reg kGateNorm{1};

  const Layout& layout_;
  const WeightScales& scales_;
  const Scaling& scaling_;
  std::uint32_t d_, i_;
  Emitter emit_;
};

}  // namespace

std::vector<Instruction> emit_token_program(const Layout& layout, const WeightScales& scales,
                                            const Scaling& scaling) {
  return TokenProgram(layout, scales, scaling).emit();
}

}  // namespace sterna
