// SPDX-License-Identifier: Apache-2.0
// The rows of `sterna bench`: as a table in Markdown, as CSV, as JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/runtime/benchmark.h"

namespace sterna::cli {

struct BenchRow {
  std::string model;             // file name
  std::uint64_t bytes = 0;       // of the file
  std::uint64_t parameters = 0;  // of the model
  std::string backend;
  unsigned lanes = 1;
  runtime::Benchmark benchmark;
  std::uint32_t clock_khz = 0;  // assumed, of simulated hardware; 0: the wall's clock was read
  std::vector<double> rates;    // tokens a second, of each repetition

  double mean() const;
  double deviation() const;  // of a sample; 0 for one repetition
};

// What every form says of its figures.
inline constexpr const char* kBenchLeavesOut =
    "loading the model, making text of tokens and tokens of text, and choosing tokens (sampling)";

// Shows rows as they come; finish() ends what was begun.
class BenchWriter {
 public:
  virtual ~BenchWriter() = default;
  virtual void begin() = 0;
  virtual void add(const BenchRow& row) = 0;
  virtual void finish() = 0;
};

// `form`: md, csv or json.
std::unique_ptr<BenchWriter> make_bench_writer(const std::string& form);

}  // namespace sterna::cli
