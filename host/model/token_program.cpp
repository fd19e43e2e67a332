// SPDX-License-Identifier: Apache-2.0
// Embedding, layers, head: in the order in which the machine should meet them. Issue is in order
// and units run side by side, so here and in the mixers whatever does not need a product's result
// stands right behind the product, and a norm's weight is loaded while an earlier product runs. A
// load stands where its unit and its register are free, since it would hold up all that comes
// behind it. What reads a result word by word as it is written writes to another register. A
// register takes a new name where its old contents are dead.
#include "host/model/token_program.h"

#include "host/model/mixer.h"

namespace sterna::model {
namespace {

class TokenProgram {
 public:
  TokenProgram(const Layout& layout, const WeightScales& scales, const Scaling& scaling)
      : block_(layout, scales, scaling), emit_(block_.instructions()) {}

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
    return {emit_.program(), entries, block_.relocations()};
  }

 private:
  void body() {
    const std::vector<LayerSpec>& layers = block_.model().layers;
    block_.start();
    emit_.emb(kResidual, block_.layout().embedding(), block_.model().hidden_size);
    block_.want_next(entry_weights(0));
    block_.finish_block();
    for (std::uint32_t n = 0; n < layers.size(); ++n) {
      block_.want_next({});
      mixer(layers[n].token_mixer).emit(block_, n);
      block_.want_next(entry_weights(n + 1));
      mixer(layers[n].channel_mixer).emit(block_, n);
      block_.finish_block();
    }
  }

  // What layer n wants loaded; behind the last layer stands the head.
  std::vector<std::string> entry_weights(std::uint32_t n) const {
    const std::vector<LayerSpec>& layers = block_.model().layers;
    if (n < layers.size()) return mixer(layers[n].token_mixer).entry_weights(n);
    return {std::string(kFinalNorm) + ".weight", std::string(kHead) + ".norm.weight"};
  }

  // logits = lm_head(RMSNorm(h; model.norm)), block by block; done(block, its register, id of its
  // first logit) is emitted behind the next block's product, so that it runs while that one is
  // computed.
  template <typename Done>
  void head(Done done) {
    const Scaling& scaling = block_.scaling();
    const auto [norm_weight, head_norm, unused] = kEntryRegisters;
    const Reg in{1};
    const Reg out[] = {{2}, {3}};
    block_.norm(in, kResidual, norm_weight, scaling.residual);
    block_.quantise(in, in, head_norm, block_.model().hidden_size,
                    scaling.norm(std::string(kFinalNorm) + ".weight"));
    const auto& blocks = block_.layout().matrix(std::string(kHead) + ".weight").blocks;
    std::uint32_t first = 0;
    for (std::uint32_t b = 0; b <= blocks.size(); ++b) {
      if (b < blocks.size()) block_.product(out[b % 2], in, kHead, scaling.product(kHead), b);
      if (b > 0) {
        done(out[(b - 1) % 2], blocks[b - 1].rows, first);
        first += blocks[b - 1].rows;
      }
    }
  }

  void logits_head() {
    head([&](Reg logits, std::uint32_t rows, std::uint32_t first) {
      emit_.sv(logits, block_.layout().output(first), rows);
    });
  }

  void top_head() {
    const Reg list{4};
    head([&](Reg logits, std::uint32_t rows, std::uint32_t first) {
      emit_.topk(list, logits, rows, first);
    });
    emit_.sv(list, block_.layout().top(), 2 * kTopEntries);
  }

  BlockEmitter block_;
  Emitter& emit_;
};

}  // namespace

ModelProgram emit_model_program(const Layout& layout, const WeightScales& scales,
                                const Scaling& scaling) {
  return TokenProgram(layout, scales, scaling).emit();
}

}  // namespace sterna::model
