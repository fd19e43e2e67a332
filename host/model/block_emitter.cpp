// SPDX-License-Identifier: Apache-2.0
#include "host/model/block_emitter.h"

#include <cmath>
#include <utility>

#include "host/model/quantise.h"
#include "support/error.h"

namespace sterna::model {

BlockEmitter::BlockEmitter(const Layout& layout, const WeightScales& scales, const Scaling& scaling)
    : layout_(layout), scales_(scales), scaling_(scaling) {}

void BlockEmitter::load(Reg vd, const std::string& name, std::uint32_t len) {
  emit_.ldv(vd, layout_.vector(name), len);
}

void BlockEmitter::norm(Reg vd, Reg va, Reg weight, int power) {
  emit_.norm(vd, va, weight, model().hidden_size, std::ldexp(model().rms_norm_eps, 2 * power));
}

void BlockEmitter::bit_norm(Reg vd, Reg va, Reg weight, std::uint32_t len, int power) {
  emit_.norm(vd, va, weight, len, std::ldexp(kBitLinearEps, 2 * power));
}

void BlockEmitter::quantise(Reg vd, Reg va, Reg weight, std::uint32_t len, int power) {
  bit_norm(vd, va, weight, len, power);
  emit_.quant(vd, vd, len);
}

void BlockEmitter::join_residual(Reg spare) {
  const int down = residual_power() - scaling_.residual;
  embedding_ = false;
  if (down == 0) return;
  emit_.set(spare, numerics::kOne >> down, model().hidden_size);
  emit_.mul(kResidual, kResidual, spare, model().hidden_size);
}

void BlockEmitter::product(Reg vd, Reg va, const std::string& bit_linear, int power,
                           std::uint32_t block) {
  const std::string name = bit_linear + ".weight";
  const std::uint32_t index = layout_.matrix_index(name);
  const PackedMatrix& matrix = layout_.matrices()[index];
  const PackedBlock& part = matrix.blocks.at(block);
  const std::uint32_t scale =
      scaled(scales_.at(name), power - scaling_.norm(bit_linear + ".norm.weight"), name);
  emit_.tmatmul(vd, va, note(index, block), part.rows, matrix.cols, scale);
}

SegmentOffset BlockEmitter::note(std::uint32_t matrix, std::uint32_t block) {
  relocations_.push_back({static_cast<std::uint32_t>(emit_.program().size()), matrix, block});
  return {kWeightsSegment, layout_.matrices()[matrix].blocks.at(block).offset};
}

void BlockEmitter::walk(Reg vd, Reg va, const std::string& name, int in_power, int power) {
  const std::uint32_t index = layout_.matrix_index(name + ".weight");
  const PackedMatrix& matrix = layout_.matrices()[index];
  const std::uint32_t scale = scaled(scales_.at(matrix.name), power - in_power, matrix.name);
  emit_.fffin(vd, va, note(index, 0), matrix.trees, matrix.cols, scale);
}

void BlockEmitter::sum_path(Reg vd, Reg va, const std::string& name, int in_power, int power) {
  const std::uint32_t index = layout_.matrix_index(name + ".weight");
  const PackedMatrix& matrix = layout_.matrices()[index];
  const std::uint32_t scale = scaled(scales_.at(matrix.name), power - in_power, matrix.name);
  emit_.fffout(vd, va, note(index, 0), matrix.rows, matrix.trees, scale);
}

void BlockEmitter::want_next(std::vector<std::string> entry_weights) {
  if (entry_weights.size() > kEntryRegisters.size()) {
    throw Error("{} entry weights, but registers for {}", entry_weights.size(),
                kEntryRegisters.size());
  }
  wanted_ = std::move(entry_weights);
  loaded_ = 0;
}

void BlockEmitter::load_next() {
  if (loaded_ == wanted_.size()) return;
  load(kEntryRegisters[loaded_], wanted_[loaded_], model().hidden_size);
  ++loaded_;
}

void BlockEmitter::leave_state(std::uint32_t layer) { state_of_ = layer; }

void BlockEmitter::store_state() {
  if (!state_of_) return;
  emit_.sv(kState, layout_.state(*state_of_), model().hidden_size);
  state_of_.reset();
}

void BlockEmitter::finish_block() {
  store_state();
  while (loaded_ < wanted_.size()) load_next();
}

}  // namespace sterna::model
