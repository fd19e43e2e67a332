// SPDX-License-Identifier: Apache-2.0
// What operations do to one element of each source: the same source for every engine that executes
// plans. Each takes numerics' flag first, which it raises where it had to clamp.
#pragma once

#include <cstdint>

#include "isa/numerics.h"

namespace sterna::plan::elements {

using numerics::fix;

struct Add {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix a, fix b) const {
    return numerics::add(a, b, flag);
  }
};
struct Sub {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix a, fix b) const {
    return numerics::sub(a, b, flag);
  }
};
struct Mul {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix a, fix b) const {
    return numerics::mul(a, b, flag);
  }
};
struct Div {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix a, fix b) const {
    return numerics::div(a, b, flag);
  }
};
struct Exp {
  const numerics::Exp2Table& table;
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix a) const {
    return numerics::exp(a, flag, table);
  }
};
struct Sigmoid {
  int power;
  const numerics::SigmoidTable& table;
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag*, fix a) const {
    return numerics::sigmoid(a, power, table);
  }
};
struct Silu {
  int power;
  const numerics::SigmoidTable& table;
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag*, fix a) const {
    return numerics::silu(a, power, table);
  }
};
struct Gelu {
  int power;
  const numerics::PhiTable& table;
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag*, fix a) const {
    return numerics::gelu(a, power, table);
  }
};
struct Relu {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag*, fix a) const {
    return numerics::relu(a);
  }
};
// GATE and SCAN.
struct Gate {
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix f, fix a, fix b) const {
    return numerics::gate(f, a, b, flag);
  }
};

// NORM and LIFT, behind their factor. A factor's mantissa has 26 bits at most: as a signed number
// it is multiplied in half the time.
struct Scale {
  std::int32_t mantissa;
  std::uint32_t shift;
  STERNA_HOST_DEVICE explicit Scale(numerics::Factor factor)
      : mantissa(static_cast<std::int32_t>(factor.mantissa)), shift(factor.shift) {}
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, fix x, fix weight) const {
    const fix y = numerics::sat32(numerics::rs(std::int64_t{x} * mantissa, shift));
    return numerics::mul(y, weight, flag);
  }
};

// QUANT, behind its factor; nothing is clamped but to what q8 holds.
struct Quantise {
  std::int32_t mantissa;
  std::uint32_t shift;
  STERNA_HOST_DEVICE explicit Quantise(numerics::Factor factor)
      : mantissa(static_cast<std::int32_t>(factor.mantissa)), shift(factor.shift) {}
  STERNA_HOST_DEVICE std::int8_t operator()(fix x) const {
    const std::int64_t y = numerics::rs(std::int64_t{x} * mantissa, shift);
    return static_cast<std::int8_t>(y < -127 ? -127 : y > 127 ? 127 : y);
  }
};

// A product's exact sum as fix.
struct Rescale {
  std::uint32_t multiplier;
  template <typename Flag>
  STERNA_HOST_DEVICE fix operator()(Flag* flag, std::int32_t sum) const {
    return numerics::matmul_output(sum, multiplier, flag);
  }
};

}  // namespace sterna::plan::elements
