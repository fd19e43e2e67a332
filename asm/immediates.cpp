// SPDX-License-Identifier: Apache-2.0
#include "asm/immediates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "isa/numerics.h"

namespace sterna::assembly {
namespace {

constexpr int kEpsFractionBits = static_cast<int>(numerics::kEpsFractionBits);
constexpr int kLargestExponent = (1 << kScaleExponentBits) - 1;
constexpr int kMantissaBits = static_cast<int>(kScaleMantissaBits);
constexpr int kMantissaEnd = 1 << kMantissaBits;

}  // namespace

std::optional<std::uint32_t> encode_fix(double value) {
  const double scaled = std::nearbyint(std::ldexp(value, static_cast<int>(kFractionBits)));
  if (!(scaled >= numerics::kFixMin && scaled <= numerics::kFixMax)) return std::nullopt;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(scaled));
}

std::optional<std::uint32_t> encode_eps(double value) {
  const double scaled = std::nearbyint(std::ldexp(value, kEpsFractionBits));
  if (!(scaled >= 0 && scaled <= std::numeric_limits<std::uint32_t>::max())) return std::nullopt;
  return static_cast<std::uint32_t>(scaled);
}

std::optional<std::uint32_t> encode_scale(double value) {
  constexpr int kSmallestExponent = static_cast<int>(kMinScaleExponent);
  if (!(value >= 0 && value < std::ldexp(kMantissaEnd, -kSmallestExponent))) return std::nullopt;
  // A mantissa of all its bits, unless the number is too small for that.
  int exponent = kLargestExponent;
  if (value > 0) exponent = std::min(exponent, kMantissaBits - 1 - std::ilogb(value));
  std::int64_t mantissa = std::llrint(std::ldexp(value, exponent));
  if (mantissa == kMantissaEnd) {  // rounded up to the next power of two
    mantissa /= 2;
    if (--exponent < kSmallestExponent) return std::nullopt;
  }
  return numerics::pack_scale(
      {static_cast<std::uint32_t>(mantissa), static_cast<std::uint32_t>(exponent)});
}

std::optional<std::uint32_t> encode_immediate(ImmKind kind, double value) {
  switch (kind) {
    case ImmKind::kFix:
      return encode_fix(value);
    case ImmKind::kEps:
      return encode_eps(value);
    case ImmKind::kScale:
      return encode_scale(value);
    case ImmKind::kRaw:
    case ImmKind::kNone:
      break;
  }
  return std::nullopt;
}

double decode_immediate(ImmKind kind, std::uint32_t imm) {
  switch (kind) {
    case ImmKind::kFix:
      return std::ldexp(static_cast<std::int32_t>(imm), -static_cast<int>(kFractionBits));
    case ImmKind::kEps:
      return std::ldexp(imm, -kEpsFractionBits);
    case ImmKind::kScale: {
      const numerics::WeightScale scale = numerics::unpack_scale(imm);
      return std::ldexp(scale.mantissa, -static_cast<int>(scale.exponent));
    }
    case ImmKind::kRaw:
    case ImmKind::kNone:
      break;
  }
  return imm;
}

}  // namespace sterna::assembly
