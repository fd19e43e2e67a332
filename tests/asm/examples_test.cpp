// SPDX-License-Identifier: Apache-2.0
// The example programs compute what they say, on golden: compared with the same formulas in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "asm/assembler.h"
#include "asm/data_text.h"
#include "host/model/quantise.h"
#include "host/program/data_placement.h"
#include "host/program/program.h"
#include "isa/trees.h"
#include "sim/golden/golden_device.h"

namespace sterna::assembly {
namespace {

using Bytes = std::vector<std::byte>;
using Vector = std::vector<double>;

const std::filesystem::path kExamples = std::filesystem::path(STERNA_SOURCE_DIR) / "asm/examples";
constexpr std::uint64_t kMemory = 1 << 20;
constexpr double kMeanW = 0.125;

Bytes image(const Vector& values);

// An example on golden, its data by name.
class Bench {
 public:
  explicit Bench(const char* example, std::uint32_t channels = 1)
      : program_(load_program(kExamples / example)),
        device_(
            golden::make_golden_device({.memory_bytes = kMemory, .shape = {.channels = channels}})),
        placement_(program_.data, {channels, kMemory, 1}) {
    for (unsigned c = 0; c < channels; ++c) device_->alloc(kMemory, c);
    for (const program::PlacedSegment& segment : placement_.segments()) {
      program::set_segment(*device_, segment.number, segment.address, segment.bytes);
    }
    placement_.write_all(write_);
    program::load_program(*device_, program_.instructions);
    device_->write_register(reg::kEntry, program_.entry);
  }
  void set(const char* name, const Vector& values) {
    placement_.write(item(name), image(values), {}, write_);
  }
  void run() {
    const program::ProgramEnd end = program::run_program(*device_, std::chrono::seconds(60));
    ASSERT_EQ(end.status, Status::kOk) << name(end.status) << " at " << end.pc;
  }
  const DataItem& item(const char* name) const { return *program_.data.find(name); }
  // With the zeros up to whole lines.
  Vector vector(const char* name) {
    std::vector<numerics::fix> words(item(name).image.size() / 4);
    device_->download(placement_.address(item(name), 0), std::as_writable_bytes(std::span(words)));
    Vector out(words.size());
    std::transform(words.begin(), words.end(), out.begin(),
                   [](numerics::fix v) { return static_cast<double>(v) / numerics::kOne; });
    return out;
  }

 private:
  Program program_;
  std::unique_ptr<Device> device_;
  program::DataPlacement placement_;
  const program::DataPlacement::Write write_ = [this](std::uint64_t address, auto bytes) {
    device_->upload(address, bytes);
  };
};

Bytes image(const Vector& values) {
  std::string text;
  for (const double v : values) text += fmt::format("{}\n", v);
  return vector_from_text(text, "test");
}

// From `low` to `high` in steps that do not repeat the weights' pattern.
Vector ramp(std::size_t count, double low, double high) {
  Vector out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = low + (high - low) * std::fmod(static_cast<double>(i) * 0.618034, 1.0);
  }
  return out;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Vector norm(const Vector& x, const Vector& weight) {
  const double squares = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  const double r = 1 / std::sqrt(squares / static_cast<double>(x.size()) + 1e-6);
  Vector out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * r * weight[i];
  return out;
}

// The BitLinear of mmfreelm with packed weights.
Vector bit_linear(const Vector& x, const Vector& weight, std::span<const std::byte> packed,
                  std::uint32_t rows) {
  const auto cols = static_cast<std::uint32_t>(x.size());
  std::vector<std::int8_t> trits(std::size_t{rows} * cols);
  unpack_matrix(packed.first(packed_bytes(rows, cols)), rows, cols, trits);
  const Vector y = norm(x, weight);
  double amax = 0;
  for (const double v : y) amax = std::max(amax, std::abs(v));
  Vector out(rows);
  for (std::uint32_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::uint32_t c = 0; c < cols; ++c)
      sum += trits[std::size_t{r} * cols + c] * std::round(y[c] * 127 / amax);
    out[r] = sum * amax / 127 * kMeanW;
  }
  return out;
}

// Quantisation turns a last bit into a step of 1/127 now and then: compare whole vectors, not
// elements.
void expect_close(const Vector& found, const Vector& expected, double relative) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(found[i] - expected[i], 2);
    size += std::pow(expected[i], 2);
  }
  EXPECT_GT(size, 0);
  EXPECT_LT(std::sqrt(difference / size), relative);
}

