// SPDX-License-Identifier: Apache-2.0
// An engine without a model: its logits follow from what a sequence has read, and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/engine/candidates.h"
#include "host/engine/engine.h"

namespace sterna::model {

class FakeEngine : public engine::Engine {
 public:
  FakeEngine(std::uint32_t vocabulary, unsigned sequences, unsigned columns_per_pass = 1)
      : vocabulary_(vocabulary), columns_per_pass_(columns_per_pass), pasts_(sequences) {}

  std::string name() const override { return "fake"; }
  std::uint32_t vocabulary() const override { return vocabulary_; }
  unsigned sequences() const override { return static_cast<unsigned>(pasts_.size()); }
  unsigned columns_per_pass() const override { return columns_per_pass_; }
  void step(std::span<const engine::Column> columns) override {
    engine::check_columns(*this, columns);
    steps.emplace_back(columns.begin(), columns.end());
    logits_.clear();
    for (const engine::Column& column : columns) {
      auto& past = pasts_[column.sequence];
      past.push_back(column.token);
      logits_.push_back(answer(past));
    }
  }
  std::span<const double> logits(std::size_t column) override { return logits_.at(column); }
  std::span<const engine::Candidate> top(std::size_t column) override {
    top_ = engine::top_candidates(logits_.at(column));
    return top_;
  }
  void reset(unsigned sequence) override { pasts_.at(sequence).clear(); }
  engine::StepFigures figures() override { return {1, {}}; }

  std::vector<std::vector<engine::Column>> steps;

 private:
  // The logits behind what a sequence has read: a hash of all of it.
  virtual std::vector<double> answer(std::span<const std::uint32_t> past) const {
    std::uint32_t hash = 2166136261;
    for (const std::uint32_t token : past) hash = (hash ^ token) * 16777619;
    std::vector<double> logits;
    for (std::uint32_t token = 0; token < vocabulary_; ++token) {
      logits.push_back(((hash ^ token) * 16777619 >> 8) % 1024 / 64.0);
    }
    return logits;
  }

  const std::uint32_t vocabulary_;
  const unsigned columns_per_pass_;
  std::vector<std::vector<std::uint32_t>> pasts_;
  std::vector<std::vector<double>> logits_;
  std::vector<engine::Candidate> top_;
};

}  // namespace sterna::model
