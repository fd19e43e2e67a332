// SPDX-License-Identifier: Apache-2.0
#include "isa/trees.h"

#include <array>
#include <cstring>

#include "isa/numerics.h"
#include "isa/trits.h"

namespace sterna {
namespace {

std::int32_t get_fix(std::span<const std::byte> bytes) {
  std::uint32_t word = 0;
  for (unsigned i = 0; i < 4; ++i) word |= std::to_integer<std::uint32_t>(bytes[i]) << 8 * i;
  return static_cast<std::int32_t>(word);
}

void put_fix(std::span<std::byte> bytes, std::int32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<std::uint32_t>(value) >> 8 * i & 0xFF);
  }
}

// A node of a tree: its level in its block, its place there in heap order, and its number among the
// nodes of all trees.
struct Node {
  std::uint32_t level = 0;
  std::uint32_t place = 0;
  std::size_t number = 0;
};

// Calls visit(block, nodes) for every block in the order of their numbers.
template <typename Visit>
void for_each_block(const TreeShape& shape, const Visit& visit) {
  std::uint64_t block = 0;
  std::vector<Node> nodes;
  for (std::uint32_t j = 0; j < shape.blocks_on_path(); ++j) {
    for (std::uint32_t tree = 0; tree < shape.trees; ++tree) {
      for (std::uint32_t x = 0; x < 1u << shape.block_level(j); ++x) {
        nodes.clear();
        for (std::uint32_t level = 0; level < shape.block_levels(j); ++level) {
          const std::uint32_t first = (1u << (shape.block_level(j) + level)) - 1;
          for (std::uint32_t i = 0; i < 1u << level; ++i) {
            nodes.push_back({level, (1u << level) - 1 + i,
                             std::size_t{tree} * shape.nodes() + first + (x << level | i)});
          }
        }
        visit(block++, std::span<const Node>(nodes));
      }
    }
  }
}

// Is the node on the path of this record?
bool on_path(const Node& node, std::uint32_t record) {
  return node.place + 1 == (1u << node.level | record >> (kTreeBlockLevels - 1 - node.level));
}

// Does a path ever lead to the record? The decisions of levels that a block lacks are to the left.
bool visited(std::uint32_t levels, std::uint32_t record) {
  return levels >= kTreeBlockLevels - 1 || record % (1u << (kTreeBlockLevels - 1 - levels)) == 0;
}

// Calls visit(record, node) for every node of every record that a path leads to.
template <typename Visit>
void for_each_record(const TreeShape& shape, const Visit& visit) {
  for_each_block(shape, [&](std::uint64_t block, std::span<const Node> nodes) {
    for (std::uint32_t record = 0; record < kBlockRecords; ++record) {
      if (!visited(nodes.back().level + 1, record)) continue;
      for (const Node& node : nodes) {
        if (on_path(node, record)) visit(block * kBlockRecords + record, node);
      }
    }
  });
}

// The 32-bit word of a node's outputs in a record that output `output` lies in, in bytes, and its
// bits there.
std::size_t output_word(std::uint32_t level, std::uint32_t output) {
  return std::size_t{kTreeOutputBytes} * (output / kTreeOutputs * kTreeBlockLevels + level);
}
unsigned output_shift(std::uint32_t output) { return 2 * (output % kTreeOutputs); }

}  // namespace

TreeShape tree_shape(const Instruction& instruction) {
  const InstructionInfo& info = *find_instruction(instruction.get(Field::kOp));
  return {instruction.get(info.trees), instruction.get(Field::kDepth)};
}

bool follow_trees(const Instruction& instruction, TreeShape& walked) {
  switch (static_cast<Opcode>(instruction.get(Field::kOp))) {
    case Opcode::kFffin:
      walked = tree_shape(instruction);
      return true;
    case Opcode::kFffout:
      return walked == tree_shape(instruction);
    default:
      return true;
  }
}

