// SPDX-License-Identifier: Apache-2.0
#include "host/model/compiler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "host/model/checkpoint.h"
#include "host/model/folder_tokenizer.h"
#include "host/model/layout.h"
#include "host/model/quantise.h"
#include "host/model/scaling.h"
#include "host/model/sterna_writer.h"
#include "host/model/tensor_spec.h"
#include "host/model/token_program.h"
#include "support/error.h"

namespace sterna::model {
namespace {

constexpr std::uint32_t kDefaultVectorLength = 1024;

std::uint32_t default_vector_length(const ModelConfig& model) {
  return std::max(kDefaultVectorLength, std::bit_ceil(longest_vector(model)));
}

class Compiler {
 public:
  Compiler(const std::filesystem::path& folder, const std::filesystem::path& output,
           const CompileOptions& options)
      : checkpoint_(folder),
        model_(checkpoint_.config()),
        tokenizer_(options.bare_ids ? FolderTokenizer{} : read_folder_tokenizer(folder, model_)),
        layout_(model_, options.vector_length.value_or(default_vector_length(model_))),
        options_(options),
        writer_(output) {}

  void run() {
    means();
    scaling();
    weights();
    vectors();
    embedding();
    program();
    tokenizer();
    reference();
    header_.segments = layout_.segments();
    header_.model = model_;
    header_.isa_version = kIsaVersion;
    const std::uint64_t bytes = writer_.finish(std::move(header_));
    if (options_.written) options_.written(bytes);
    writer_.commit();
  }

 private:
  void means() {
    for (PackedMatrix matrix : layout_.matrices()) {
      total_ += matrix.rows * std::uint64_t{matrix.cols};
      matrix.mean = mean_magnitude(checkpoint_.tensor(matrix.name));
      scales_[matrix.name] = scale_immediate(matrix.mean, matrix.name);
      header_.matrices.push_back(std::move(matrix));
    }
  }

  void weights() {
    writer_.begin_section("weights");
    for (const PackedMatrix& matrix : header_.matrices) {
      const FloatTensor& tensor = checkpoint_.tensor(matrix.name);
      if (matrix.form != PackedForm::kRows) {
        writer_.write(trees(matrix, quantise(tensor, matrix.mean)));
        progress(matrix.rows * std::uint64_t{matrix.cols});
        continue;
      }
      std::uint32_t first = 0;
      for (const PackedBlock& block : matrix.blocks) {
        pack_block(tensor, matrix.mean, first, block.rows);
        first += block.rows;
      }
    }
    writer_.end_section();
  }

  // The nodes' biases have the power of their logits.
  std::vector<std::byte> trees(const PackedMatrix& matrix, const TernaryMatrix& whole) {
    constexpr std::string_view kWeight = ".weight";
    if (matrix.form == PackedForm::kTreeIn) {
      const std::string name = matrix.name.substr(0, matrix.name.size() - kWeight.size());
      std::vector<float> biases = checkpoint_.tensor(name + ".bias").values();
      scale(biases, scaling_.product(name));
      std::vector<numerics::fix> fix(biases.size());
      std::ranges::transform(biases, fix.begin(),
                             [](float bias) { return to_fix(static_cast<double>(bias)); });
      return pack_tree_in(matrix.trees, whole.trits, matrix.cols, fix);
    }
    std::vector<std::int8_t> by_node(whole.trits.size());
    for (std::size_t r = 0; r < matrix.rows; ++r) {
      for (std::size_t n = 0; n < matrix.cols; ++n) {
        by_node[n * matrix.rows + r] = whole.trits[r * matrix.cols + n];
      }
    }
    return pack_tree_out(matrix.trees, by_node, matrix.rows);
  }

  void progress(std::uint64_t weights) {
    done_ += weights;
    if (options_.progress) options_.progress(done_, total_);
  }

  void scaling() {
    std::map<std::string, float> means;
    for (const PackedMatrix& matrix : header_.matrices) means[matrix.name] = matrix.mean;
    scaling_ =
        choose_scaling({model_, [&](const std::string& name) { return checkpoint_.tensor(name); },
                        [&](const std::string& name) { return means.at(name); }});
    if (options_.may_saturate && !scaling_.may_saturate.empty()) {
      options_.may_saturate(scaling_.may_saturate);
    }
  }

