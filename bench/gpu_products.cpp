// SPDX-License-Identifier: Apache-2.0
// The CUDA engine's products beside cuBLAS's in bfloat16 and int8: bench/gpu. Results of both are
// compared before anything is timed. Ours are phases of one step, as in a token: what is timed has
// its barrier, and the quantised vectors' way into shared memory.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>

#include "bench/gpu_rivals/cublas.h"
#include "host/cuda/gpu.h"
#include "host/cuda/tiles.h"
#include "isa/numerics.h"
#include "support/error.h"

namespace sterna::bench {
namespace {

constexpr std::size_t kRotated = std::size_t{110} << 20;  // bytes, more than any cache holds
constexpr unsigned kTurns = 15;

struct Shape {
  const char* of;
  std::uint32_t rows, k, most_columns = 2048;
};
constexpr Shape kShapes[] = {{"370M", 1024, 1024},    {"370M", 2816, 1024},
                             {"370M", 1024, 2816},    {"2.7B", 2560, 2560},
                             {"2.7B", 6912, 2560},    {"2.7B", 2560, 6912},
                             {"rivals", 13824, 2560}, {"100 MB", 51200, 8192, 1}};
constexpr std::uint32_t kColumns[] = {1, 2, 4, 8, 32, 128, 512, 2048};

// So many copies of the same that no cache holds them.
std::size_t copies_of(std::size_t bytes) { return kRotated / bytes + 1; }

// Trits as the file packs them, five rows a byte.
std::vector<std::uint8_t> pack(const std::vector<std::int8_t>& trits, const Shape& shape) {
  const auto line = std::size_t{(shape.k + 63) / 64} * 64;
  std::vector<std::uint8_t> packed(std::size_t{(shape.rows + 4) / 5} * line, 128);
  for (std::uint32_t group = 0; group < (shape.rows + 4) / 5; ++group) {
    for (std::uint32_t c = 0; c < shape.k; ++c) {
      std::int8_t five[5] = {};
      for (std::uint32_t r = 0; r < 5 && 5 * group + r < shape.rows; ++r) {
        five[r] = trits[std::size_t{5 * group + r} * shape.k + c];
      }
      packed[group * line + c] = numerics::pack_trits(five);
    }
  }
  return packed;
}

// One of a step's products, on one of the copies.
class Ours {
 public:
  Ours(cuda::Gpu& gpu, const Shape& shape, const std::vector<std::int8_t>& trits)
      : gpu_(gpu), shape_(shape) {
    const std::vector<std::uint8_t> packed = pack(trits, shape);
    cuda::GpuBytes there(gpu, packed.size());
    gpu.upload(there.data(), packed.data(), packed.size());
    cuda::Repacking repacking;
    repacking.channels[0] = there.data<std::uint8_t>();
    repacking.rows = shape.rows;
    repacking.columns = shape.k;
    bytes_ = std::size_t{cuda::tiles_of(shape.rows, cuda::kTileRows)} *
             cuda::tiles_of(shape.k, cuda::kTileColumns) * 512;
    for (std::size_t i = 0; i < copies_of(bytes_); ++i) {
      copies_.emplace_back(gpu, bytes_);
      repacking.tiles = copies_.back().data<cuda::LaneWeights>();
      gpu.run(repacking);
    }
  }

  std::size_t bytes() const { return bytes_; }
  std::size_t products() const { return copies_.size(); }