TEST(Examples, VectorKernel) {
  const Vector x = ramp(100, -8, 8), y = ramp(100, 3, -3);
  Bench bench("vector.s");
  bench.set("x", x);
  bench.set("y", y);
  bench.run();
  const Vector found = bench.vector("y");
  ASSERT_EQ(found.size(), 112u);
  for (std::size_t i = 0; i < 100; ++i)
    EXPECT_NEAR(found[i], sigmoid(0.5 * x[i] + y[i]), 3e-7) << i;
  for (std::size_t i = 100; i < 112; ++i) EXPECT_EQ(found[i], 0) << i;
}

TEST(Examples, BitLinear) {
  const Vector x = ramp(64, -1, 2), weight = ramp(64, 0.5, 1.5);
  Bench bench("bitlinear.s");
  bench.set("x", x);
  bench.set("weight", weight);
  bench.run();
  EXPECT_EQ(bench.item("w").image, random_matrix(40, 64, 1));
  expect_close(bench.vector("y"), bit_linear(x, weight, bench.item("w").image, 40), 0.002);
}

// With one channel, and striped over two and four.
TEST(Examples, WholeBlock) {
  constexpr std::uint32_t d = 64, inner = 128;
  const Vector h = ramp(d, -1, 1), state = ramp(d, 0.5, -0.5);
  Vector s(d), o(d), r(d);
  for (const std::uint32_t channels : {1u, 2u, 4u}) {
    SCOPED_TRACE(channels);
    Bench bench("block.s", channels);
    bench.set("h", h);
    bench.set("state", state);
    const auto weight = [&](const char* name) {
      const Vector values = ramp(bench.item(name).columns, 0.7, 1.3);
      bench.set(name, values);
      return values;
    };
    const auto linear = [&](const Vector& x, const Vector& norm_weight, const char* name) {
      return bit_linear(x, norm_weight, bench.item(name).image, bench.item(name).rows);
    };
    const Vector x = norm(h, weight("attn_norm"));
    const Vector f = linear(x, weight("f_norm"), "w_f");
    const Vector i = linear(x, weight("i_norm"), "w_i");
    const Vector g = norm(linear(x, weight("g_norm_in"), "w_g"), weight("g_norm"));
    for (std::size_t e = 0; e < d; ++e) {
      const double gate = sigmoid(f[e]);
      s[e] = gate * state[e] + (1 - gate) * i[e] * sigmoid(i[e]);
      o[e] = g[e] * s[e] * sigmoid(s[e]);
    }
    const Vector mixed = linear(o, weight("o_norm"), "w_o");
    for (std::size_t e = 0; e < d; ++e) r[e] = h[e] + mixed[e];
    const Vector in = norm(r, weight("mlp_norm"));
    const Vector gate = linear(in, weight("gate_norm"), "w_gate");
    const Vector up = linear(in, weight("gate_norm"), "w_up");
    Vector m(inner);
    for (std::size_t e = 0; e < inner; ++e) m[e] = gate[e] * sigmoid(gate[e]) * up[e];
    const Vector down = linear(m, weight("down_norm"), "w_down");
    for (std::size_t e = 0; e < d; ++e) r[e] += down[e];

    bench.run();
    expect_close(bench.vector("state"), s, 0.005);
    expect_close(bench.vector("h"), r, 0.01);
  }
}

