// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/device_engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "device/allocator.h"
#include "host/engine/candidates.h"
#include "host/program/program.h"
#include "host/runtime/striping.h"
#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna::runtime {
namespace {

// Far beyond what a token of a large model takes in simulation: only a hang gets here.
constexpr std::chrono::minutes kTimeout{60};

void check_requirements(const Capabilities& has, const model::Requirements& needs,
                        const std::string& device, const std::string& model) {
  const struct {
    const char* what;
    std::uint32_t has, needs;
  } checks[] = {{"elements in a vector register", has.vector_length, needs.vector_length},
                {"vector registers", has.registers, needs.registers},
                {"instructions of ROM", has.rom_depth, needs.rom_depth},
                {"trees in the capability FFF", has.fff, needs.fff}};
  for (const auto& check : checks) {
    if (check.has < check.needs) {
      throw Error("{} needs {} {}, {} has {}", model, check.needs, check.what, device, check.has);
    }
  }
}

}  // namespace

std::uint64_t model_bytes(const model::SternaHeader& header) {
  std::uint64_t sum = 0;
  for (const model::Segment& segment : header.segments) {
    const std::uint64_t bytes = segment.bytes * (segment.per_lane ? kMaxLanes : 1);
    sum += (bytes / Allocator::kAlignment + 1) * Allocator::kAlignment;
  }
  return sum;
}

DeviceEngine::DeviceEngine(std::unique_ptr<Device> device, const model::SternaFile& file)
    : device_(std::move(device)),
      vocabulary_(file.header().model.vocab_size),
      entries_(file.header().entries),
      capabilities_(read_capabilities(*device_)),
      map_(file.header(), capabilities_.channels) {
  check_requirements(capabilities_, file.header().requirements, device_->name(), file.path());
  place_weights(file);
  place_segments(file);
  for (unsigned lane = 0; lane < capabilities_.lanes; ++lane) reset(lane);
}

void DeviceEngine::set_segment(std::uint32_t segment, const Placed& placed) {
  program::set_segment(*device_, segment, placed.address, placed.bytes);
  device_->write_register(reg::seg_lane_stride(segment),
                          static_cast<std::uint32_t>(placed.stride / kLineBytes));
}

std::uint64_t DeviceEngine::room_for(const model::SternaFile& file, std::uint64_t bytes,
                                     unsigned channel) {
  try {
    return device_->alloc(bytes, channel);
  } catch (const Error& error) {
    throw Error("{}: {}: {}", file.path(), device_->name(), error.what());
  }
}

void DeviceEngine::place_segments(const model::SternaFile& file) {
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    const auto [bytes, per_lane] = map_.segments()[s];
    if (bytes == 0) continue;
    const std::uint64_t copies = per_lane ? capabilities_.lanes : 1;
    segments_[s] = {room_for(file, bytes * copies, channel_of(s)), bytes, per_lane ? bytes : 0};
    set_segment(s, segments_[s]);
  }
  for (const model::Segment& segment : file.header().segments) {
    if (segment.index == model::kWeightsSegment || segment.bytes == 0)
      continue;  // a bank may be empty
    const auto [home, offset] = map_.home(segment.index);
    placed_[segment.index] = {segments_[home].address + offset, segment.bytes,
                              segments_[home].stride};
    if (segment.in_file) {
      device_->upload(placed_[segment.index].address, file.section(segment.name));
    }
  }
}

void DeviceEngine::place_weights(const model::SternaFile& file) {
  const Striping striping(file.header(), capabilities_.channels);
  std::vector<std::uint64_t> addresses;
  for (unsigned channel = 0; channel < capabilities_.channels; ++channel) {
    addresses.push_back(room_for(file, striping.channel_bytes(), channel));
    program::set_segment(*device_, model::kWeightsSegment + channel, addresses.back(),
                         striping.channel_bytes());
  }
  striping.distribute(file.section("weights"), [&](unsigned channel, std::uint64_t offset,
                                                   std::span<const std::byte> bytes) {
    device_->upload(addresses[channel] + offset, bytes);
  });
  std::vector<Instruction> program = file.program();
  striping.relocate(program);
  map_.relocate(program);
  program::load_program(*device_, program);
}

void DeviceEngine::reset(unsigned sequence) {
  for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
    const Placed& state = placed_[model::kStateSegment + bank];
    if (state.bytes == 0) continue;
    device_->upload(lane_address(state, sequence), std::vector<std::byte>(state.bytes));
  }
}

void DeviceEngine::step(std::span<const engine::Column> columns) {
  engine::check_columns(*this, columns);
  answers_.assign(columns.size(), {});
  figures_ = {};
  const std::vector<Pass> passes = plan_passes(columns, capabilities_.lanes);
  for (const Pass& pass : passes) {
    run(pass, columns);
    ++figures_.passes;
    if (&pass != &passes.back()) take(pass, columns);
  }
}

