// SPDX-License-Identifier: Apache-2.0
// The CPU engine's products of a ternary matrix and int8 vectors beside those of ggml's ternary
// types, in the same run: the table of bench/cpu.
#include <fmt/format.h>
#include <ggml-cpu.h>
#include <ggml.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "host/cpu/aligned_bytes.h"
#include "host/cpu/kernels.h"
#include "host/cpu/multiply.h"
#include "host/cpu/team.h"
#include "host/cpu/tile_matrix.h"
#include "isa/instruction.h"
#include "support/error.h"

namespace sterna::bench {
namespace {

struct Options {
  std::vector<std::size_t> columns = {1, 4, 16, 512};
  std::vector<unsigned> threads = {1};
  double seconds = 1;  // of each measurement
};

struct Shape {
  const char* name;
  std::size_t rows, columns;
};
constexpr Shape kShapes[] = {
    {"370M attention", 1024, 1024}, {"370M gate", 5632, 1024},  {"370M down", 1024, 2816},
    {"1.3B attention", 2048, 2048}, {"1.3B gate", 11264, 2048}, {"1.3B down", 2048, 5632},
    {"2.7B attention", 2560, 2560}, {"2.7B gate", 13824, 2560}, {"2.7B down", 2560, 6912},
};

// More than any cache here holds.
constexpr std::size_t kBeyondCaches = std::size_t{256} << 20;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Medians of the seconds that each takes, all in turn until all have had their time.
std::vector<double> measure(const std::vector<std::function<void()>>& runs, double seconds) {
  std::vector<std::vector<double>> times(runs.size());
  const double end = now() + seconds * static_cast<double>(runs.size());
  do {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      runs[i]();  // the one before has taken the caches
      for (int again = 0; again < 5; ++again) {
        const double begin = now();
        runs[i]();
        times[i].push_back(now() - begin);
      }
    }
  } while (now() < end);
  std::vector<double> medians;
  for (auto& each : times) {
    const auto middle = each.begin() + static_cast<std::ptrdiff_t>(each.size() / 2);
    std::nth_element(each.begin(), middle, each.end());
    medians.push_back(*middle);
  }
  return medians;
}

// One of the two sides: copies of a matrix, of which each run takes the next.
class Side {
 public:
  virtual ~Side() = default;
  virtual void run(cpu::Team& team) = 0;
  virtual double result(std::size_t row, std::size_t column) const = 0;
  virtual std::size_t bytes() const = 0;  // of a copy
};

using Trits = std::vector<std::int8_t>;  // [rows, columns]

class Ours final : public Side {
 public:
  Ours(const Shape& shape, const Trits& trits, const std::vector<float>& x, std::size_t count,
       std::size_t least_bytes)
      : rows_(shape.rows), columns_(shape.columns), places_(fix_lines(rows_) * kLineBytes / 4) {
    const std::size_t line = q8_lines(columns_) * kLineBytes;
    std::vector<std::uint8_t> packed((rows_ + 4) / 5 * line);
    for (std::size_t row = 0; row < rows_; row += kTritsPerByte) {
      for (std::size_t c = 0; c < columns_; ++c) {
        std::int8_t five[kTritsPerByte] = {};
        for (std::size_t i = 0; i < std::min<std::size_t>(kTritsPerByte, rows_ - row); ++i) {
          five[i] = trits[(row + i) * columns_ + c];
        }
        packed[row / kTritsPerByte * line + c] = numerics::pack_trits(five);
      }
    }
    const std::uint8_t* const part = packed.data();
    cpu::Team team(1);
    do {
      copies_.emplace_back(std::span(&part, 1), rows_, columns_, team);
    } while (copies_.size() * bytes() < least_bytes);
    q_.resize(count * columns_);
    out_.resize(count * places_);
    for (std::size_t j = 0; j < count; ++j) {
      float most = 0;
      for (std::size_t c = 0; c < columns_; ++c)
        most = std::max(most, std::fabs(x[j * columns_ + c]));
      for (std::size_t c = 0; c < columns_; ++c) {
        q_[j * columns_ + c] =
            static_cast<std::int8_t>(std::lround(x[j * columns_ + c] * 127 / most));
      }
      scales_.push_back(most / 127);
    }
  }

