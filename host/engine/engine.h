// SPDX-License-Identifier: Apache-2.0
// What predicts tokens, whatever computes it: hardware, a simulator, a program on the CPU. Columns
// of tokens go in, what is known of their successors comes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "device/counters.h"
#include "isa/capabilities.h"

namespace sterna::engine {

// What is wanted behind the last layer.
enum class Head {
  kNone,    // nothing: the token is read, its successor is not asked for
  kTop,     // the kTopEntries most probable tokens
  kLogits,  // all logits
};

// One token of one sequence.
struct Column {
  unsigned sequence = 0;
  std::uint32_t token = 0;
  Head head = Head::kNone;
};

// A token and its logit.
struct Candidate {
  std::uint32_t token = 0;
  double logit = 0;
  bool operator==(const Candidate&) const = default;
};

// Of one step.
struct StepFigures {
  std::uint64_t passes = 0;  // over the weights
  Counters counters;         // of the hardware, over all passes; zeros where nothing counts
};

class Engine {
 public:
  virtual ~Engine() = default;

  // For people: "golden", "rtl (demo)".
  virtual std::string name() const = 0;

  // Tokens are below it, and there are as many logits.
  virtual std::uint32_t vocabulary() const = 0;

  // How many sequences it holds; they are numbered from 0.
  virtual unsigned sequences() const = 0;

  // How many columns one pass over the weights serves at best: steps of more take more passes.
  virtual unsigned columns_per_pass() const = 0;

  // Reads any number of columns. Those of one sequence are consecutive tokens of it, in order, and
  // may stand between those of others: prompts are read while other sequences go on. Throws Error
  // for a token beyond the vocabulary or a sequence that is not there, before anything is read; and
  // when what computes fails, after which only reset() makes a sequence good again.
  virtual void step(std::span<const Column> columns) = 0;

  // Of a column of the last step, by its place there, whose head was that. Logits are exact, in the
  // unit of the model's own: fixed point and float both fit a double. Candidates are ordered by
  // logit, of equal ones the lower token first. Valid until the next call of anything here.
  virtual std::span<const double> logits(std::size_t column) = 0;
  virtual std::span<const Candidate> top(std::size_t column) = 0;

  // Forgets what the sequence has read.
  virtual void reset(unsigned sequence) = 0;

  // Of the last step.
  virtual StepFigures figures() = 0;

  // The hardware that computes, real or simulated; null where there is none.
  virtual const Capabilities* hardware() const { return nullptr; }

  // What the engine has to tell beyond its figures, in lines for people; mostly nothing.
  virtual std::string report() const { return {}; }
};

// Throws Error for the first column that the engine cannot read: step() begins with this.
void check_columns(const Engine& engine, std::span<const Column> columns);

// One more token of sequence 0, and all logits behind it.
std::span<const double> predict(Engine& engine, std::uint32_t token);

}  // namespace sterna::engine