void DeviceEngine::run(const Pass& pass, std::span<const engine::Column> columns) {
  engine::Head head = engine::Head::kNone;
  for (const std::size_t i : pass.columns) head = std::max(head, columns[i].head);
  std::uint64_t lanes = 0;
  for (unsigned p = 0; p < pass.columns.size(); ++p) {
    const std::size_t i = pass.columns[p];
    const unsigned lane = pass.prefill ? p : columns[i].sequence;
    answers_[i] = {lane, columns[i].head, head};
    device_->write_register(reg::token(lane), columns[i].token);
    lanes |= std::uint64_t{1} << lane;
  }
  select(lanes, pass.prefill);
  const unsigned sequence = columns[pass.columns.front()].sequence;
  if (pass.prefill) share_state(true, sequence);
  execute(head);
  if (pass.prefill) share_state(false, sequence);
}

void DeviceEngine::select(std::uint64_t lanes, bool prefill) {
  device_->write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(lanes));
  device_->write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(lanes >> 32));
  device_->write_register(reg::kPrefill, prefill ? 1 : 0);
}

// While its positions are at work a sequence's state is the only one: all lanes read it, the last
// one writes it.
void DeviceEngine::share_state(bool shared, unsigned lane) {
  for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
    if (placed_[model::kStateSegment + bank].bytes == 0) continue;
    const std::uint32_t s = map_.home(model::kStateSegment + bank).segment;
    set_segment(
        s, shared ? Placed{lane_address(segments_[s], lane), segments_[s].bytes, 0} : segments_[s]);
  }
}

void DeviceEngine::execute(engine::Head head) {
  device_->write_register(reg::kEntry, head == engine::Head::kLogits ? entries_.logits
                                       : head == engine::Head::kTop  ? entries_.top
                                                                     : entries_.body);
  const program::ProgramEnd end = program::run_program(*device_, kTimeout);
  if (end.status != Status::kOk) {
    throw Error("{} ended the program with {} at instruction {}", device_->name(),
                sterna::name(end.status), end.pc);
  }
}

// What the next pass would write over.
void DeviceEngine::take(const Pass& pass, std::span<const engine::Column> columns) {
  figures_.counters = figures_.counters + read_counters(*device_);
  for (const std::size_t i : pass.columns) {
    Answer& answer = answers_[i];
    if (columns[i].head == engine::Head::kLogits) read_logits(answer.lane, answer.logits);
    if (columns[i].head == engine::Head::kTop) read_top(answer, answer.top);
    answer.taken = true;
  }
}

engine::StepFigures DeviceEngine::figures() {
  engine::StepFigures all = figures_;
  if (all.passes != 0) all.counters = all.counters + read_counters(*device_);
  return all;
}

const DeviceEngine::Answer& DeviceEngine::answer(std::size_t column, engine::Head head) const {
  if (column >= answers_.size() || answers_[column].wanted != head) {
    throw Error("column {} of the last step has no such result", column);
  }
  return answers_[column];
}

std::span<const double> DeviceEngine::logits(std::size_t column) {
  const Answer& from = answer(column, engine::Head::kLogits);
  if (from.taken) return from.logits;
  read_logits(from.lane, logits_);
  return logits_;
}

std::span<const engine::Candidate> DeviceEngine::top(std::size_t column) {
  const Answer& from = answer(column, engine::Head::kTop);
  if (from.taken) return from.top;
  read_top(from, top_);
  return top_;
}

void DeviceEngine::download(const Placed& segment, unsigned lane) {
  words_.resize(segment.bytes / sizeof(numerics::fix));
  device_->download(lane_address(segment, lane), std::as_writable_bytes(std::span(words_)));
}

void DeviceEngine::read_logits(unsigned lane, std::vector<double>& logits) {
  download(placed_[model::kOutputSegment], lane);
  logits.resize(vocabulary_);
  std::transform(words_.begin(), words_.begin() + vocabulary_, logits.begin(), numerics::to_double);
}

void DeviceEngine::read_top(const Answer& answer, std::vector<engine::Candidate>& top) {
  if (answer.computed == engine::Head::kLogits) {  // which another column of the pass asked for
    read_logits(answer.lane, logits_);
    top = engine::top_candidates(logits_);
    return;
  }
  download(placed_[model::kTopSegment], answer.lane);
  top.clear();
  for (std::uint32_t i = 0; i < std::min(kTopEntries, vocabulary_); ++i) {
    top.push_back(
        {static_cast<std::uint32_t>(words_[kTopEntries + i]), numerics::to_double(words_[i])});
  }
}

}  // namespace sterna::runtime
