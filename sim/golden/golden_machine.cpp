#include "sim/golden/golden_machine.h"

#include <algorithm>
#include <cstring>

#include "host/support/error.h"
#include "sim/golden/numerics.h"
#include "sim/golden/ternary_kernel.h"

namespace sterna {

static_assert(kLineColumns == kLineBytes && kGroupRows == kTritsPerByte);
static_assert(kMaxLines * kLineColumns >= kMaxVectorLength);

namespace {

constexpr std::size_t kLineWords = kLineBytes / 4;

Opcode opcode(const Instruction& in) { return static_cast<Opcode>(in.get(Field::kOp)); }

// out[i] = function(sources[i]...) for i < n; out may be one of the sources.
template <auto function, typename... Sources>
void map(std::size_t n, std::int32_t* out, const Sources*... sources) {
  for (std::size_t i = 0; i < n; ++i) out[i] = function(sources[i]...);
}

}  // namespace

GoldenMachine::GoldenMachine(const Shape& shape, Memory& memory) : shape_(shape), memory_(memory) {
  if (shape.vector_length < 1 || shape.vector_length > kMaxVectorLength) {
    throw Error("golden: vector length {} is not in 1..{}", shape.vector_length, kMaxVectorLength);
  }
  if (shape.registers < 1 || shape.registers > kMaxRegisters) {
    throw Error("golden: {} registers are not in 1..{}", shape.registers, kMaxRegisters);
  }
  rom_.resize(shape.rom_depth);
  registers_.resize(shape.registers);
  for (Register& r : registers_) r.words.resize(fix_lines(shape.vector_length) * kLineWords);
}

void GoldenMachine::start() {
  for (Register& r : registers_) r.scale = 0;
  pc_ = control_.entry;
  running_ = true;
}

std::span<const std::int32_t> GoldenMachine::register_words(unsigned r) const {
  return registers_.at(r).words;
}

std::uint32_t GoldenMachine::register_scale(unsigned r) const { return registers_.at(r).scale; }

std::span<std::int32_t> GoldenMachine::mutable_register_words(unsigned r) {
  return registers_.at(r).words;
}

Step GoldenMachine::step() {
  if (!running_) throw Error("golden: step without a start, or after the program ended");
  Step step;
  step.pc = pc_;
  if (pc_ >= shape_.rom_depth) {
    step.status = Status::kPcOverrun;
  } else {
    step.instruction = rom_[pc_];
    step.status = check(step.instruction, {shape_.vector_length, shape_.registers});
    if (step.status == Status::kOk) step.status = execute(step.instruction, step);
  }
  step.finished = step.status != Status::kOk || opcode(step.instruction) == Opcode::kHalt;
  running_ = !step.finished;
  ++pc_;
  return step;
}

// `in` is legal.
Status GoldenMachine::execute(const Instruction& in, Step& step) {
  const LineRange lines = lines_touched(in, control_.token);
  const ControlState::Segment& segment = control_.segments[in.get(Field::kSeg)];
  if (!lines.within(segment.lines)) return Status::kBadAddress;
  const std::uint64_t base = segment.base - segment.base % kLineBytes;
  const std::uint64_t address = base + lines.first * kLineBytes;
  const std::uint64_t bytes = lines.count * kLineBytes;

  switch (opcode(in)) {
    case Opcode::kHalt:
      return Status::kOk;
    case Opcode::kLdv:
    case Opcode::kEmb:
      return load(in, address, bytes, step);
    case Opcode::kSv:
      return store(in, address, bytes, step);
    case Opcode::kTmatmul:
      return ternary_matmul(in, address, bytes, step);
    case Opcode::kNorm:
      norm(in, step);
      return Status::kOk;
    case Opcode::kQuant:
      quantise(in, step);
      return Status::kOk;
    default:
      row_wise(in, step);
      return Status::kOk;
  }
}

void GoldenMachine::finish_fix(const Instruction& in, std::uint32_t elements, Step& step) {
  std::int32_t* out = words(in, Field::kVd);
  const std::size_t end = fix_lines(elements) * kLineWords;
  std::fill(out + elements, out + end, 0);
  step.register_words = {out, end};
}

// --------------------------------------------------------------------------------------------------------
// Load/Store

Status GoldenMachine::load(const Instruction& in, std::uint64_t address, std::uint64_t bytes,
                           Step& step) {
  const std::byte* source = memory_.at(address, bytes);
  if (source == nullptr) return Status::kReadError;
  std::memcpy(words(in, Field::kVd), source, bytes);
  finish_fix(in, in.get(Field::kLen), step);
  step.memory_read = {address, bytes};
  return Status::kOk;
}

Status GoldenMachine::store(const Instruction& in, std::uint64_t address, std::uint64_t bytes,
                            Step& step) {
  std::byte* target = memory_.at(address, bytes);
  if (target == nullptr) return Status::kWriteError;
  const std::size_t used = std::size_t{4} * in.get(Field::kLen);
  std::memcpy(target, words(in, Field::kVa), used);
  std::memset(target + used, 0, bytes - used);
  step.memory_written = {address, bytes};
  step.written_bytes = {target, bytes};
  return Status::kOk;
}

// ----------------------------------------------------------------------------------------------------------
// Row-wise

void GoldenMachine::row_wise(const Instruction& in, Step& step) {
  const std::uint32_t len = in.get(Field::kLen);
  std::int32_t* d = words(in, Field::kVd);
  const std::int32_t* a = words(in, Field::kVa);
  const std::int32_t* b = words(in, Field::kVb);
  const std::int32_t* c = words(in, Field::kVc);
  switch (opcode(in)) {
    case Opcode::kAdd:
      map<numerics::add>(len, d, a, b);
      break;
    case Opcode::kSub:
      map<numerics::sub>(len, d, a, b);
      break;
    case Opcode::kMul:
      map<numerics::mul>(len, d, a, b);
      break;
    case Opcode::kDiv:
      map<numerics::div>(len, d, a, b);
      break;
    case Opcode::kExp:
      map<numerics::exp>(len, d, a);
      break;
    case Opcode::kSig:
      map<numerics::sigmoid>(len, d, a);
      break;
    case Opcode::kSilu:
      map<numerics::silu>(len, d, a);
      break;
    case Opcode::kGate:
      map<numerics::gate>(len, d, a, b, c);
      break;
    case Opcode::kSet:
      std::fill(d, d + len, static_cast<std::int32_t>(in.get(Field::kImm)));
      break;
    default:
      throw Error("golden: opcode {:#04x} is in asm/isa.toml, but golden does not execute it",
                  in.get(Field::kOp));
  }
  finish_fix(in, len, step);
}

// --------------------------------------------------------------------------------------------------
// Root Mean Square

void GoldenMachine::norm(const Instruction& in, Step& step) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  const std::int32_t* weight = words(in, Field::kVb);
  std::int32_t* d = words(in, Field::kVd);
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < len; ++i) sum += numerics::square(a[i]);
  const numerics::Factor r = numerics::norm_factor(sum, len, in.get(Field::kImm));
  for (std::uint32_t i = 0; i < len; ++i) d[i] = numerics::norm(a[i], r, weight[i]);
  finish_fix(in, len, step);
}