  // With what belongs to a product: the sums of its vectors, and results in fixed point.
  void run(cpu::Team& team) override {
    const cpu::TileMatrix& matrix = copies_[next_++ % copies_.size()];
    products_.clear();
    for (std::size_t j = 0; j < scales_.size(); ++j) {
      const std::int8_t* q = &q_[j * columns_];
      products_.push_back({q, kernels_.sum(columns_, q), 1 << 12, &out_[j * places_]});
    }
    const auto pieces = static_cast<std::uint32_t>(std::min<std::size_t>(
        matrix.tiles(), cpu::pieces_a_thread(kernels_, scales_.size()) * team.size()));
    team.run(pieces, [&](std::uint32_t p) {
      const std::size_t begin = matrix.tiles() * p / pieces;
      const std::size_t end = matrix.tiles() * (p + 1) / pieces;
      // As many columns at a time as a pass of the engine has.
      for (std::size_t first = 0; first < products_.size(); first += kPass) {
        cpu::multiply(
            kernels_, matrix, begin, end,
            std::span(products_).subspan(first, std::min(kPass, products_.size() - first)));
      }
    });
  }

  double result(std::size_t row, std::size_t column) const override {
    return out_[column * places_ + row] * double{scales_[column]};
  }
  std::size_t bytes() const override {
    return copies_.front().tiles() * copies_.front().tile_bytes();
  }

 private:
  static constexpr std::size_t kPass = 96;

  const cpu::Kernels& kernels_ = cpu::chosen_kernels();
  std::size_t rows_, columns_, places_;
  std::vector<cpu::TileMatrix> copies_;
  std::vector<std::int8_t> q_;
  std::vector<float> scales_;
  std::vector<numerics::fix> out_;
  std::vector<cpu::ProductColumn> products_;
  std::size_t next_ = 0;
};

// ggml's vec_dot, in blocks of rows and columns as its matrix product has them.
class Ggml final : public Side {
 public:
  Ggml(ggml_type type, const Shape& shape, const Trits& trits, const std::vector<float>& x,
       std::size_t count, std::size_t least_bytes)
      : rows_(shape.rows),
        columns_(shape.columns),
        traits_(*ggml_get_type_traits_cpu(type)),
        row_bytes_(ggml_row_size(type, static_cast<std::int64_t>(shape.columns))),
        x_bytes_(ggml_row_size(traits_.vec_dot_type, static_cast<std::int64_t>(shape.columns))),
        x_(count * x_bytes_),
        out_(count * rows_) {
    const std::vector<float> weights(trits.begin(), trits.end());
    std::vector<std::byte> matrix(rows_ * row_bytes_);
    ggml_quantize_chunk(type, weights.data(), matrix.data(), 0, static_cast<std::int64_t>(rows_),
                        static_cast<std::int64_t>(columns_), nullptr);
    do {
      copies_.push_back(cpu::AlignedBytes(matrix.size()));
      std::copy(matrix.begin(), matrix.end(), copies_.back().data());
    } while (copies_.size() * bytes() < least_bytes);
    const auto quantise = ggml_get_type_traits_cpu(traits_.vec_dot_type)->from_float;
    for (std::size_t j = 0; j < count; ++j) {
      quantise(&x[j * columns_], &x_[j * x_bytes_], static_cast<std::int64_t>(columns_));
    }
  }

  void run(cpu::Team& team) override {
    constexpr std::size_t kBlock = 16;
    const std::byte* matrix = copies_[next_++ % copies_.size()].data();
    const std::size_t count = x_.size() / x_bytes_, blocks = rows_ / kBlock;
    const auto pieces = static_cast<std::uint32_t>(std::min(blocks, std::size_t{4} * team.size()));
    team.run(pieces, [&](std::uint32_t p) {
      for (std::size_t b = blocks * p / pieces; b < blocks * (p + 1) / pieces; ++b) {
        for (std::size_t first = 0; first < count; first += kBlock) {
          for (std::size_t j = first; j < std::min(first + kBlock, count); ++j) {
            for (std::size_t row = b * kBlock; row < (b + 1) * kBlock; ++row) {
              traits_.vec_dot(static_cast<int>(columns_), &out_[j * rows_ + row], 0,
                              matrix + row * row_bytes_, 0, &x_[j * x_bytes_], 0, 1);
            }
          }
        }
      }
    });
  }

  double result(std::size_t row, std::size_t column) const override {
    return out_[column * rows_ + row];
  }
  std::size_t bytes() const override { return rows_ * row_bytes_; }

 private:
  std::size_t rows_, columns_;
  const ggml_type_traits_cpu& traits_;
  std::size_t row_bytes_, x_bytes_;
  std::vector<cpu::AlignedBytes> copies_;
  std::vector<std::byte> x_;
  std::vector<float> out_;
  std::size_t next_ = 0;
};

// Both quantise the vectors to int8, each in its way: results differ a little, no more.
void check(const Side& ours, const Side& theirs, const Shape& shape, std::size_t count) {
  double error = 0, size = 0;
  for (std::size_t j = 0; j < count; ++j) {
    for (std::size_t row = 0; row < shape.rows; ++row) {
      const double a = ours.result(row, j), b = theirs.result(row, j);
      error += (a - b) * (a - b);
      size += b * b;
    }
  }
  if (!(error < 1e-3 * size))
    throw Error("{}: the results differ, {} of {}", shape.name, error, size);
}

// Reads so many bytes that no cache holds: the limit of products with one vector.
class Reader {
 public:
  explicit Reader(std::size_t bytes) : bytes_(bytes), memory_(kBeyondCaches + bytes + kStep) {
    std::fill_n(memory_.data(), memory_.size(), std::byte{1});
  }

