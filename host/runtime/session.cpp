// SPDX-License-Identifier: Apache-2.0
#include "host/runtime/session.h"

#include <algorithm>

#include "device/allocator.h"
#include "host/runtime/striping.h"
#include "isa/generated/isa.h"
#include "support/error.h"

namespace sterna {
namespace {

// Far beyond what a token of a large model takes in simulation: only a hang gets here.
constexpr std::chrono::minutes kTimeout{60};

void check_requirements(const Capabilities& has, const Requirements& needs,
                        const std::string& device, const std::string& model) {
  const struct {
    const char* what;
    std::uint32_t has, needs;
  } checks[] = {{"elements in a vector register", has.vector_length, needs.vector_length},
                {"vector registers", has.registers, needs.registers},
                {"instructions of ROM", has.rom_depth, needs.rom_depth}};
  for (const auto& check : checks) {
    if (check.has < check.needs) {
      throw Error("{} needs {} {}, {} has {}", model, check.needs, check.what, device, check.has);
    }
  }
  if (has.channels > kHomes) {
    throw Error("{} has {} channels; a model is laid out for {} at most", device, has.channels,
                kHomes);
  }
}

}  // namespace

std::uint64_t session_bytes(const SternaHeader& header) {
  std::uint64_t sum = 0;
  for (const Segment& segment : header.segments) {
    const std::uint64_t bytes = segment.bytes * (segment.per_lane ? kMaxLanes : 1);
    sum += (bytes / Allocator::kAlignment + 1) * Allocator::kAlignment;
  }
  return sum;
}

Session::Session(Device& device, const SternaFile& file)
    : device_(device),
      model_(file.header().model),
      entries_(file.header().entries),
      capabilities_(read_capabilities(device)) {
  check_requirements(capabilities_, file.header().requirements, device.name(), file.path());
  for (const Segment& segment : file.header().segments) {
    if (segment.index == kWeightsSegment) {
      place_weights(file);
    } else if (segment.bytes != 0) {  // a home may be empty
      place(segment, file);
    }
  }
  reset();
}

Session::~Session() {
  for (const std::uint64_t address : allocations_) device_.free(address);
}

void Session::place(const Segment& segment, const SternaFile& file) {
  const std::uint64_t copies = segment.per_lane ? capabilities_.lanes : 1;
  const std::uint64_t address = device_.alloc(segment.bytes * copies, channel_of(segment.index));
  allocations_.push_back(address);
  placed_[segment.index] = {address, segment.bytes, segment.per_lane};
  set_segment(device_, segment.index, address, segment.bytes);
  if (segment.per_lane) {
    device_.write_register(reg::seg_lane_stride(segment.index),
                           static_cast<std::uint32_t>(segment.bytes / kLineBytes));
  }
  if (segment.in_file) device_.upload(address, file.section(segment.name));
}

void Session::place_weights(const SternaFile& file) {
  const Striping striping(file.header(), capabilities_.channels);
  std::vector<std::uint64_t> addresses;
  for (unsigned channel = 0; channel < capabilities_.channels; ++channel) {
    addresses.push_back(device_.alloc(striping.channel_bytes(), channel));
    allocations_.push_back(addresses.back());
    set_segment(device_, kWeightsSegment + channel, addresses.back(), striping.channel_bytes());
  }
  striping.distribute(file.section("weights"), [&](unsigned channel, std::uint64_t offset,
                                                   std::span<const std::byte> bytes) {
    device_.upload(addresses[channel] + offset, bytes);
  });
  std::vector<Instruction> program = file.program();
  striping.relocate(program);
  load_program(device_, program);
}

void Session::reset(unsigned lane) {
  for (std::uint32_t home = 0; home < kHomes; ++home) {
    const Placed& state = placed_[kStateSegment + home];
    if (state.bytes == 0) continue;
    device_.upload(lane_address(state, lane), std::vector<std::byte>(state.bytes));
  }
}

void Session::reset() {
  for (unsigned lane = 0; lane < capabilities_.lanes; ++lane) reset(lane);
}

void Session::set_token(unsigned lane, std::uint32_t token) {
  if (token >= model_.vocab_size) {
    throw Error("token {} is beyond the vocabulary of {}", token, model_.vocab_size);
  }
  if (lane >= capabilities_.lanes) {
    throw Error("lane {}: {} has {}", lane, device_.name(), capabilities_.lanes);
  }
  device_.write_register(reg::token(lane), token);
}

void Session::select(std::uint64_t lanes, bool prefill) {
  device_.write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(lanes));
  device_.write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(lanes >> 32));
  device_.write_register(reg::kPrefill, prefill ? 1 : 0);
}

void Session::run(Head head) {
  device_.write_register(reg::kEntry, head == Head::kLogits ? entries_.logits
                                      : head == Head::kTop  ? entries_.top
                                                            : entries_.body);
  const ProgramEnd end = run_program(device_, kTimeout);
  if (end.status != Status::kOk) {
    throw Error("{} ended the program with {} at instruction {}", device_.name(), name(end.status),
                end.pc);
  }
}

void Session::step(std::span<const LaneToken> tokens, Head head) {
  std::uint64_t lanes = 0;
  for (const LaneToken& t : tokens) {
    set_token(t.lane, t.token);
    lanes |= std::uint64_t{1} << t.lane;
  }
  select(lanes, false);
  run(head);
}

void Session::prefill(unsigned lane, std::span<const std::uint32_t> tokens, Head head) {
  for (unsigned p = 0; p < tokens.size(); ++p) set_token(p, tokens[p]);
  select(tokens.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << tokens.size()) - 1, true);
  // While its positions are at work the sequence's state is the only one: all read it, the last one
  // writes it.
  const auto share = [&](bool shared) {
    for (std::uint32_t home = 0; home < kHomes; ++home) {
      const Placed& state = placed_[kStateSegment + home];
      if (state.bytes == 0) continue;
      const std::uint32_t s = kStateSegment + home;
      set_segment(device_, s, shared ? lane_address(state, lane) : state.address, state.bytes);
      device_.write_register(reg::seg_lane_stride(s),
                             shared ? 0 : static_cast<std::uint32_t>(state.bytes / kLineBytes));
    }
  };
  share(true);
  run(head);
  share(false);
}

std::span<const numerics::fix> Session::logits(unsigned lane) {
  const Placed& output = placed_[kOutputSegment];
  words_.resize(output.bytes / sizeof(numerics::fix));
  device_.download(lane_address(output, lane), std::as_writable_bytes(std::span(words_)));
  return std::span<const numerics::fix>(words_).first(model_.vocab_size);
}

std::span<const Candidate> Session::top(unsigned lane) {
  const Placed& list = placed_[kTopSegment];
  words_.resize(list.bytes / sizeof(numerics::fix));
  device_.download(lane_address(list, lane), std::as_writable_bytes(std::span(words_)));
  top_.clear();
  for (std::uint32_t i = 0; i < std::min(kTopEntries, model_.vocab_size); ++i) {
    top_.push_back({static_cast<std::uint32_t>(words_[kTopEntries + i]), words_[i]});
  }
  return top_;
}

std::span<const numerics::fix> Session::step(std::uint32_t token) {
  const LaneToken only{0, token};
  step({&only, 1}, Head::kLogits);
  return logits(0);
}

}  // namespace sterna
