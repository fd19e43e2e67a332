// SPDX-License-Identifier: Apache-2.0
#include "bench/random_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "host/model/layout.h"
#include "host/model/quantise.h"
#include "host/model/scaling.h"
#include "host/model/sterna_writer.h"
#include "host/model/tensor_spec.h"
#include "host/model/token_program.h"

namespace sterna {
namespace {

constexpr std::size_t kPool =
    61;  // packed groups of a width; prime, so that no pattern repeats soon

class Writer {
 public:
  Writer(const std::filesystem::path& path, const model::ModelConfig& model,
         std::uint32_t vector_length, std::uint64_t seed)
      : model_(model), layout_(model, vector_length), writer_(path), random_(seed) {}

  void run() {
    weights();
    vectors();
    embedding();
    program();
    reference();
    header_.tokenizer = model::TokenizerKind::kIds;
    header_.segments = layout_.segments();
    header_.model = model_;
    header_.isa_version = kIsaVersion;
    writer_.finish(std::move(header_));
    writer_.commit();
  }

 private:
  void weights() {
    writer_.begin_section("weights");
    for (model::PackedMatrix matrix : layout_.matrices()) {
      // A row of `cols` trits has a norm of about sqrt(cols).
      matrix.mean = 1.0f / std::sqrt(static_cast<float>(matrix.cols));
      scales_[matrix.name] = model::scale_immediate(matrix.mean, matrix.name);
      if (matrix.form != model::PackedForm::kRows) {
        writer_.write(trees(matrix));
        header_.matrices.push_back(std::move(matrix));
        continue;
      }
      for (const model::PackedBlock& block : matrix.blocks) {
        for (std::uint32_t row = 0; row < block.rows; row += kTritsPerByte) {
          const std::uint32_t rows = std::min(kTritsPerByte, block.rows - row);
          const auto& pool = groups(matrix.cols, rows);
          writer_.write(pool[random_() % pool.size()]);
        }
      }
      header_.matrices.push_back(std::move(matrix));
    }
    writer_.end_section();
  }

  std::vector<std::byte> trees(const model::PackedMatrix& matrix) {
    std::vector<std::int8_t> trits(std::size_t{matrix.rows} * matrix.cols);
    for (std::int8_t& trit : trits) trit = static_cast<std::int8_t>(random_() % 3) - 1;
    if (matrix.form == model::PackedForm::kTreeOut) {
      return pack_tree_out(matrix.trees, trits, matrix.rows);
    }
    const std::vector<std::int32_t> biases(matrix.rows);
    return pack_tree_in(matrix.trees, trits, matrix.cols, biases);
  }

  const std::vector<std::vector<std::byte>>& groups(std::uint32_t cols, std::uint32_t rows) {
    auto& pool = pools_[{cols, rows}];
    while (pool.size() < (rows == kTritsPerByte ? kPool : 1)) {
      std::vector<std::int8_t> trits(std::size_t{rows} * cols);
      for (std::int8_t& trit : trits) trit = static_cast<std::int8_t>(random_() % 3) - 1;
      pool.emplace_back(packed_group_bytes(cols));
      pack_group(trits, cols, pool.back());
    }
    return pool;
  }

  void vectors() {
    for (std::uint32_t bank = 0; bank < model::kModelBanks; ++bank) {
      writer_.begin_section(fmt::format("vectors{}", bank));
      for (const model::Layout::Vector& vector : layout_.vectors(bank)) {
        const bool bound = vector.role == model::TensorRole::kLowerBounds;
        write_constant(vector.length, bound ? 1.0 * vector.row / model_.layer_count() : 1.0);
      }
      writer_.end_section();
    }
  }

  void write_constant(std::uint32_t elements, double value) {
    std::vector<numerics::fix> fix(std::size_t{fix_lines(elements)} * kLineBytes / 4, 0);
    std::fill_n(fix.begin(), elements, model::to_fix(value));
    writer_.write(std::as_bytes(std::span(fix)));
  }

  void embedding() {
    writer_.begin_section("embedding");
    std::vector<numerics::fix> row(std::size_t{fix_lines(model_.hidden_size)} * kLineBytes / 4, 0);
    for (std::uint32_t r = 0; r < model_.vocab_size; ++r) {
      for (std::uint32_t i = 0; i < model_.hidden_size; ++i) {
        row[i] = static_cast<numerics::fix>(random_() % 131072) - 65536;  // -1 to 1
      }
      writer_.write(std::as_bytes(std::span(row)));
    }
    writer_.end_section();
  }

  void program() {
    const model::Scaling scaling = model::no_scaling(model_);
    const model::ModelProgram program = model::emit_model_program(layout_, scales_, scaling);
    header_.entries = program.entries;
    header_.relocations = program.relocations;
    header_.requirements = {layout_.needed_vector_length(), model::kProgramRegisters,
                            static_cast<std::uint32_t>(program.instructions.size()),
                            model_.has_trees() ? model_.fff.shape.trees : 0};
    writer_.begin_section("program");
    writer_.write(std::as_bytes(std::span(program.instructions)));
    writer_.end_section();
  }

  // The floating-point tensors have to be there; nothing here reads them.
  void reference() {
    writer_.begin_section("reference");
    for (const model::TensorSpec& spec : model::model_tensors(model_)) {
      if (spec.ternary()) continue;
      header_.reference.push_back(
          {spec.name, model::Dtype::kBF16, spec.shape, writer_.section_position()});
      const std::vector<std::byte> zeros(model::element_count(spec.shape).value() * 2);
      writer_.write(zeros);
    }
    writer_.end_section();
  }

  model::ModelConfig model_;
  model::Layout layout_;
  model::SternaWriter writer_;
  std::minstd_rand random_;
  model::SternaHeader header_;
  model::WeightScales scales_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::vector<std::byte>>> pools_;
};

}  // namespace

void write_random_model(const std::filesystem::path& path, const model::ModelConfig& model,
                        std::uint32_t vector_length, std::uint64_t seed) {
  Writer(path, model, vector_length, seed).run();
}

std::uint64_t weights_per_token(const model::ModelConfig& model) {
  std::uint64_t weights = 0;
  for (const model::TensorSpec& spec : model::model_tensors(model)) {
    if (!spec.ternary()) continue;
    const std::uint64_t count = model::element_count(spec.shape).value();
    const bool matrix = spec.role == model::TensorRole::kMatrix;
    const TreeShape& trees = model.fff.shape;
    weights += matrix ? count : count / trees.nodes() * trees.levels();
  }
  return weights;
}

}  // namespace sterna
