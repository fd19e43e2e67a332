// SPDX-License-Identifier: Apache-2.0
// Byte pair encoding: words to pieces by merges that were learned in an order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sterna::model {

class BpeModel {
 public:
  struct Options {
    std::optional<std::uint32_t> unknown;  // for characters that have no piece; else they are lost
    bool byte_fallback = false;  // such characters as their bytes, "<0x0A>", where those are pieces
    bool fuse_unknown = false;   // one token for several unknown characters in a row
    bool ignore_merges = false;  // a word that is a piece is not built by merges
  };

  // Throws Error when the id has another piece, or the piece another id.
  void add_piece(const std::string& piece, std::uint32_t id);
  // The next merge in order, of two pieces to one. Throws Error when one of the three is no piece.
  void add_merge(const std::string& left, const std::string& right);
  void set_options(const Options& options) { options_ = options; }

  std::optional<std::uint32_t> find(std::string_view piece) const;
  // Of an id that has no piece: nullptr.
  const std::string* piece(std::uint32_t id) const;

  // Appends the pieces of the word, which may be a whole text, to `ids`.
  void encode(std::string_view word, std::vector<std::uint32_t>& ids) const;

 private:
  struct Merge {
    std::uint32_t rank = 0;
    std::uint32_t id = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::uint32_t known(const std::string& piece) const;
  const Merge* merge(std::uint32_t left, std::uint32_t right) const;
  std::vector<std::uint32_t> characters(std::string_view word) const;

  Options options_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> ids_;
  std::unordered_map<std::uint32_t, std::string> pieces_;
  std::unordered_map<std::uint64_t, Merge> merges_;  // by both ids
  std::uint32_t ranks_ = 0;
};

// The byte that a piece like "<0x0A>" stands for.
std::optional<char> byte_piece(std::string_view piece);

}  // namespace sterna::model
