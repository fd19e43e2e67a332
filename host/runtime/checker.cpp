#include "host/runtime/checker.h"

#include "host/model/quantise.h"
#include "host/support/error.h"

namespace sterna {

void Checker::start(std::uint32_t token) {
  token_ = token;
  expected_ = std::async(std::launch::async, [this, token] {
    const auto logits = reference_.step(token);
    return std::vector<numerics::fix>(logits.begin(), logits.end());
  });
}

void Checker::compare(std::span<const numerics::fix> logits) {
  const std::vector<numerics::fix> expected = expected_.get();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (logits[i] == expected[i]) continue;
    throw Error("position {} (token {}): logit {} is {} ({:#010x}), golden says {} ({:#010x})",
                positions_, token_, i, to_float(logits[i]), static_cast<std::uint32_t>(logits[i]),
                to_float(expected[i]), static_cast<std::uint32_t>(expected[i]));
  }
  ++positions_;
}

}  // namespace sterna