  // A step of a product for each copy, on `columns` vectors of `k` bytes.
  void prepare(const std::vector<std::int8_t>& x, std::uint32_t columns) {
    const std::uint32_t stride = (shape_.k + 63) / 64 * 16;
    const std::uint32_t end = (shape_.rows + 15) / 16 * 16;
    std::vector<std::int8_t> lines(std::size_t{4} * stride * columns);
    for (std::uint32_t c = 0; c < columns; ++c) {
      std::copy_n(x.begin() + std::size_t{c} * shape_.k, shape_.k,
                  lines.begin() + std::size_t{4} * c * stride);
    }
    vectors_ = upload(lines);
    out_ = cuda::GpuBytes(gpu_, std::size_t{4} * end * columns);
    scales_ = upload(std::vector<std::uint32_t>(columns, 4096));  // results are the sums themselves
    flags_ = cuda::GpuBytes(gpu_, 8);
    tables_ = cuda::GpuBytes(gpu_, sizeof(cuda::Tables));  // nobody looks at them
    columns_ = upload(std::vector<cuda::Column>(columns));
    std::vector<cuda::Operation> operations;
    std::vector<cuda::Phase> phases;
    for (const cuda::GpuBytes& copy : copies_) {
      phases.push_back({.kind = plan::PhaseKind::kProducts,
                        .barrier = !phases.empty(),
                        .first = static_cast<std::uint32_t>(phases.size()),
                        .count = 1});
      cuda::Operation op;
      op.kind = plan::Kind::kProduct;
      op.opcode = Opcode::kTmatmul;
      op.length = shape_.k;
      op.rows = shape_.rows;
      op.end = end;
      op.imm = numerics::pack_scale({4096, 24});
      op.row_tiles = cuda::tiles_of(shape_.rows, cuda::kTileRows);
      op.column_tiles = cuda::tiles_of(shape_.k, cuda::kTileColumns);
      op.in[0] = {vectors_.data<numerics::fix>(), stride};
      op.out = {out_.data<numerics::fix>(), end};
      op.scale = {scales_.data<std::uint32_t>(), 1};
      op.matrix = copy.data<cuda::LaneWeights>();
      op.clamped = flags_.data<std::uint32_t>();
      operations.push_back(op);
    }
    operations_ = upload(operations);
    phases_ = upload(phases);
    std::vector<cuda::Ahead> ahead(phases.size() * cuda::kMostAhead);
    for (std::size_t p = 0; p + 1 < phases.size(); ++p) {
      ahead[p * cuda::kMostAhead] = {copies_[p + 1].data(), static_cast<std::uint32_t>(bytes_)};
    }
    ahead_ = upload(ahead);
    step_ = {};
    step_.phases = phases_.data<cuda::Phase>();
    step_.ahead = ahead_.data<cuda::Ahead>();
    step_.operations = operations_.data<cuda::Operation>();
    step_.columns = columns_.data<cuda::Column>();
    step_.clamped = flags_.data<std::uint32_t>();
    step_.saturated = flags_.data<std::uint32_t>() + 1;
    step_.phase_count = static_cast<std::uint32_t>(phases.size());
    step_.tables = tables_.data<cuda::Tables>();
    step_.column_count = columns;
    step_.operation_count = 1;
  }
  void run() { gpu_.run(step_); }

  std::int32_t result(std::uint32_t row, std::uint32_t column) const {
    std::int32_t value = 0;
    const auto end = std::size_t{(shape_.rows + 15) / 16} * 16;
    gpu_.download(&value, out_.data<std::int32_t>() + column * end + row, sizeof value);
    return value;
  }

 private:
  template <typename T>
  cuda::GpuBytes upload(const std::vector<T>& all) {
    cuda::GpuBytes there(gpu_, all.size() * sizeof(T));
    gpu_.upload(there.data(), all.data(), all.size() * sizeof(T));
    return there;
  }

