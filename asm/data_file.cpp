// SPDX-License-Identifier: Apache-2.0
#include "asm/data_file.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "asm/data_text.h"
#include "asm/expression.h"
#include "asm/operands.h"
#include "asm/words.h"
#include "isa/instruction.h"
#include "isa/trits.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

constexpr std::string_view kDataMagic = "STERNADT";
constexpr std::size_t kDataFactsBytes = 2 * sizeof(std::uint32_t);  // version, bytes
constexpr std::size_t kDataHeaderBytes =
    kDataMagic.size() + kDataFactsBytes + sizeof(std::uint32_t);
constexpr std::uint32_t kPerLane = 1;
constexpr std::uint32_t kInput = 1, kOutput = 2, kMatrix = 4, kTreeIn = 8, kTreeOut = 16;

std::uint32_t kind_flag(DataKind kind) {
  constexpr std::uint32_t kFlags[] = {0, kMatrix, kTreeIn, kTreeOut};
  return kFlags[static_cast<std::size_t>(kind)];
}

void put_text(std::vector<std::byte>& out, std::string_view text) {
  out.push_back(static_cast<std::byte>(text.size()));
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

// Takes what a section holds, piece by piece.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& name) : rest_(bytes), name_(name) {}

  std::span<const std::byte> take(std::uint64_t bytes) {
    if (bytes > rest_.size()) throw Error("{}: the data section is cut short", name_);
    const auto taken = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return taken;
  }
  std::uint32_t word() { return get_word(take(4), 0); }
  std::string text() {
    const auto characters = take(std::to_integer<std::size_t>(take(1)[0]));
    return {reinterpret_cast<const char*>(characters.data()), characters.size()};
  }
  std::uint32_t word_up_to(std::uint32_t most, std::string_view what) {
    const std::uint32_t value = word();
    if (value > most) throw Error("{}: data section: {} {}", name_, what, value);
    return value;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  const std::string& name_;
};

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::string& name)
      : reader_(bytes, name), name_(name) {}

  ProgramData run() {
    ProgramData data;
    const std::uint32_t segments = reader_.word_up_to(kSegments, "number of segments");
    for (std::uint32_t i = 0; i < segments; ++i) data.segments.push_back(segment(i == 0));
    std::vector<std::uint64_t> used(segments);
    for (std::uint32_t items = reader_.word(); items > 0; --items) {
      data.items.push_back(item(data, used));
    }
    if (!reader_.at_end()) throw Error("{}: data section: bytes are left at its end", name_);
    for (std::uint32_t i = 0; i < segments; ++i) {
      const DataSegment& s = data.segments[i];
      if (s.bytes < used[i]) {
        throw Error("{}: segment '{}' has {} bytes, its data {}", name_, s.name, s.bytes, used[i]);
      }
      if (s.name == kDefaultSegment && (s.bytes != used[i] || s.bytes == 0)) {
        throw Error("{}: segment b0 is not what its data takes", name_);
      }
    }
    return data;
  }

 private:
  // A name that the assembler would take, and nothing else has.
  void claim(const std::string& name) {
    const auto is_letter = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const bool right = !name.empty() && is_letter(name.front()) && !is_reserved(name) &&
                       !is_function(name) && std::all_of(name.begin(), name.end(), [&](char c) {
                         return is_letter(c) || c == '.' || (c >= '0' && c <= '9');
                       });
    if (!right) throw Error("{}: data section: '{}' is no name", name_, printable(name));
    if (!names_.insert(name).second) throw Error("{}: two things are called '{}'", name_, name);
  }

  DataSegment segment(bool first) {
    DataSegment segment;
    segment.name = reader_.text();
    segment.number = reader_.word_up_to(kSegments - 1, "segment");
    segment.per_lane = reader_.word_up_to(kPerLane, "flags of a segment") != 0;
    segment.bytes = std::uint64_t{reader_.word()} * kLineBytes;
    if (first && segment.name == kDefaultSegment && segment.number == 0 && !segment.per_lane) {
      numbers_.insert(0);
      return segment;
    }
    claim(segment.name);
    claim(segment.name + ".bytes");
    if (!numbers_.insert(segment.number).second) {
      throw Error("{}: two segments are b{}", name_, segment.number);
    }
    return segment;
  }

  DataItem item(const ProgramData& data, std::vector<std::uint64_t>& used) {
    DataItem item;
    item.name = reader_.text();
    item.segment = reader_.word();
    if (item.segment >= data.segments.size() ||
        (!data.items.empty() && item.segment < data.items.back().segment)) {
      throw Error("{}: '{}' lies in segment {}", name_, printable(item.name), item.segment);
    }
    read_kind(item);
    const std::uint32_t rows = reader_.word();
    (item.is_trees() ? item.trees.trees : item.rows) = item.is_trees() ? rows / 16 : rows;
    item.trees.depth = item.is_trees() ? rows % 16 : 0;
    item.columns = reader_.word();
    claim(item.name);
    for (const char* part : parts(item.kind)) claim(item.name + part);
    const std::uint32_t count = item.is_trees() ? item.trees.trees : item.rows;
    const std::uint32_t most = item.is_trees() ? kMaxTrees : kMaxVectorLength;
    const bool right = item.is_striped()
                           ? count >= 1 && count <= most && item.columns <= kMaxVectorLength &&
                                 !item.output && !data.segments[item.segment].per_lane
                           : item.rows == 0;
    if (!right || item.columns == 0) {
      throw Error("{}: '{}' cannot have {} x {} elements", name_, item.name, rows, item.columns);
    }
    const auto image = reader_.take(image_bytes(item));
    item.image.assign(image.begin(), image.end());
    check_image(item);
    item.offset = used[item.segment];
    used[item.segment] += item.image.size();
    total_ += item.image.size();
    if (total_ > kMostDataBytes) throw Error("{}: the data takes {} bytes", name_, total_);
    return item;
  }

  void read_kind(DataItem& item) {
    const std::uint32_t flags =
        reader_.word_up_to(kInput | kOutput | kMatrix | kTreeIn | kTreeOut, "flags");
    item.input = (flags & kInput) != 0;
    item.output = (flags & kOutput) != 0;
    const std::uint32_t kinds = flags & ~(kInput | kOutput);
    for (const DataKind kind : {DataKind::kMatrix, DataKind::kTreeIn, DataKind::kTreeOut}) {
      if (kinds == kind_flag(kind)) item.kind = kind;
    }
    if (kinds != kind_flag(item.kind)) throw Error("{}: data section: flags {}", name_, flags);
  }

  // The symbols that stand for an item's sizes.
  static std::vector<const char*> parts(DataKind kind) {
    switch (kind) {
      case DataKind::kMatrix:
        return {".rows", ".cols"};
      case DataKind::kTreeIn:
        return {".trees", ".depth", ".cols", ".path"};
      case DataKind::kTreeOut:
        return {".trees", ".depth", ".rows", ".path"};
      case DataKind::kVector:
        break;
    }
    return {".len"};
  }

  // What fills an image up to whole lines, and the code of five trits, is always the same.
  void check_image(const DataItem& item) const {
    std::vector<std::byte> expected;
    const std::size_t nodes = std::size_t{item.trees.trees} * item.trees.nodes();
    if (item.is_trees()) {
      std::vector<std::int8_t> trits(nodes * item.columns);
      std::vector<std::int32_t> biases(nodes);
      if (item.kind == DataKind::kTreeIn) {
        unpack_tree_in(item.image, item.trees, item.columns, trits, biases);
        expected = pack_tree_in(item.trees, trits, item.columns, biases);
      } else {
        unpack_tree_out(item.image, item.trees, item.columns, trits);
        expected = pack_tree_out(item.trees, trits, item.columns);
      }
    } else if (item.is_matrix()) {
      std::vector<std::int8_t> trits(std::size_t{item.rows} * item.columns);
      unpack_matrix(item.image, item.rows, item.columns, trits);
      expected = pack_matrix(trits, item.columns);
    } else {
      std::vector<std::uint32_t> elements = vector_elements(item.image);
      elements.resize(item.columns);
      expected = vector_image(elements);
    }
    if (item.image != expected) throw Error("{}: '{}' is damaged", name_, item.name);
  }

  Reader reader_;
  const std::string& name_;
  std::set<std::string> names_;
  std::set<std::uint32_t> numbers_;
  std::uint64_t total_ = 0;
};

}  // namespace