  void pack_block(const FloatTensor& tensor, float mean, std::uint32_t first, std::uint32_t rows) {
    const auto cols = static_cast<std::uint32_t>(tensor.cols());
    std::vector<float> row(cols);
    std::vector<std::int8_t> trits(std::size_t{kTritsPerByte} * cols);
    std::vector<std::byte> packed(packed_group_bytes(cols));
    for (std::uint32_t r = 0; r < rows; r += kTritsPerByte) {
      const std::uint32_t count = std::min(kTritsPerByte, rows - r);
      const auto group = std::span(trits).first(std::size_t{count} * cols);
      for (std::uint32_t k = 0; k < count; ++k) {
        tensor.row(first + r + k, row);
        quantise_row(row, mean, group.subspan(std::size_t{k} * cols, cols));
      }
      pack_group(group, cols, packed);
      writer_.write(packed);
    }
    progress(rows * std::uint64_t{cols});
  }

  void vectors() {
    const std::vector<double> bounds = lower_bounds(checkpoint_.tensor(kLowerBoundsTensor));
    for (std::uint32_t bank = 0; bank < kModelBanks; ++bank) {
      writer_.begin_section(fmt::format("vectors{}", bank));
      for (const Layout::Vector& vector : layout_.vectors(bank)) {
        if (vector.role == TensorRole::kLowerBounds) {
          write_fix(
              std::span(bounds).subspan(std::size_t{vector.row} * vector.length, vector.length));
        } else {
          std::vector<float> values = checkpoint_.tensor(vector.tensor).values();
          scale(values, scaling_.norm(vector.tensor));
          write_fix(std::span(std::as_const(values)));
        }
      }
      writer_.end_section();
    }
  }

  void embedding() {
    writer_.begin_section("embedding");
    const FloatTensor& tensor = checkpoint_.tensor(kEmbeddingTensor);
    std::vector<float> row(tensor.cols());
    for (std::uint64_t r = 0; r < tensor.rows(); ++r) {
      tensor.row(r, row);
      scale(row, scaling_.embedding);
      write_fix(std::span(std::as_const(row)));
    }
    writer_.end_section();
  }

  static void scale(std::vector<float>& values, int power) {
    for (float& value : values) value = std::ldexp(value, power);
  }

  // One vector, filled up to a line with zeros.
  template <typename Real>
  void write_fix(std::span<const Real> values) {
    std::vector<numerics::fix> fix(fix_lines(values.size()) * kLineElements, 0);
    std::transform(values.begin(), values.end(), fix.begin(),
                   [](Real v) { return to_fix(static_cast<double>(v)); });
    writer_.write(std::as_bytes(std::span(fix)));
  }

  void program() {
    const ModelProgram program = emit_model_program(layout_, scales_, scaling_);
    header_.entries = program.entries;
    header_.relocations = program.relocations;
    header_.requirements = {layout_.needed_vector_length(), kProgramRegisters,
                            static_cast<std::uint32_t>(program.instructions.size()),
                            model_.has_trees() ? model_.fff.shape.trees : 0};
    writer_.begin_section("program");
    writer_.write(std::as_bytes(std::span(program.instructions)));
    writer_.end_section();
  }

  void tokenizer() {
    header_.tokenizer = tokenizer_.kind;
    header_.frame = tokenizer_.frame;
    if (tokenizer_.serialised.empty()) return;
    writer_.begin_section("tokenizer");
    writer_.write(tokenizer_.serialised);
    writer_.end_section();
  }

  void reference() {
    writer_.begin_section("reference");
    for (const TensorSpec& spec : model_tensors(model_)) {
      if (spec.ternary()) continue;
      const FloatTensor& tensor = checkpoint_.tensor(spec.name);
      header_.reference.push_back(
          {spec.name, tensor.dtype, spec.shape, writer_.section_position()});
      writer_.write(tensor.data);
    }
    writer_.end_section();
  }

  Checkpoint checkpoint_;
  ModelConfig model_;
  FolderTokenizer tokenizer_;
  Layout layout_;
  const CompileOptions& options_;
  SternaWriter writer_;
  SternaHeader header_;
  WeightScales scales_;
  Scaling scaling_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

void compile_model(const std::filesystem::path& checkpoint, const std::filesystem::path& output,
                   const CompileOptions& options) {
  Compiler(checkpoint, output, options).run();
}

}  // namespace sterna::model