  cuda::Gpu& gpu_;
  const Shape& shape_;
  std::size_t bytes_ = 0;
  std::vector<cuda::GpuBytes> copies_;
  cuda::GpuBytes vectors_, out_, scales_, flags_, columns_, operations_, phases_, ahead_, tables_;
  cuda::Step step_;
};

// The dense matrix, as often as caches ask for.
template <typename T>
std::vector<Bytes> dense(const std::vector<T>& matrix) {
  std::vector<Bytes> copies;
  for (std::size_t i = 0; i < copies_of(matrix.size() * sizeof(T)); ++i) {
    copies.push_back(on_gpu(matrix));
  }
  return copies;
}

void run_shape(cuda::Gpu& gpu, Cublas& cublas, const Shape& shape, double bandwidth) {
  std::mt19937 random(1);
  std::vector<std::int8_t> trits(std::size_t{shape.rows} * shape.k);
  for (std::int8_t& trit : trits)
    trit = static_cast<std::int8_t>(static_cast<int>(random() % 3) - 1);
  const auto as_halves = [](const std::vector<std::int8_t>& numbers) {
    std::vector<std::uint16_t> halves(numbers.size());
    std::ranges::transform(numbers, halves.begin(), bfloat16);
    return halves;
  };
  Ours ours(gpu, shape, trits);
  const std::vector<Bytes> as_bf16 = dense(as_halves(trits)), as_int8 = dense(trits);
  const int rows = static_cast<int>(shape.rows), k = static_cast<int>(shape.k);
  for (const std::uint32_t columns : kColumns) {
    if (columns > shape.most_columns) break;
    std::vector<std::int8_t> x(std::size_t{columns} * shape.k);
    for (std::int8_t& each : x)
      each = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    ours.prepare(x, columns);
    const Bytes x_int8 = on_gpu(x), x_bf16 = on_gpu(as_halves(x));
    const Bytes out(std::size_t{4} * shape.rows * columns);
    const int n = static_cast<int>(columns);
    const auto bf16 = [&] {
      for (const Bytes& w : as_bf16) {
        cublas.multiply(w.as<std::uint16_t>(), x_bf16.as<std::uint16_t>(), out.as<float>(), rows, k,
                        n);
      }
    };
    const auto int8 = [&] {
      for (const Bytes& w : as_int8) {
        cublas.multiply(w.as<std::int8_t>(), x_int8.as<std::int8_t>(), out.as<std::int32_t>(), rows,
                        k, n);
      }
    };
    ours.run();
    int8();
    for (int i = 0; i < 100; ++i) {  // the same sums on both sides
      const auto row = static_cast<std::uint32_t>(random() % shape.rows);
      const auto column = static_cast<std::uint32_t>(random() % columns);
      std::int32_t theirs = 0;
      check(cudaMemcpy(&theirs, out.as<std::int32_t>() + std::size_t{column} * shape.rows + row,
                       sizeof theirs, cudaMemcpyDeviceToHost));
      if (ours.result(row, column) != theirs) {
        throw Error("{} x {}, row {}, column {}: {}, cuBLAS says {}", shape.rows, shape.k, row,
                    column, ours.result(row, column), theirs);
      }
    }
    const std::vector<double> times =
        medians({[&] { ours.run(); }, cublas.recorded(bf16), cublas.recorded(int8)}, kTurns);
    const double own = times[0] / static_cast<double>(ours.products());
    const double of_bf16 = times[1] / static_cast<double>(as_bf16.size());
    const double of_int8 = times[2] / static_cast<double>(as_int8.size());
    fmt::print("| {} | {} x {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.0f} % |\n",
               shape.of, shape.rows, shape.k, columns, own, of_bf16, of_int8, of_bf16 / own,
               of_int8 / own, 100 * static_cast<double>(ours.bytes()) / own / bandwidth);
    std::fflush(stdout);
  }
}

void run() {
  const std::unique_ptr<cuda::Gpu> gpu = cuda::make_gpu();
  Cublas cublas;
  const double bandwidth = copy_bandwidth();
  fmt::print(
      "{}; cuBLAS {}; copying moves {:.0f} GB/s; medians of {} turns, more than {} MB "
      "rotated\n\n| of | rows x columns | vectors | ours, us | bf16, us | int8, us | "
      "bf16 / ours | int8 / ours | of the bandwidth |\n| :-- | --: | --: | --: | --: | --: | "
      "--: | --: | --: |\n",
      gpu->name(), cublas.version(), bandwidth / 1e3, kTurns, kRotated >> 20);
  for (const Shape& shape : kShapes) run_shape(*gpu, cublas, shape, bandwidth);
}

}  // namespace
}  // namespace sterna::bench

int main() {
  try {
    sterna::bench::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_gpu: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
