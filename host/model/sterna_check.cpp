// SPDX-License-Identifier: Apache-2.0
// What a .sterna header must say to describe a whole model.
#include <cmath>
#include <map>

#include "host/model/sterna_format.h"
#include "host/model/tensor_spec.h"
#include "support/error.h"

namespace sterna::model::format {
namespace {

constexpr std::uint32_t kMaxRomDepth = 1u << 16;  // what ENTRY and STATUS_PC can name

std::uint64_t section_bytes(const SternaHeader& header, std::string_view name) {
  for (const Section& section : header.sections) {
    if (section.name == name) return section.bytes;
  }
  return 0;
}

void check_requirements(const SternaHeader& header, const std::string& where) {
  const Requirements& r = header.requirements;
  if (r.vector_length < 16 || r.vector_length > kMaxVectorLength || r.registers < 1 ||
      r.registers > kMaxRegisters || r.rom_depth < 1 || r.rom_depth > kMaxRomDepth) {
    throw Error("{}: requires vector length {}, {} registers and {} instructions: out of range",
                where, r.vector_length, r.registers, r.rom_depth);
  }
  const std::uint32_t trees = header.model.has_trees() ? header.model.fff.shape.trees : 0;
  if (r.fff != trees) {
    throw Error("{}: requires {} trees, the model has {}", where, r.fff, trees);
  }
  const std::uint64_t program = section_bytes(header, "program");
  if (program != std::uint64_t{r.rom_depth} * sizeof(Instruction)) {
    throw Error("{}: a program of {} bytes is not one of {} instructions", where, program,
                r.rom_depth);
  }
  for (const std::uint32_t entry :
       {header.entries.logits, header.entries.top, header.entries.body}) {
    if (entry >= r.rom_depth) {
      throw Error("{}: entry {} is outside the program's {} instructions", where, entry,
                  r.rom_depth);
    }
  }
}

void check_segments(const SternaHeader& header, const std::string& where) {
  std::vector<Segment> expected = {{"weights", kWeightsSegment, 0, false, true}};
  for (std::uint32_t bank = 0; bank < kModelBanks; ++bank) {
    expected.push_back({fmt::format("vectors{}", bank), kVectorsSegment + bank, 0, false, true});
  }
  for (std::uint32_t bank = 0; bank < kModelBanks; ++bank) {
    expected.push_back({fmt::format("state{}", bank), kStateSegment + bank,
                        state_bytes(header.model, bank), true, false});
  }
  expected.push_back({"embedding", kEmbeddingSegment, embedding_bytes(header.model), false, true});
  expected.push_back({"output", kOutputSegment, output_bytes(header.model), true, false});
  expected.push_back({"top", kTopSegment, top_bytes(), true, false});
  if (header.segments.size() != expected.size()) {
    throw Error("{}: {} segments, not {}", where, header.segments.size(), expected.size());
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Segment& segment = header.segments[i];
    Segment& e = expected[i];
    // How long the weights and vectors are follows from the matrices and the program.
    if (e.in_file && e.bytes == 0) e.bytes = section_bytes(header, e.name);
    if (segment.name != e.name || segment.index != e.index || segment.bytes != e.bytes ||
        segment.per_lane != e.per_lane || segment.in_file != e.in_file ||
        segment.bytes % kLineBytes != 0 ||
        (segment.in_file && segment.bytes != section_bytes(header, segment.name))) {
      throw Error("{}: segment {} ({}, {} bytes) does not fit the model: {} bytes of {} expected",
                  where, i, printable(segment.name), segment.bytes, e.bytes, e.name);
    }
  }
}

void check_matrix(const PackedMatrix& matrix, std::uint64_t weights, const std::string& where) {
  if (!std::isfinite(matrix.mean) || matrix.mean < 0) {
    throw Error("{}: mean magnitude {}", where, matrix.mean);
  }
  if (matrix.form != PackedForm::kRows && matrix.blocks.size() != 1) {
    throw Error("{}: trees in {} blocks", where, matrix.blocks.size());
  }
  std::uint64_t rows = 0;
  for (const PackedBlock& block : matrix.blocks) {
    const std::uint64_t bytes = packed_lines(matrix, block.rows) * kLineBytes;
    if (block.rows == 0 || block.offset % kAlign != 0 || bytes > weights ||
        block.offset > weights - bytes) {
      throw Error("{}: a block of {} rows at {} leaves the {} bytes of weights", where, block.rows,
                  block.offset, weights);
    }
    rows += block.rows;
  }
  if (rows != matrix.rows) throw Error("{}: blocks hold {} of {} rows", where, rows, matrix.rows);
}

PackedForm form_of(TensorRole role) {
  return role == TensorRole::kTreeIn    ? PackedForm::kTreeIn
         : role == TensorRole::kTreeOut ? PackedForm::kTreeOut
                                        : PackedForm::kRows;
}

void check_tensor(const ReferenceTensor& tensor, std::uint64_t available,
                  const std::string& where) {
  const auto count = element_count(tensor.shape);
  std::uint64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, dtype_bytes(tensor.dtype), &bytes) ||
      bytes > available || tensor.offset > available - bytes) {
    throw Error("{}: leaves the {} bytes of the reference section", where, available);
  }
}