std::vector<std::byte> pack_tree_in(const TreeShape& shape, std::span<const std::int8_t> trits,
                                    std::uint32_t columns, std::span<const std::int32_t> biases) {
  const std::size_t piece = packed_group_bytes(columns);
  std::vector<std::byte> image(tree_in_lines(shape, columns) * kLineBytes);
  std::vector<std::int8_t> rows(std::size_t{kBlockNodes} * columns);
  for_each_block(shape, [&](std::uint64_t block, std::span<const Node> nodes) {
    const auto out = std::span(image).subspan(block * kBlockPieces * piece, kBlockPieces * piece);
    std::fill(rows.begin(), rows.end(), std::int8_t{0});
    for (const Node& node : nodes) {
      std::copy_n(trits.data() + node.number * columns, columns,
                  rows.data() + std::size_t{node.place} * columns);
      put_fix(out.subspan(kBlockGroups * piece + std::size_t{4} * node.place, 4),
              biases[node.number]);
    }
    const std::size_t group = std::size_t{kTritsPerByte} * columns;
    for (std::uint32_t g = 0; g < kBlockGroups; ++g) {
      pack_group(std::span(rows).subspan(g * group, group), columns, out.subspan(g * piece, piece));
    }
  });
  return image;
}

void unpack_tree_in(std::span<const std::byte> image, const TreeShape& shape, std::uint32_t columns,
                    std::span<std::int8_t> trits, std::span<std::int32_t> biases) {
  const std::size_t piece = packed_group_bytes(columns);
  for_each_block(shape, [&](std::uint64_t number, std::span<const Node> nodes) {
    const auto block = image.subspan(number * kBlockPieces * piece, kBlockPieces * piece);
    for (const Node& node : nodes) {
      const auto group = block.subspan(node.place / kTritsPerByte * piece, piece);
      for (std::uint32_t c = 0; c < columns; ++c) {
        std::array<std::int8_t, kTritsPerByte> column;
        numerics::unpack_trits(std::to_integer<std::uint8_t>(group[c]), column.data());
        trits[node.number * columns + c] = column[node.place % kTritsPerByte];
      }
      biases[node.number] =
          get_fix(block.subspan(kBlockGroups * piece + std::size_t{4} * node.place, 4));
    }
  });
}

std::vector<std::byte> pack_tree_out(const TreeShape& shape, std::span<const std::int8_t> trits,
                                     std::uint32_t rows) {
  const std::size_t bytes = kLineBytes * q8_lines(rows);
  std::vector<std::byte> image(tree_out_lines(shape, rows) * kLineBytes);
  for_each_record(shape, [&](std::uint64_t record, const Node& node) {
    const auto out = std::span(image).subspan(record * bytes, bytes);
    for (std::uint32_t r = 0; r < rows; ++r) {
      const unsigned shift = output_shift(r);
      out[output_word(node.level, r) + shift / 8] |=
          std::byte{pack_output(trits[node.number * rows + r])} << shift % 8;
    }
  });
  return image;
}

void unpack_tree_out(std::span<const std::byte> image, const TreeShape& shape, std::uint32_t rows,
                     std::span<std::int8_t> trits) {
  const std::size_t bytes = kLineBytes * q8_lines(rows);
  for_each_record(shape, [&](std::uint64_t record, const Node& node) {
    const auto in = image.subspan(record * bytes, bytes);
    for (std::uint32_t r = 0; r < rows; ++r) {
      const unsigned shift = output_shift(r);
      trits[node.number * rows + r] = unpack_output(
          std::to_integer<unsigned>(in[output_word(node.level, r) + shift / 8]) >> shift % 8);
    }
  });
}

void tree_in_part(std::span<const std::byte> image, std::uint32_t columns, unsigned channel,
                  unsigned channels, std::vector<std::byte>& part) {
  const std::size_t piece = packed_group_bytes(columns);
  part.resize(image.size() / channels);
  for (std::uint64_t i = 0; i < image.size() / piece; ++i) {
    const std::uint64_t block = i / kBlockPieces;
    const PiecePlace place = piece_place(block, i % kBlockPieces, piece, channels);
    if (place.channel == channel) {
      std::memcpy(part.data() + place.line, image.data() + i * piece, piece);
    }
  }
}

}  // namespace sterna