void GoldenMachine::quantise(const Instruction& in, Step& step) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  std::uint32_t amax = 1;
  for (std::uint32_t i = 0; i < len; ++i) amax = std::max(amax, numerics::magnitude(a[i]));
  const numerics::Factor factor = numerics::quant_factor(amax);

  // Beside the registers, because vd may be va.
  std::array<std::int8_t, kMaxVectorLength> q;
  for (std::uint32_t i = 0; i < len; ++i) q[i] = numerics::quant(a[i], factor);
  const std::size_t bytes = q8_lines(len) * kLineBytes;
  std::fill(q.begin() + len, q.begin() + bytes, std::int8_t{0});

  Register& out = registers_[in.get(Field::kVd)];
  std::memcpy(out.words.data(), q.data(), bytes);
  out.scale = amax;
  step.register_words = {out.words.data(), bytes / 4};
  step.scale_written = true;
  step.scale = amax;
}

// ----------------------------------------------------------------------------------------------------
// Ternary MatMul

Status GoldenMachine::ternary_matmul(const Instruction& in, std::uint64_t address,
                                     std::uint64_t bytes, Step& step) {
  const std::byte* matrix = memory_.at(address, bytes);
  if (matrix == nullptr) return Status::kReadError;
  const std::uint32_t rows = in.get(Field::kRows), cols = in.get(Field::kLen);
  const Register& source = registers_[in.get(Field::kVa)];

  // The vector as the kernel wants it: 16 bits wide, zeros up to a whole line.
  const std::size_t lines = q8_lines(cols);
  std::array<std::int8_t, kMaxVectorLength> q8;
  std::memcpy(q8.data(), source.words.data(), cols);
  std::array<std::int16_t, kMaxVectorLength> q;
  std::copy(q8.begin(), q8.begin() + cols, q.begin());
  std::fill(q.begin() + cols, q.begin() + lines * kLineColumns, std::int16_t{0});
  std::int32_t q_sum = 0;
  for (std::uint32_t c = 0; c < cols; ++c) q_sum += q[c];

  const std::uint32_t multiplier =
      numerics::matmul_multiplier(source.scale, numerics::unpack_scale(in.get(Field::kImm)));
  const auto* weights = reinterpret_cast<const std::uint8_t*>(matrix);
  std::int32_t* out = words(in, Field::kVd);
  for (std::uint32_t row = 0; row < rows; row += kGroupRows, weights += lines * kLineBytes) {
    std::int32_t sums[kGroupRows];
    ternary_group(weights, q.data(), lines, q_sum, sums);
    for (std::uint32_t r = 0; r < kGroupRows && row + r < rows; ++r) {
      out[row + r] = numerics::matmul_output(sums[r], multiplier);
    }
  }
  finish_fix(in, rows, step);
  step.memory_read = {address, bytes};
  return Status::kOk;
}

}  // namespace sterna
