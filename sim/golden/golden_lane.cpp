#include "sim/golden/golden_lane.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "host/support/error.h"
#include "sim/golden/numerics.h"

namespace sterna {
namespace {

constexpr std::size_t kLineWords = kLineBytes / 4;

// out[i] = function(sources[i]...) for i < n; out may be one of the sources.
template <auto function, typename... Sources>
void map(std::size_t n, std::int32_t* out, const Sources*... sources) {
  for (std::size_t i = 0; i < n; ++i) out[i] = function(sources[i]...);
}

}  // namespace

GoldenLane::GoldenLane(std::uint32_t vector_length, std::uint32_t registers)
    : registers_(registers) {
  for (Register& r : registers_) r.words.resize(fix_lines(vector_length) * kLineWords);
}

void GoldenLane::start() {
  for (Register& r : registers_) r.scale = 0;
  list_ = {};
}

std::span<const std::int32_t> GoldenLane::execute(const Instruction& in, const std::int32_t* old) {
  switch (static_cast<Opcode>(in.get(Field::kOp))) {
    case Opcode::kNorm:
      return norm(in);
    case Opcode::kQuant:
      return quantise(in);
    case Opcode::kTopk:
      return top(in);
    default:
      return row_wise(in, old);
  }
}

std::span<const std::int32_t> GoldenLane::finish_fix(const Instruction& in,
                                                     std::uint32_t elements) {
  std::int32_t* out = words(in, Field::kVd);
  const std::size_t end = fix_lines(elements) * kLineWords;
  std::fill(out + elements, out + end, 0);
  return {out, end};
}

std::span<const std::int32_t> GoldenLane::row_wise(const Instruction& in, const std::int32_t* old) {
  const std::uint32_t len = in.get(Field::kLen);
  std::int32_t* d = words(in, Field::kVd);
  const std::int32_t* a = words(in, Field::kVa);
  const std::int32_t* b = words(in, Field::kVb);
  const std::int32_t* c = words(in, Field::kVc);
  switch (static_cast<Opcode>(in.get(Field::kOp))) {
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
    case Opcode::kScan:
      map<numerics::gate>(len, d, a, old == nullptr ? b : old, c);
      break;
    case Opcode::kSet:
      std::fill(d, d + len, static_cast<std::int32_t>(in.get(Field::kImm)));
      break;
    default:
      throw Error("golden: opcode {:#04x} is in asm/isa.toml, but golden does not execute it",
                  in.get(Field::kOp));
  }
  return finish_fix(in, len);
}

std::span<const std::int32_t> GoldenLane::norm(const Instruction& in) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  const std::int32_t* weight = words(in, Field::kVb);
  std::int32_t* d = words(in, Field::kVd);
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < len; ++i) sum += numerics::square(a[i]);
  const numerics::Factor r = numerics::norm_factor(sum, len, in.get(Field::kImm));
  for (std::uint32_t i = 0; i < len; ++i) d[i] = numerics::norm(a[i], r, weight[i]);
  return finish_fix(in, len);
}

std::span<const std::int32_t> GoldenLane::quantise(const Instruction& in) {
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
  return {out.words.data(), bytes / 4};
}

std::span<const std::int32_t> GoldenLane::top(const Instruction& in) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  for (std::uint32_t i = 0; i < len; ++i) list_.merge({a[i], in.get(Field::kImm) + i});
  std::int32_t* d = words(in, Field::kVd);
  for (std::uint32_t i = 0; i < kTopEntries; ++i) {
    d[i] = list_.entries()[i].value;
    d[kTopEntries + i] = static_cast<std::int32_t>(list_.entries()[i].id);
  }
  return finish_fix(in, 2 * kTopEntries);
}

}  // namespace sterna
