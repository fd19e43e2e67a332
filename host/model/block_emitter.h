// SPDX-License-Identifier: Apache-2.0
// What mixers and the head are written in: loads by tensor name, norms, quantisation and products
// that bear the powers of two which `Scaling` gave them, and a note of every matrix that is named.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/model/emitter.h"
#include "host/model/layout.h"
#include "host/model/scaling.h"

namespace sterna::model {

// A product's immediate for every matrix, by tensor name.
using WeightScales = std::map<std::string, std::uint32_t, std::less<>>;

// Registers by which the parts of a program meet; a part may use the others, and these while they
// are dead.
inline constexpr Reg kResidual{0};  // h on entry to a layer and to the head,
inline constexpr Reg kMixed{2};  // and between the mixers: a sum written in place could not be read
                                 // before it is whole
inline constexpr Reg kState{7};  // the token mixer's new state, until store_state()
inline constexpr std::array<Reg, 3> kEntryRegisters{
    {{7}, {6}, {4}}};  // entry weights, in their order

class BlockEmitter {
 public:
  // All three must outlive the object.
  BlockEmitter(const Layout& layout, const WeightScales& scales, const Scaling& scaling);

  const Layout& layout() const { return layout_; }
  const ModelConfig& model() const { return layout_.model(); }
  const Scaling& scaling() const { return scaling_; }
  // For every instruction that has no function here.
  Emitter& instructions() { return emit_; }

  void load(Reg vd, const std::string& name, std::uint32_t len);
  // A norm of d values that the machine holds times 2^power: its result is that of the values
  // themselves, times the power of its weight.
  void norm(Reg vd, Reg va, Reg weight, int power);
  // A BitLinear is a norm of its own, quantisation and a product. These two are for values times
  // 2^power; quantise() is both in one register.
  void bit_norm(Reg vd, Reg va, Reg weight, std::uint32_t len, int power);
  void quantise(Reg vd, Reg va, Reg weight, std::uint32_t len, int power);
  // h bears the power of the embeddings until something is added to it. start() begins a program;
  // residual_power() is h's now, and join_residual() gives h in kResidual the residual stream's, in
  // front of the first sum. `spare` may be overwritten.
  void start() { embedding_ = true; }
  int residual_power() const { return embedding_ ? scaling_.embedding : scaling_.residual; }
  void join_residual(Reg spare);

  // The product of a BitLinear's block times 2^power; va has the power of the BitLinear's norm.
  void product(Reg vd, Reg va, const std::string& bit_linear, int power, std::uint32_t block = 0);

  // FFFIN and FFFOUT: the logits on the paths, times 2^power, of a vector that is held times
  // 2^in_power, and what the nodes on them are worth. Products without a norm: `name` is without
  // ".weight".
  void walk(Reg vd, Reg va, const std::string& name, int in_power, int power);
  void sum_path(Reg vd, Reg va, const std::string& name, int in_power, int power);

  // A mixer should not end with a wait for memory: what the part behind it wants loaded, and what
  // the token mixer in front of it leaves to be stored, it emits where units and registers are free
  // (the channel mixer does, so far). finish_block() does what is left.
  void want_next(std::vector<std::string> entry_weights);
  void load_next();  // the next of them, if there is one
  void leave_state(std::uint32_t layer);
  void store_state();
  void finish_block();

  const std::vector<Relocation>& relocations() const { return relocations_; }

 private:
  // Where a matrix's block lies; the next instruction, which reads it, becomes a relocation.
  SegmentOffset note(std::uint32_t matrix, std::uint32_t block);

  const Layout& layout_;
  const WeightScales& scales_;
  const Scaling& scaling_;
  Emitter emit_;
  std::vector<Relocation> relocations_;
  bool embedding_ = true;  // does h still bear its power?
  std::vector<std::string> wanted_;
  std::size_t loaded_ = 0;                 // of them
  std::optional<std::uint32_t> state_of_;  // the layer whose state is still to be stored
};

}  // namespace sterna::model
