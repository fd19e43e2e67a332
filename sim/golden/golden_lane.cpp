// SPDX-License-Identifier: Apache-2.0
#include "sim/golden/golden_lane.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "isa/numerics.h"
#include "support/error.h"

namespace sterna::golden {
namespace {

using numerics::fix;

constexpr std::size_t kLineWords = kLineBytes / 4;

// out[i] = function(sources[i]...) for i < n; out may be one of the sources.
template <typename Function, typename... Sources>
void map(std::size_t n, std::int32_t* out, Function function, const Sources*... sources) {
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
  lift_ = 0;
}

std::span<const std::int32_t> GoldenLane::execute(const Instruction& in, const std::int32_t* old) {
  saturated_ = false;
  switch (static_cast<Opcode>(in.get(Field::kOp))) {
    case Opcode::kNorm:
      return norm(in, 0);
    case Opcode::kNorml:
      return norm(in, lift_);
    case Opcode::kLift:
      return lift(in);
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
  const int power = numerics::unpack_power(in.get(Field::kImm));
  bool* const clamped = &saturated_;
  const auto gate = [&](fix f, fix x, fix y) { return numerics::gate(f, x, y, clamped); };
  switch (static_cast<Opcode>(in.get(Field::kOp))) {
    case Opcode::kAdd:
      map(
          len, d, [&](fix x, fix y) { return numerics::add(x, y, clamped); }, a, b);
      break;
    case Opcode::kSub:
      map(
          len, d, [&](fix x, fix y) { return numerics::sub(x, y, clamped); }, a, b);
      break;
    case Opcode::kMul:
      map(
          len, d, [&](fix x, fix y) { return numerics::mul(x, y, clamped); }, a, b);
      break;
    case Opcode::kDiv:
      map(
          len, d, [&](fix x, fix y) { return numerics::div(x, y, clamped); }, a, b);
      break;
    case Opcode::kExp:
      map(
          len, d, [&](fix x) { return numerics::exp(x, clamped); }, a);
      break;
    case Opcode::kSig:
      map(
          len, d, [](fix x) { return numerics::sigmoid(x); }, a);
      break;
    case Opcode::kSilu:
      map(
          len, d, [](fix x) { return numerics::silu(x); }, a);
      break;
    case Opcode::kSigp:
      map(
          len, d, [power](fix x) { return numerics::sigmoid(x, power); }, a);
      break;
    case Opcode::kSilup:
      map(
          len, d, [power](fix x) { return numerics::silu(x, power); }, a);
      break;
    case Opcode::kRelu:
      map(
          len, d, [](fix x) { return numerics::relu(x); }, a);
      break;
    case Opcode::kGelu:
      map(
          len, d, [power](fix x) { return numerics::gelu(x, power); }, a);
      break;
    case Opcode::kGate:
      map(len, d, gate, a, b, c);
      break;
    case Opcode::kScan:
      map(len, d, gate, a, old == nullptr ? b : old, c);
      break;
    case Opcode::kSet:
      std::fill(d, d + len, static_cast<std::int32_t>(in.get(Field::kImm)));
      break;
    default:
      throw Error("golden: opcode {:#04x} is in isa/isa.toml, but golden does not execute it",
                  in.get(Field::kOp));
  }
  return finish_fix(in, len);
}

std::span<const std::int32_t> GoldenLane::norm(const Instruction& in, int lift) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < len; ++i) sum += numerics::square(a[i]);
  return scale(in, numerics::norm_factor(sum, len, in.get(Field::kImm), lift));
}

std::span<const std::int32_t> GoldenLane::lift(const Instruction& in) {
  lift_ = numerics::find_lift(largest(in), in.get(Field::kImm));
  return scale(in, numerics::lift_factor(lift_));
}

std::uint32_t GoldenLane::largest(const Instruction& in) {
  const std::int32_t* a = words(in, Field::kVa);
  std::uint32_t amax = 1;
  for (std::uint32_t i = 0; i < in.get(Field::kLen); ++i) {
    amax = std::max(amax, numerics::magnitude(a[i]));
  }
  return amax;
}

std::span<const std::int32_t> GoldenLane::scale(const Instruction& in, numerics::Factor factor) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  const std::int32_t* weight = words(in, Field::kVb);
  std::int32_t* d = words(in, Field::kVd);
  for (std::uint32_t i = 0; i < len; ++i) {
    d[i] = numerics::norm(a[i], factor, weight[i], &saturated_);
  }
  return finish_fix(in, len);
}

std::span<const std::int32_t> GoldenLane::quantise(const Instruction& in) {
  const std::uint32_t len = in.get(Field::kLen);
  const std::int32_t* a = words(in, Field::kVa);
  const std::uint32_t amax = largest(in);
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

}  // namespace sterna::golden
