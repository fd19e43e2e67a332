// Holds a device's logits against golden's, bit for bit.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <vector>

#include "host/runtime/session.h"

namespace sterna {

class Checker {
 public:
  // `reference` is a session of the same model on golden; the checker has its own thread run it.
  explicit Checker(Session& reference) : reference_(reference) {}

  // Starts the reference on the token, beside whatever the caller does next.
  void start(std::uint32_t token);
  // Waits for it and compares. Throws Error at the first difference, naming position, token, logit
  // and both values.
  void compare(std::span<const numerics::fix> logits);

  std::uint64_t positions() const { return positions_; }

 private:
  Session& reference_;
  std::future<std::vector<numerics::fix>> expected_;
  std::uint32_t token_ = 0;
  std::uint64_t positions_ = 0;
};

}  // namespace sterna
