#include "host/runtime/session.h"

#include "asm/generated/isa.h"
#include "host/support/error.h"

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
}

}  // namespace

Session::Session(Device& device, const SternaFile& file)
    : device_(device),
      model_(file.header().model),
      capabilities_(read_capabilities(device)),
      program_(file.program()) {
  check_requirements(capabilities_, file.header().requirements, device.name(), file.path());
  for (const Segment& segment : file.header().segments) place(segment, file);
  load_program(device_, program_);
  device_.write_register(reg::kEntry, 0);
  logits_.resize(output_bytes(model_) / sizeof(numerics::fix));
  reset();
}

Session::~Session() {
  for (const std::uint64_t address : allocations_) device_.free(address);
}

void Session::place(const Segment& segment, const SternaFile& file) {
  const std::uint64_t address = device_.alloc(segment.bytes);
  allocations_.push_back(address);
  set_segment(device_, segment.index, address, segment.bytes);
  if (segment.in_file) device_.upload(address, file.section(segment.name));
  if (segment.index == kStateSegment) state_ = address;
  if (segment.index == kOutputSegment) output_ = address;
}

void Session::reset() {
  const std::vector<std::byte> zeros(state_bytes(model_));
  device_.upload(state_, zeros);
}

std::span<const numerics::fix> Session::step(std::uint32_t token) {
  if (token >= model_.vocab_size) {
    throw Error("token {} is beyond the vocabulary of {}", token, model_.vocab_size);
  }
  device_.write_register(reg::token(0), token);
  const ProgramEnd end = run_program(device_, kTimeout);
  if (end.status != Status::kOk) {
    throw Error("{} ended the program with {} at instruction {}", device_.name(), name(end.status),
                end.pc);
  }
  device_.download(output_, std::as_writable_bytes(std::span(logits_)));
  return std::span<const numerics::fix>(logits_).first(model_.vocab_size);
}

}  // namespace sterna
