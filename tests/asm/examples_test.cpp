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
#include "host/cli/data_text.h"
#include "host/device/program.h"
#include "host/model/quantise.h"
#include "sim/golden/golden_device.h"

namespace sterna {
namespace {

using Bytes = std::vector<std::byte>;
using Vector = std::vector<double>;

const std::filesystem::path kExamples = std::filesystem::path(STERNA_SOURCE_DIR) / "asm/examples";
constexpr std::uint64_t kMemory = 1 << 20;
constexpr double kMeanW = 0.125;

// Golden with memory from address 0 on, all of it in segment 0 unless placed otherwise.
class Bench {
 public:
  Bench() : device_(make_golden_device({.memory_bytes = kMemory})) {
    device_->alloc(kMemory);
    set_segment(*device_, 0, 0, kMemory);
  }
  void segment(unsigned number, std::uint64_t address, std::uint64_t bytes) {
    set_segment(*device_, number, address, bytes);
  }
  void load(std::uint64_t address, const Bytes& data) { device_->upload(address, data); }
  void run(const char* example) {
    const Program program = load_program(kExamples / example);
    load_program(*device_, program.instructions);
    device_->write_register(reg::kEntry, program.entry);
    const ProgramEnd end = run_program(*device_, std::chrono::seconds(60));
    ASSERT_EQ(end.status, Status::kOk) << name(end.status) << " at " << end.pc;
  }
  Vector vector(std::uint64_t address, std::size_t count) {
    std::vector<numerics::fix> words(count);
    device_->download(address, std::as_writable_bytes(std::span(words)));
    Vector out(count);
    std::transform(words.begin(), words.end(), out.begin(),
                   [](numerics::fix v) { return static_cast<double>(v) / numerics::kOne; });
    return out;
  }

 private:
  std::unique_ptr<Device> device_;
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
  Bench bench;
  bench.load(0, image(x));
  bench.load(0x1c0, image(y));
  bench.run("vector.s");
  const Vector found = bench.vector(0x1c0, 112);
  for (std::size_t i = 0; i < 100; ++i)
    EXPECT_NEAR(found[i], sigmoid(0.5 * x[i] + y[i]), 3e-7) << i;
  for (std::size_t i = 100; i < 112; ++i) EXPECT_EQ(found[i], 0) << i;
}

TEST(Examples, BitLinear) {
  const Vector x = ramp(64, -1, 2), weight = ramp(64, 0.5, 1.5);
  const Bytes matrix = random_matrix(40, 64, 1);
  ASSERT_EQ(matrix.size(), 0x200u);
  Bench bench;
  bench.load(0, image(x));
  bench.load(0x100, image(weight));
  bench.load(0x200, matrix);
  bench.run("bitlinear.s");
  expect_close(bench.vector(0x400, 40), bit_linear(x, weight, matrix, 40), 0.002);
}

TEST(Examples, WholeBlock) {
  constexpr std::uint32_t d = 64, inner = 128;
  const Vector h = ramp(d, -1, 1), state = ramp(d, 0.5, -0.5),
               norms = ramp(8 * d + inner, 0.7, 1.3);
  const Bytes weights = random_matrix(650, d, 1);
  Bench bench;
  bench.segment(0, 0, 0x200);
  bench.segment(1, 0x1000, 0xa00);
  bench.segment(2, 0x2000, weights.size());
  bench.load(0, image(h));
  bench.load(0x100, image(state));
  bench.load(0x1000, image(norms));
  bench.load(0x2000, weights);
  bench.run("block.s");

  // The same block, in the order of docs and of the memory map.
  const auto norm_weight = [&](std::size_t index, std::size_t count = 64) {
    const auto first = norms.begin() + static_cast<std::ptrdiff_t>(index * d);
    return Vector(first, first + static_cast<std::ptrdiff_t>(count));
  };
  std::span<const std::byte> rest = weights;
  const auto matrix = [&](std::uint32_t rows, std::uint32_t cols) {
    const auto taken = rest.first(packed_bytes(rows, cols));
    rest = rest.subspan(taken.size());
    return taken;
  };
  const Vector x = norm(h, norm_weight(0));
  const Vector f = bit_linear(x, norm_weight(1), matrix(d, d), d);
  const Vector i = bit_linear(x, norm_weight(2), matrix(d, d), d);
  const Vector g = norm(bit_linear(x, norm_weight(3), matrix(d, d), d), norm_weight(4));
  Vector s(d), o(d), r(d);
  for (std::size_t e = 0; e < d; ++e) {
    const double gate = sigmoid(f[e]);
    s[e] = gate * state[e] + (1 - gate) * i[e] * sigmoid(i[e]);
    o[e] = g[e] * s[e] * sigmoid(s[e]);
  }
  const Vector mixed = bit_linear(o, norm_weight(5), matrix(d, d), d);
  for (std::size_t e = 0; e < d; ++e) r[e] = h[e] + mixed[e];
  const Vector in = norm(r, norm_weight(6));
  const Vector gate = bit_linear(in, norm_weight(7), matrix(inner, d), inner);
  const Vector up = bit_linear(in, norm_weight(7), matrix(inner, d), inner);
  Vector m(inner);
  for (std::size_t e = 0; e < inner; ++e) m[e] = gate[e] * sigmoid(gate[e]) * up[e];
  const Vector down = bit_linear(m, norm_weight(8, inner), matrix(d, inner), d);
  for (std::size_t e = 0; e < d; ++e) r[e] += down[e];
  EXPECT_TRUE(rest.empty());

  expect_close(bench.vector(0x100, d), s, 0.005);
  expect_close(bench.vector(0, d), r, 0.01);
}

TEST(DataText, VectorsBecomeWholeLines) {
  const Bytes data = vector_from_text("1, -0.5 # two\n\n  2e1\n", "x.txt");
  EXPECT_EQ(data.size(), 64u);
  EXPECT_EQ(vector_to_text(std::span(data).first(16), "x.bin"),
            "1.0000000\n-0.5000000\n20.0000000\n0.0000000\n");
}

TEST(DataText, MatricesArePackedInGroupsOfFiveRows) {
  const Bytes data = matrix_from_text("+0-\n0 0 0\n---\n+++\n000\n-+0 # sixth\n", "w.txt");
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
  EXPECT_EQ(message([] { matrix_from_text("+0\n+1", "w.txt"); }), "w.txt:2: '1' is none of + 0 -");
  EXPECT_EQ(message([] { matrix_from_text("+0\n\n+", "w.txt"); }),
            "w.txt:3: 1 columns, the rows before it have 2");
  EXPECT_EQ(message([] { matrix_from_text("", "w.txt"); }), "w.txt: no rows");
  EXPECT_EQ(message([] { vector_to_text(Bytes(5), "y.bin"); }),
            "y.bin: 5 bytes are no vector of 32-bit elements");
}

}  // namespace
}  // namespace sterna
