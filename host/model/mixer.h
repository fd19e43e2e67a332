// SPDX-License-Identifier: Apache-2.0
// What one half of a layer is to the compiler: h = h + mixer(h), of which it knows the tensors, the
// powers of two that its numbers bear, and the instructions. Each mixer is one file; the float
// oracle has its equations a second time (sim/oracle).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/model/config.h"
#include "host/model/tensor_spec.h"

namespace sterna::model {

class ScalingChooser;  // host/model/scaling_chooser.h
class BlockEmitter;    // host/model/block_emitter.h

class Mixer {
 public:
  virtual ~Mixer() = default;

  // "HGRN", "GLU", "FFF".
  virtual std::string_view name() const = 0;
  // Adds its tensors in a layer, in the order in which it uses them.
  virtual void tensors(const ModelConfig& model, TensorList& list) const = 0;
  // Chooses the powers of all that it computes in layer `layer`.
  virtual void choose_scaling(ScalingChooser& chooser, std::uint32_t layer) const = 0;
  // Emits layer `layer`; which registers it finds and leaves is in block_emitter.h.
  virtual void emit(BlockEmitter& emit, std::uint32_t layer) const = 0;
  // Norm weights of d elements, kEntryRegisters.size() at most, that it wants loaded before its
  // first instruction; only token mixers are asked.
  virtual std::vector<std::string> entry_weights(std::uint32_t layer) const;
};

const Mixer& mixer(TokenMixer kind);
const Mixer& mixer(ChannelMixer kind);

// One for each kind, each in the file of its name.
const Mixer& hgrn_mixer();
const Mixer& glu_mixer();
const Mixer& fff_mixer();
const Mixer& fff_glu_mixer();  // with a master leaf, in the same file

}  // namespace sterna::model