// Every tensor of the model must be there once, as a matrix or as a reference tensor, and nothing
// else.
void check_tensors(const SternaHeader& header, const std::string& where) {
  std::map<std::string_view, const PackedMatrix*> matrices;
  for (const PackedMatrix& m : header.matrices) matrices[m.name] = &m;
  std::map<std::string_view, const ReferenceTensor*> reference;
  for (const ReferenceTensor& t : header.reference) reference[t.name] = &t;

  const std::vector<TensorSpec> specs = model_tensors(header.model);
  if (matrices.size() != header.matrices.size() || reference.size() != header.reference.size() ||
      matrices.size() + reference.size() != specs.size()) {
    throw Error("{}: {} matrices and {} reference tensors are not the model's {}", where,
                header.matrices.size(), header.reference.size(), specs.size());
  }
  for (const TensorSpec& spec : specs) {
    const std::string place = fmt::format("{}: tensor {}", where, spec.name);
    if (spec.ternary()) {
      const auto it = matrices.find(spec.name);
      if (it == matrices.end()) throw Error("{}: missing", place);
      if (it->second->rows != spec.shape[0] || it->second->cols != spec.shape[1]) {
        throw Error("{}: {} x {} instead of {}", place, it->second->rows, it->second->cols,
                    shape_text(spec.shape));
      }
      if (it->second->form != form_of(spec.role) ||
          (spec.role != TensorRole::kMatrix && it->second->trees != header.model.fff.shape)) {
        throw Error("{}: is not in the form of its role", place);
      }
      check_matrix(*it->second, section_bytes(header, "weights"), place);
    } else {
      const auto it = reference.find(spec.name);
      if (it == reference.end()) throw Error("{}: missing", place);
      if (it->second->shape != spec.shape) {
        throw Error("{}: shape {} instead of {}", place, shape_text(it->second->shape),
                    shape_text(spec.shape));
      }
      check_tensor(*it->second, section_bytes(header, "reference"), place);
    }
  }
}

std::string place_of(const std::string& where, std::size_t relocation) {
  return fmt::format("{}: relocations[{}]", where, relocation);
}

// Are all relocations within the program and the matrices, and one behind the other?
void check_places(const SternaHeader& header, const std::string& where) {
  const std::uint32_t instructions = header.requirements.rom_depth;
  std::uint32_t least = 0;
  for (std::size_t i = 0; i < header.relocations.size(); ++i) {
    const Relocation& r = header.relocations[i];
    if (r.instruction >= instructions) {
      throw Error("{}: instruction {} is outside the program's {}", place_of(where, i),
                  r.instruction, instructions);
    }
    if (r.instruction < least) {
      throw Error("{}: instruction {} stands there twice or out of order", place_of(where, i),
                  r.instruction);
    }
    least = r.instruction + 1;
    if (r.matrix >= header.matrices.size()) {
      throw Error("{}: matrix {} of {}", place_of(where, i), r.matrix, header.matrices.size());
    }
    if (const PackedMatrix& matrix = header.matrices[r.matrix]; r.block >= matrix.blocks.size()) {
      throw Error("{}: block {} of {} in {}", place_of(where, i), r.block, matrix.blocks.size(),
                  matrix.name);
    }
  }
}

bool reads_matrix(const Instruction& instruction) {
  const InstructionInfo* info = find_instruction(instruction.get(Field::kOp));
  return info != nullptr && striped(*info);
}

bool reads(const Instruction& instruction, const PackedMatrix& matrix, const PackedBlock& block) {
  if (instruction.get(Field::kSeg) != kWeightsSegment ||
      std::uint64_t{instruction.get(Field::kOff)} * kLineBytes != block.offset) {
    return false;
  }
  const std::uint32_t rows = instruction.get(Field::kRows), len = instruction.get(Field::kLen);
  switch (find_instruction(instruction.get(Field::kOp))->access) {
    case Access::kTreeIn:
      return matrix.form == PackedForm::kTreeIn && tree_shape(instruction) == matrix.trees &&
             len == matrix.cols;
    case Access::kTreeOut:
      return matrix.form == PackedForm::kTreeOut && tree_shape(instruction) == matrix.trees &&
             rows == matrix.rows;
    default:
      return matrix.form == PackedForm::kRows && rows == block.rows && len == matrix.cols;
  }
}

}  // namespace

void check_relocations(const SternaHeader& header, std::span<const Instruction> program,
                       const std::string& where) {
  std::size_t next = 0;  // relocation
  for (std::uint32_t pc = 0; pc < program.size(); ++pc) {
    const bool named =
        next < header.relocations.size() && header.relocations[next].instruction == pc;
    if (named != reads_matrix(program[pc])) {
      throw Error(
          "{}: {}", where,
          named ? fmt::format("relocations[{}]: instruction {} reads no matrix", next, pc)
                : fmt::format("instruction {} reads a matrix, and no relocation says which", pc));
    }
    if (!named) continue;
    const Relocation& r = header.relocations[next];
    const PackedMatrix& matrix = header.matrices[r.matrix];
    if (!reads(program[pc], matrix, matrix.blocks[r.block])) {
      throw Error("{}: instruction {} does not read block {} of {}", place_of(where, next), pc,
                  r.block, matrix.name);
    }
    ++next;
  }
}

void check_header(const SternaHeader& header, const std::string& where) {
  if (header.isa_version < kOldestVersion || header.isa_version > kIsaVersion) {
    throw Error("{}: compiled for version {} of the instruction set, this is version {}", where,
                header.isa_version, kIsaVersion);
  }
  check_requirements(header, where);
  check_segments(header, where);
  check_tensors(header, where);
  check_places(header, where);
  const bool has_section =
      header.tokenizer == TokenizerKind::kSentencePiece || header.tokenizer == TokenizerKind::kBpe;
  if (has_section != (section_bytes(header, "tokenizer") != 0)) {
    throw Error("{}: tokenizer {} with a tokenizer section of {} bytes", where,
                name(header.tokenizer), section_bytes(header, "tokenizer"));
  }
  if (header.tokenizer == TokenizerKind::kBytes && header.model.vocab_size != 256) {
    throw Error("{}: bytes as tokens, but a vocabulary of {}", where, header.model.vocab_size);
  }
}

}  // namespace sterna::model::format
