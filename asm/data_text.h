// SPDX-License-Identifier: Apache-2.0
// Vectors and matrices as text, for programs written by hand: to and from the layout of
// docs/numerics.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::assembly {

// Numbers with blanks, line ends or one comma between them, # begins a comment: to the elements of
// a fix vector. Throws Error with file:line for anything else, for commas without a number on
// either side, and for numbers that fix does not hold.
std::vector<std::uint32_t> elements_from_text(std::string_view text, const std::string& file);

// The elements of a vector as they lie in memory, filled up with zeros to whole lines; and back,
// with those zeros.
std::vector<std::byte> vector_image(std::span<const std::uint32_t> elements);
std::vector<std::uint32_t> vector_elements(std::span<const std::byte> image);

// elements_from_text, as they lie in memory.
std::vector<std::byte> vector_from_text(std::string_view text, const std::string& file);

struct TextMatrix {
  std::uint32_t rows = 0, columns = 0;
  std::vector<std::byte> packed;
};

// A row a line, of the characters + 0 - with blanks between them or not, # begins a comment: to
// packed weights. Throws Error with file:line for anything else, for rows of different lengths and
// for more than kMaxVectorLength of either.
TextMatrix matrix_from_text(std::string_view text, const std::string& file);

// The nodes of trees, a line each: a row as matrix_from_text's and, where they have biases, behind
// a comma a number (0 without).
struct TextNodes {
  std::uint32_t columns = 0;
  std::vector<std::int8_t> trits;    // nodes x columns
  std::vector<std::int32_t> biases;  // fix, one a node
};
TextNodes nodes_from_text(std::string_view text, const std::string& file, bool with_biases);

// Trits, each of the three as likely as the others; the same seed always gives the same.
std::vector<std::int8_t> random_trits(std::size_t count, std::uint64_t seed);
// A matrix of them, packed.
std::vector<std::byte> random_matrix(std::uint32_t rows, std::uint32_t columns, std::uint64_t seed);

// The elements of a fix vector, a number a line. `data` is a multiple of 4 bytes, else it throws
// Error.
std::string vector_to_text(std::span<const std::byte> data, const std::string& file);

}  // namespace sterna::assembly
