// SPDX-License-Identifier: Apache-2.0
#include "host/model/sterna_file.h"

#include <algorithm>
#include <cstring>

#include "host/model/sterna_format.h"
#include "support/disguise.h"
#include "support/error.h"

namespace sterna::model {
namespace {

using format::Prelude;

Prelude read_prelude(std::span<const std::byte> bytes, const std::string& where) {
  Prelude prelude;
  const std::size_t size = std::min(bytes.size(), sizeof(Prelude));
  if (size < prelude.magic.size() ||
      std::memcmp(bytes.data(), prelude.magic.data(), prelude.magic.size()) != 0) {
    throw Error("{}: not a .sterna file{}", where, found_instead(bytes));
  }
  if (size < sizeof(Prelude)) throw Error("{}: truncated: {} bytes", where, bytes.size());
  std::memcpy(&prelude, bytes.data(), sizeof(Prelude));
  if (prelude.version > kSternaVersion) {
    throw Error("{}: format version {}, newer than this program's {}", where, prelude.version,
                kSternaVersion);
  }
  if (prelude.version < kSternaVersion) {
    throw Error("{}: format version {}, older than this program's {}: compile the model again",
                where, prelude.version, kSternaVersion);
  }
  if (prelude.crc32 != format::prelude_crc32(prelude)) {
    throw Error("{}: wrong checksum of the first 64 bytes", where);
  }
  if (prelude.file_bytes != bytes.size()) {
    throw Error("{}: {} bytes instead of {}: truncated or damaged", where, bytes.size(),
                prelude.file_bytes);
  }
  return prelude;
}

std::string_view header_text(const Prelude& prelude, std::span<const std::byte> bytes,
                             const std::string& where) {
  if (prelude.header_bytes > format::kMaxHeaderBytes) {
    throw Error("{}: header of {} bytes, more than the {} allowed", where, prelude.header_bytes,
                format::kMaxHeaderBytes);
  }
  if (prelude.header_bytes > bytes.size() ||
      prelude.header_offset != bytes.size() - prelude.header_bytes ||
      prelude.header_offset < sizeof(Prelude)) {
    throw Error("{}: header of {} bytes at {} does not end the file", where, prelude.header_bytes,
                prelude.header_offset);
  }
  const auto header = bytes.subspan(prelude.header_offset);
  if (crc32(header) != prelude.header_crc32) throw Error("{}: wrong checksum of the header", where);
  return {reinterpret_cast<const char*>(header.data()), header.size()};
}

// Sections follow one another from the prelude to the header, each on a line of its own, and
// nothing but zeros stands between them.
void check_sections(const SternaHeader& header, std::span<const std::byte> bytes,
                    std::uint64_t header_offset, const std::string& where) {
  std::uint64_t at = sizeof(Prelude);
  for (const Section& section : header.sections) {
    const std::string place = fmt::format("{}: section {}", where, printable(section.name));
    if (section.offset != at || section.bytes > header_offset - at) {
      throw Error("{}: {} bytes at {} do not follow its neighbour or leave the file", place,
                  section.bytes, section.offset);
    }
    if (crc32(bytes.subspan(at, section.bytes)) != section.crc32) {
      throw Error("{}: wrong checksum", place);
    }
    at += section.bytes;
    for (; at % format::kAlign != 0; ++at) {
      if (at >= header_offset || bytes[at] != std::byte{0}) {
        throw Error("{}: not followed by zeros to the end of its line", place);
      }
    }
    const auto same = [&](const Section& other) { return other.name == section.name; };
    if (std::count_if(header.sections.begin(), header.sections.end(), same) != 1) {
      throw Error("{}: stands there twice", place);
    }
  }
  if (at != header_offset) {
    throw Error("{}: {} bytes before the header belong to no section", where, header_offset - at);
  }
}

// Bounds the quadratic search for equal names above; this version writes six sections.
constexpr std::size_t kMaxSections = 64;

}  // namespace

std::string_view name(TokenizerKind kind) {
  switch (kind) {
    case TokenizerKind::kBytes:
      return "bytes";
    case TokenizerKind::kSentencePiece:
      return "sentencepiece";
    case TokenizerKind::kBpe:
      return "bpe";
    default:
      return "ids";
  }
}

std::uint64_t packed_lines(const PackedMatrix& matrix, std::uint32_t block_rows,
                           unsigned channels) {
  switch (matrix.form) {
    case PackedForm::kTreeIn:
      return tree_in_lines(matrix.trees, matrix.cols, channels);
    case PackedForm::kTreeOut:
      return tree_out_lines(matrix.trees, matrix.rows, channels);
    case PackedForm::kRows:
      break;
  }
  return matrix_lines(block_rows, matrix.cols, channels);
}

void packed_part(const PackedMatrix& matrix, std::span<const std::byte> block, unsigned channel,
                 unsigned channels, std::vector<std::byte>& part) {
  switch (matrix.form) {
    case PackedForm::kTreeIn:
      return tree_in_part(block, matrix.cols, channel, channels, part);
    case PackedForm::kTreeOut:
      return channel_part(block, packed_group_bytes(matrix.rows), channel, channels, part);
    case PackedForm::kRows:
      return channel_part(block, packed_group_bytes(matrix.cols), channel, channels, part);
  }
}

Parameters parameters(const SternaHeader& header) {
  Parameters sum;
  for (const PackedMatrix& matrix : header.matrices) {
    sum.ternary += std::uint64_t{matrix.rows} * matrix.cols;
  }
  for (const ReferenceTensor& tensor : header.reference) {
    sum.others += element_count(tensor.shape).value_or(0);
  }
  return sum;
}

std::uint64_t state_bytes(const ModelConfig& model, std::uint32_t bank) {
  const std::uint64_t layers =
      (std::uint64_t{model.layer_count()} + kModelBanks - 1 - bank) / kModelBanks;
  return layers * fix_lines(model.hidden_size) * kLineBytes;
}
std::uint64_t output_bytes(const ModelConfig& model) {
  return fix_lines(model.vocab_size) * kLineBytes;
}
std::uint64_t top_bytes() { return 2 * fix_lines(kTopEntries) * kLineBytes; }
std::uint64_t embedding_bytes(const ModelConfig& model) {
  return model.vocab_size * fix_lines(model.hidden_size) * kLineBytes;
}

SternaFile::SternaFile(const std::filesystem::path& path)
    : where_(path.string()), file_(path), bytes_(file_->bytes()) {
  read();
}

SternaFile::SternaFile(std::span<const std::byte> bytes, const std::string& where)
    : where_(where), bytes_(bytes) {
  read();
}

void SternaFile::read() {
  const Prelude prelude = read_prelude(bytes_, where_);
  const std::string_view text = header_text(prelude, bytes_, where_);
  header_ = format::parse_header(parse_json_object(text, where_ + ": header"), where_);
  if (header_.sections.size() > kMaxSections) {
    throw Error("{}: {} sections, more than {}", where_, header_.sections.size(), kMaxSections);
  }
  check_sections(header_, bytes_, prelude.header_offset, where_);
  format::check_header(header_, where_);
  format::check_relocations(header_, program(), where_);
}

std::span<const std::byte> SternaFile::section(std::string_view name) const {
  for (const Section& section : header_.sections) {
    if (section.name == name) return bytes_.subspan(section.offset, section.bytes);
  }
  return {};
}

std::vector<Instruction> SternaFile::program() const {
  const auto bytes = section("program");
  std::vector<Instruction> program(bytes.size() / sizeof(Instruction));
  std::memcpy(program.data(), bytes.data(), bytes.size());
  return program;
}

TernaryMatrix SternaFile::matrix(std::string_view name) const {
  const auto it = std::find_if(header_.matrices.begin(), header_.matrices.end(),
                               [&](const PackedMatrix& m) { return m.name == name; });
  if (it == header_.matrices.end()) throw Error("{}: no matrix {}", where_, name);
  TernaryMatrix matrix{it->rows, it->cols, it->mean, {}};
  matrix.trits.resize(std::size_t{it->rows} * it->cols);
  if (it->form != PackedForm::kRows) {
    const auto packed = section("weights").subspan(it->blocks.front().offset,
                                                   packed_lines(*it, it->rows) * kLineBytes);
    if (it->form == PackedForm::kTreeIn) {
      std::vector<std::int32_t> biases(it->rows);
      unpack_tree_in(packed, it->trees, it->cols, matrix.trits, biases);
      return matrix;
    }
    std::vector<std::int8_t> by_node(matrix.trits.size());
    unpack_tree_out(packed, it->trees, it->rows, by_node);
    for (std::size_t n = 0; n < it->cols; ++n) {
      for (std::size_t r = 0; r < it->rows; ++r) {
        matrix.trits[r * it->cols + n] = by_node[n * it->rows + r];
      }
    }
    return matrix;
  }
  std::span<std::int8_t> rest(matrix.trits);
  for (const PackedBlock& block : it->blocks) {
    const std::size_t elements = std::size_t{block.rows} * it->cols;
    unpack_matrix(section("weights").subspan(block.offset, packed_bytes(block.rows, it->cols)),
                  block.rows, it->cols, rest.first(elements));
    rest = rest.subspan(elements);
  }
  return matrix;
}

FloatTensor SternaFile::reference(std::string_view name) const {
  const auto it = std::find_if(header_.reference.begin(), header_.reference.end(),
                               [&](const ReferenceTensor& t) { return t.name == name; });
  if (it == header_.reference.end()) throw Error("{}: no tensor {}", where_, name);
  const std::uint64_t bytes = *element_count(it->shape) * dtype_bytes(it->dtype);
  return {it->name, it->dtype, it->shape, section("reference").subspan(it->offset, bytes)};
}

}  // namespace sterna::model