  void run(cpu::Team& team) {
    const std::uint32_t pieces = 4 * team.size();
    const std::size_t piece = bytes_ / pieces / kStep * kStep;
    const std::byte* const first = memory_.data() + at_;
    at_ = at_ + bytes_ > kBeyondCaches ? 0 : at_ + bytes_ / kStep * kStep;
    sums_.assign(pieces, 0);
    team.run(pieces, [&](std::uint32_t p) {
      std::uint64_t lanes[kStep / 8] = {};
      for (const std::byte* from = first + p * piece; from < first + (p + 1) * piece;
           from += kStep) {
        for (std::size_t line = 0; line < kStep; line += 64) __builtin_prefetch(from + line + 4096);
        std::uint64_t words[kStep / 8];
        std::memcpy(words, from, kStep);
        for (std::size_t k = 0; k < kStep / 8; ++k) lanes[k] += words[k];
      }
      for (const std::uint64_t lane : lanes) sums_[p] += lane;
    });
    if (piece != 0 && sums_.front() == 0) throw Error("nothing was read");
  }

 private:
  static constexpr std::size_t kStep = 256;
  std::size_t bytes_, at_ = 0;
  cpu::AlignedBytes memory_;
  std::vector<std::uint64_t> sums_;
};

void compare(const Shape& shape, std::size_t count, bool from_memory, cpu::Team& team,
             const Options& options) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Trits trits(shape.rows * shape.columns);
  for (auto& t : trits) t = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
  std::vector<float> x(count * shape.columns);
  for (float& f : x) f = normal(random);
  const std::size_t least = from_memory ? kBeyondCaches : 0;
  Ours ours(shape, trits, x, count, least);
  Ggml tq2(GGML_TYPE_TQ2_0, shape, trits, x, count, least),
      tq1(GGML_TYPE_TQ1_0, shape, trits, x, count, least);
  Reader reader(from_memory ? ours.bytes() : 0);
  const std::vector<double> times = measure({[&] { ours.run(team); }, [&] { tq2.run(team); },
                                             [&] { tq1.run(team); }, [&] { reader.run(team); }},
                                            options.seconds);
  check(ours, tq2, shape, count);
  check(ours, tq1, shape, count);
  const double weights = static_cast<double>(shape.rows * shape.columns * count) * 1e-9;
  fmt::print(
      "| {:14} | {:5} x {:4} | {:4} | {:6} | {} | {:6.1f} | {:6.1f} | {:6.1f} | {:5.2f} | {} |\n",
      shape.name, shape.rows, shape.columns, count, from_memory ? "memory" : "cache", team.size(),
      weights / times[0], weights / times[1], weights / times[2], times[1] / times[0],
      from_memory ? fmt::format("{:3.0f} %", 100 * times[3] / times[0]) : "     ");
  std::fflush(stdout);
}

void run(const Options& options) {
  fmt::print("kernels    {}\n\n", cpu::chosen_kernels().name);
  for (const unsigned threads : options.threads) {
    cpu::Team team(threads);
    fmt::print(
        "| matrix         | rows x columns | vectors | from | threads | ours, G weights/s | TQ2_0 "
        "| TQ1_0 | ours / TQ2_0 | of the bandwidth |\n"
        "| :------------- | -----------: | ---: | :----- | -: | -----: | -----: | -----: | ----: | "
        "----: |\n");
    for (const std::size_t count : options.columns) {
      for (const Shape& shape : kShapes) compare(shape, count, false, team, options);
    }
    for (const Shape& shape : kShapes) compare(shape, 1, true, team, options);
    fmt::print("\n");
  }
}

}  // namespace
}  // namespace sterna::bench

int main(int argc, char** argv) {
  using namespace sterna;
  CLI::App app("Products of the CPU engine beside ggml's");
  bench::Options options;
  app.add_option("--columns", options.columns, "Vectors")->delimiter(',')->capture_default_str();
  app.add_option("--threads", options.threads, "Threads")->delimiter(',')->capture_default_str();
  app.add_option("--seconds", options.seconds, "Of each measurement")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    ggml_cpu_init();
    bench::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_cpu: {}\n", error.what());
    return 1;
  }
}