void append_data(std::vector<std::byte>& file, const ProgramData& data) {
  if (data.empty()) return;
  std::vector<std::byte> body;
  put_word(body, static_cast<std::uint32_t>(data.segments.size()));
  for (const DataSegment& segment : data.segments) {
    put_text(body, segment.name);
    put_word(body, segment.number);
    put_word(body, segment.per_lane ? kPerLane : 0);
    put_word(body, static_cast<std::uint32_t>(segment.bytes / kLineBytes));
  }
  put_word(body, static_cast<std::uint32_t>(data.items.size()));
  for (const DataItem& item : data.items) {
    put_text(body, item.name);
    put_word(body, item.segment);
    put_word(body, (item.input ? kInput : 0) | (item.output ? kOutput : 0) | kind_flag(item.kind));
    put_word(body, item.is_trees() ? 16 * item.trees.trees + item.trees.depth : item.rows);
    put_word(body, item.columns);
    body.insert(body.end(), item.image.begin(), item.image.end());
  }
  std::vector<std::byte> facts;
  put_word(facts, kDataFormatVersion);
  put_word(facts, static_cast<std::uint32_t>(body.size()));
  for (const char c : kDataMagic) file.push_back(static_cast<std::byte>(c));
  file.insert(file.end(), facts.begin(), facts.end());
  put_word(file, crc32(body, crc32(facts)));
  file.insert(file.end(), body.begin(), body.end());
}

ProgramData parse_data(std::span<const std::byte> section, const std::string& name) {
  const bool ours = section.size() >= kDataHeaderBytes &&
                    std::equal(kDataMagic.begin(), kDataMagic.end(), section.begin(),
                               [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
  if (!ours) {
    throw Error("{}: {} bytes behind the instructions are no data section", name, section.size());
  }
  const auto facts = section.subspan(kDataMagic.size(), kDataFactsBytes);
  const std::uint32_t version = get_word(facts, 0), bytes = get_word(facts, 4);
  if (version != kDataFormatVersion) {
    throw Error("{}: data section of format {}, this is format {}", name, version,
                kDataFormatVersion);
  }
  const auto body = section.subspan(kDataHeaderBytes);
  if (body.size() != bytes) {
    throw Error("{}: the data section has {} bytes, its header says {}", name, body.size(), bytes);
  }
  const std::uint32_t crc = get_word(section, kDataHeaderBytes - 4);
  if (const std::uint32_t found = crc32(body, crc32(facts)); found != crc) {
    throw Error("{}: damaged: the data section's checksum is 0x{:08x}, its header says 0x{:08x}",
                name, found, crc);
  }
  return Parser(body, name).run();
}

}  // namespace sterna::assembly
