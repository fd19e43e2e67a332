// SPDX-License-Identifier: Apache-2.0
#include "host/cli/bench_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "host/cli/output.h"
#include "support/json.h"

namespace sterna::cli {
namespace {

std::string clock_text(const BenchRow& row) {
  return row.clock_khz == 0 ? "wall" : fmt::format("cycles at {:g} MHz", 1e-3 * row.clock_khz);
}

class Markdown final : public BenchWriter {
 public:
  void begin() override {
    line("model", "size", "params", "backend", "lanes", "test", "t/s", "clock");
    const auto left = [](std::size_t width) { return ":" + std::string(width - 1, '-'); };
    const auto right = [](std::size_t width) { return std::string(width - 1, '-') + ":"; };
    line(left(24), right(10), right(10), left(26), right(5), right(9), right(20), left(17));
  }
  void add(const BenchRow& row) override {
    simulated_ = simulated_ || row.clock_khz != 0;
    line(row.model, fmt::format("{:.2f} MB", 1e-6 * static_cast<double>(row.bytes)),
         fmt::format("{:.2f} M", 1e-6 * static_cast<double>(row.parameters)), row.backend,
         fmt::format("{}", row.lanes), runtime::name(row.benchmark),
         fmt::format("{:.2f} ± {:.2f}", row.mean(), row.deviation()), clock_text(row));
  }
  void finish() override {
    show(fmt::format(
        "\nt/s: tokens a second, mean and deviation over the repetitions. It leaves out "
        "{}.\n",
        kBenchLeavesOut));
    if (!simulated_) return;
    show(
        "Rows in cycles are of simulated hardware: its cycles at the clock that the configuration "
        "assumes, whatever time the simulation took.\n");
  }

 private:
  static void line(const std::string& model, const std::string& size, const std::string& parameters,
                   const std::string& backend, const std::string& lanes, const std::string& test,
                   const std::string& rate, const std::string& clock) {
    show(fmt::format("| {:<24} | {:>10} | {:>10} | {:<26} | {:>5} | {:>9} | {:>20} | {:<17} |\n",
                     model, size, parameters, backend, lanes, test, rate, clock));
  }

  bool simulated_ = false;
};

// In quotes, as RFC 4180 has them.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

class Csv final : public BenchWriter {
 public:
  void begin() override {
    show(
        "model,bytes,parameters,backend,lanes,test,tokens,sequences,repetitions,"
        "tokens_per_second,deviation,clock,leaves_out\n");
  }
  void add(const BenchRow& row) override {
    show(fmt::format("{},{},{},{},{},{},{},{},{},{:.6g},{:.6g},{},{}\n", quoted(row.model),
                     row.bytes, row.parameters, quoted(row.backend), row.lanes,
                     quoted(runtime::name(row.benchmark)), row.benchmark.tokens,
                     row.benchmark.sequences, row.rates.size(), row.mean(), row.deviation(),
                     quoted(clock_text(row)), quoted(kBenchLeavesOut)));
  }
  void finish() override {}
};

class JsonForm final : public BenchWriter {
 public:
  void begin() override {}
  void add(const BenchRow& row) override {
    rows_.push_back({{"model", row.model},
                     {"bytes", row.bytes},
                     {"parameters", row.parameters},
                     {"backend", row.backend},
                     {"lanes", row.lanes},
                     {"test", runtime::name(row.benchmark)},
                     {"tokens", row.benchmark.tokens},
                     {"sequences", row.benchmark.sequences},
                     {"tokens_per_second", row.mean()},
                     {"deviation", row.deviation()},
                     {"samples", row.rates},
                     {"simulated", row.clock_khz != 0},
                     {"clock", clock_text(row)},
                     {"leaves_out", kBenchLeavesOut}});
  }
  void finish() override { show(rows_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"); }

 private:
  Json rows_ = Json::array();
};

}  // namespace

double BenchRow::mean() const {
  return std::accumulate(rates.begin(), rates.end(), 0.0) / static_cast<double>(rates.size());
}

double BenchRow::deviation() const {
  if (rates.size() < 2) return 0;
  double squares = 0;
  for (const double rate : rates) squares += (rate - mean()) * (rate - mean());
  return std::sqrt(squares / static_cast<double>(rates.size() - 1));
}

std::unique_ptr<BenchWriter> make_bench_writer(const std::string& form) {
  if (form == "csv") return std::make_unique<Csv>();
  if (form == "json") return std::make_unique<JsonForm>();
  return std::make_unique<Markdown>();
}

}  // namespace sterna::cli