// With one channel, and striped over two and four.
TEST(Examples, TreesOfAFastFeedforwardLayer) {
  for (const std::uint32_t channels : {1u, 2u, 4u}) {
    SCOPED_TRACE(channels);
    Bench bench("fff.s", channels);
    const DataItem &w1 = bench.item("w1"), &w2 = bench.item("w2");
    std::vector<std::int8_t> in(7 * 4), out(7 * 3);
    std::vector<std::int32_t> biases(7);
    unpack_tree_in(w1.image, w1.trees, 4, in, biases);
    unpack_tree_out(w2.image, w2.trees, 3, out);
    std::vector<std::size_t> leaves;
    for (const Vector& x : {Vector{1, 0.5, -0.25, -1}, Vector{-1, 0.5, 0.25, -1},
                            Vector{-1, -0.5, 0.25, -1}, Vector{1, 0.5, -0.75, 1}}) {
      Vector y(3);
      std::size_t node = 0;
      for (int level = 0; level < 3; ++level) {
        double value = biases[node] / 16777216.0;
        for (std::size_t c = 0; c < 4; ++c) value += in[4 * node + c] * x[c];
        for (std::size_t r = 0; r < 3; ++r) y[r] += out[3 * node + r] * std::max(value, 0.0);
        if (level == 2) leaves.push_back(node);
        node = 2 * node + (value > 0 ? 2 : 1);
      }
      bench.set("x", x);
      bench.run();
      for (std::size_t r = 0; r < 3; ++r) EXPECT_NEAR(bench.vector("y")[r], y[r], 0.03) << r;
    }
    EXPECT_EQ(leaves, (std::vector<std::size_t>{6, 4, 3, 5}));
  }
}

TEST(DataText, VectorsBecomeWholeLines) {
  const Bytes data = vector_from_text("1, -0.5 # two\n\n  2e1\n", "x.txt");
  EXPECT_EQ(data.size(), 64u);
  EXPECT_EQ(vector_to_text(std::span(data).first(16), "x.bin"),
            "1.0000000\n-0.5000000\n20.0000000\n0.0000000\n");
}

TEST(DataText, MatricesArePackedInGroupsOfFiveRows) {
  const Bytes data = matrix_from_text("+0-\n0 0 0\n---\n+++\n000\n-+0 # sixth\n", "w.txt").packed;
  ASSERT_EQ(data.size(), 128u);
  std::vector<std::int8_t> trits(18);
  unpack_matrix(data, 6, 3, trits);
  EXPECT_EQ(trits,
            (std::vector<std::int8_t>{1, 0, -1, 0, 0, 0, -1, -1, -1, 1, 1, 1, 0, 0, 0, -1, 1, 0}));
}

TEST(DataText, SaysWhereItCannotRead) {
  const auto message = [](auto read) -> std::string {
    try {
      read();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message([] { vector_from_text("1\n2 x", "x.txt"); }), "x.txt:2: 'x' is not a number");
  EXPECT_EQ(message([] { vector_from_text("1\n40000", "x.txt"); }),
            "x.txt:2: 40000 is outside -128..128");
  EXPECT_EQ(message([] { vector_from_text("# 1", "x.txt"); }), "x.txt: no numbers");
  // A comma stands between two numbers, on one line or on two.
  EXPECT_EQ(vector_from_text("1,\n2 ,3\n,4 5\n", "x"), vector_from_text("1 2 3 4 5", "x"));
  const std::pair<const char*, const char*> lists[] = {
      {"1,,2", "x.txt:1: number 2 is empty in '1,,2'"},
      {",1,2", "x.txt:1: number 1 is empty in ',1,2'"},
      {"1\n2, 3, # 4\n\n", "x.txt:2: number 4 is empty in '2, 3, '"},
      {"1,\n , 2", "x.txt:2: number 2 is empty in ' , 2'"},
      {",", "x.txt:1: number 1 is empty in ','"},
  };
  for (const auto& [text, problem] : lists) {
    EXPECT_EQ(message([text = text] { vector_from_text(text, "x.txt"); }), problem);
  }
  EXPECT_EQ(message([] { matrix_from_text("+0\n+1", "w.txt"); }), "w.txt:2: '1' is none of + 0 -");
  EXPECT_EQ(message([] { matrix_from_text("+0\n\n+", "w.txt"); }),
            "w.txt:3: 1 columns, the rows before it have 2");
  EXPECT_EQ(message([] { matrix_from_text("", "w.txt"); }), "w.txt: no rows");
  EXPECT_EQ(message([] { vector_to_text(Bytes(5), "y.bin"); }),
            "y.bin: 5 bytes are no vector of 32-bit elements");
}

}  // namespace
}  // namespace sterna::assembly
