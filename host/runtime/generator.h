// SPDX-License-Identifier: Apache-2.0
// Continuous batching: more prompts than lanes, each lane taking the next prompt as soon as its
// sequence has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/runtime/stepper.h"

namespace sterna {

struct Request {
  std::vector<std::uint32_t> prompt;  // at least one token
  std::uint64_t count = 0;            // tokens to generate at most; 0 reads the prompt alone
  SamplerOptions sampler;
  bool goes_on = false;  // from the sequence that its lane holds; else the lane forgets that first
};

// Called as things happen; `request` is an index into the requests. What is left empty is not
// called.
struct GeneratorEvents {
  std::function<bool(std::uint32_t)> ends;  // does this token end a sequence? without it none does
  std::function<void(std::size_t request, std::uint32_t token)>
      token;  // generated, the ending one too
  std::function<void(std::size_t request)> finished;
  // Asked for, every position of every sequence computes all its logits, and they arrive in order.
  std::function<void(std::size_t request, std::span<const numerics::fix>)> logits;
  // After every pass over the weights: how many tokens it read.
  std::function<void(std::uint64_t positions, const Counters&)> pass;
};

// Runs all requests to their ends. The tokens of a request depend on it alone, not on what runs
// beside it. Throws Error when a prompt has no tokens, before anything runs, and as the stepper
// does.
void generate(Stepper& stepper, std::span<const Request> requests, const GeneratorEvents& events);

}  // namespace sterna
