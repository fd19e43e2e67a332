// SPDX-License-Identifier: Apache-2.0
// The .sterna file: one model, ready to run, in one file (docs/model-format.md). This header has
// what stands in it and the reader; sterna_writer.h writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/model/config.h"
#include "host/model/quantise.h"
#include "host/model/tensor.h"
#include "isa/instruction.h"
#include "isa/trees.h"
#include "support/files.h"

namespace sterna::model {

inline constexpr std::uint32_t kSternaVersion = 3;

enum class TokenizerKind { kBytes, kSentencePiece, kBpe, kIds };
std::string_view name(TokenizerKind kind);  // "bytes", "sentencepiece", "bpe", "ids"

// The tokens that stand around the text of every prompt: BOS before it, say.
struct PromptFrame {
  std::vector<std::uint32_t> before, behind;
};

// What a device must have: compared with its capability registers.
struct Requirements {
  std::uint32_t vector_length = 0;
  std::uint32_t registers = 0;
  std::uint32_t rom_depth = 0;  // instructions
  std::uint32_t fff = 0;        // trees of FFFIN
};

// Device memory that the program addresses through one of the segment registers.
struct Segment {
  std::string name;
  std::uint32_t index = 0;  // of the segment register
  std::uint64_t bytes = 0;  // a multiple of a line
  bool per_lane = false;    // every lane has its own
  bool in_file = false;  // its contents are the section of the same name; else it starts as zeros
};

struct Section {
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc32 = 0;
};

// A BitLinear's matrix in the weights section, cut into blocks of whole rows, each packed for one
// TMATMUL.
struct PackedBlock {
  std::uint32_t rows = 0;
  std::uint64_t offset = 0;  // in bytes, from the section's start
};
enum class PackedForm { kRows, kTreeIn, kTreeOut };
struct PackedMatrix {
  std::string name;  // of the checkpoint's tensor
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  float mean = 0;  // mean|W|
  std::vector<PackedBlock> blocks;
  // The matrices of an FFF layer are one block, as FFFIN (with its biases) and FFFOUT take it.
  PackedForm form = PackedForm::kRows;
  TreeShape trees = kNoTrees;
};

// Lines of a block in the section or, striped, in each channel; and a channel's part of its bytes.
std::uint64_t packed_lines(const PackedMatrix& matrix, std::uint32_t block_rows,
                           unsigned channels = 1);
void packed_part(const PackedMatrix& matrix, std::span<const std::byte> block, unsigned channel,
                 unsigned channels, std::vector<std::byte>& part);

// Instruction `instruction` of the program reads block `block` of the header's matrix `matrix`: its
// offset changes with where that block lies on a device. In ascending order, one for every
// instruction that reads a matrix.
struct Relocation {
  std::uint32_t instruction = 0;
  std::uint32_t matrix = 0;
  std::uint32_t block = 0;
};

// A tensor that is not ternary, kept as it was in the checkpoint.
struct ReferenceTensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  // in bytes, from the start of the reference section
};

// The programs of a token step in the program section: where each starts, in instructions.
struct Entries {
  std::uint32_t logits = 0;  // leaves all logits in the output segment
  std::uint32_t top = 0;     // leaves the greatest ones in the top segment
  std::uint32_t body = 0;    // moves the state on and stops before the head
};

struct SternaHeader {
  ModelConfig model;
  TokenizerKind tokenizer = TokenizerKind::kIds;
  PromptFrame frame;
  std::uint32_t isa_version = 0;
  Requirements requirements;
  Entries entries;
  std::vector<Segment> segments;
  std::vector<PackedMatrix> matrices;
  std::vector<Relocation> relocations;
  std::vector<ReferenceTensor> reference;
  std::vector<Section> sections;  // the writer fills these in
};

// How many numbers the model has learnt.
struct Parameters {
  std::uint64_t ternary = 0;
  std::uint64_t others = 0;
  std::uint64_t all() const { return ternary + others; }
};
Parameters parameters(const SternaHeader& header);

// The numbers of the segments, the same in every file of this version. Segment s lies in the memory
// of channel s mod CHANNELS; a layer's vectors and state lie in one of four banks, so that up to
// four channels share the work.
inline constexpr std::uint32_t kModelBanks = 4;
inline constexpr std::uint32_t kWeightsSegment = 0;  // and up: one for each channel of the device
inline constexpr std::uint32_t kVectorsSegment = 4;  // + bank
inline constexpr std::uint32_t kStateSegment = 8;    // + bank
inline constexpr std::uint32_t kEmbeddingSegment = 12;
inline constexpr std::uint32_t kOutputSegment = 13;
inline constexpr std::uint32_t kTopSegment = 14;

std::uint64_t state_bytes(const ModelConfig& model,
                          std::uint32_t bank);         // [layers of bank, d] of fix
std::uint64_t output_bytes(const ModelConfig& model);  // [vocab] of fix, filled up to a line
std::uint64_t top_bytes();                             // TOPK's list
std::uint64_t embedding_bytes(const ModelConfig& model);

class SternaFile {
 public:
  // Opens the file and verifies all of it: version, checksums, that every section lies in the file
  // apart from the others, and that the header describes a whole model. Throws Error with one line
  // that says what is wrong.
  explicit SternaFile(const std::filesystem::path& path);
  // The same over bytes in memory, which must outlive the object; `where` starts every error.
  SternaFile(std::span<const std::byte> bytes, const std::string& where);

  const std::string& path() const { return where_; }
  std::uint64_t file_bytes() const { return bytes_.size(); }
  const SternaHeader& header() const { return header_; }

  // A section's bytes; empty when the file has no such section.
  std::span<const std::byte> section(std::string_view name) const;
  std::vector<Instruction> program() const;

  // By the checkpoint's names; throw Error for a name that the model does not have.
  TernaryMatrix matrix(std::string_view name) const;
  FloatTensor reference(std::string_view name) const;

 private:
  void read();

  std::string where_;
  std::optional<MappedFile> file_;
  std::span<const std::byte> bytes_;
  SternaHeader header_;
};

}  // namespace sterna::model
