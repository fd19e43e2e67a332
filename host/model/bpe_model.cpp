// SPDX-License-Identifier: Apache-2.0
#include "host/model/bpe_model.h"

#include <charconv>
#include <queue>

#include "host/model/utf8.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::model {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};

// A piece of the word that grows by merging with its right neighbour.
struct Symbol {
  std::uint32_t id = 0;
  std::size_t left = kNone, right = kNone;
  bool merged = false;  // into its left neighbour
};

// The symbol at `left` and its neighbour may become `id`.
struct Candidate {
  std::uint32_t rank = 0;
  std::size_t left = 0;
  std::uint32_t id = 0;

  // The first merge comes first, of equal ones the leftmost.
  bool operator<(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : left > other.left;
  }
};

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
  return std::uint64_t{left} << 32 | right;
}

}  // namespace

void BpeModel::add_piece(const std::string& piece, std::uint32_t id) {
  const auto [at, added] = ids_.emplace(piece, id);
  if (!added && at->second != id) {
    throw Error("{} has the ids {} and {}", printable(piece), at->second, id);
  }
  const auto [other, free] = pieces_.emplace(id, piece);
  if (!free && other->second != piece) {
    throw Error("id {} is {} and {}", id, printable(other->second), printable(piece));
  }
}

std::uint32_t BpeModel::known(const std::string& piece) const {
  const auto id = find(piece);
  if (!id) throw Error("{} is no piece of the vocabulary", printable(piece));
  return *id;
}

void BpeModel::add_merge(const std::string& left, const std::string& right) {
  const std::uint64_t key = pair_key(known(left), known(right));
  merges_[key] = {ranks_++, known(left + right)};
}

std::optional<std::uint32_t> BpeModel::find(std::string_view piece) const {
  const auto it = ids_.find(piece);
  return it == ids_.end() ? std::nullopt : std::optional(it->second);
}

const std::string* BpeModel::piece(std::uint32_t id) const {
  const auto it = pieces_.find(id);
  return it == pieces_.end() ? nullptr : &it->second;
}

const BpeModel::Merge* BpeModel::merge(std::uint32_t left, std::uint32_t right) const {
  const auto it = merges_.find(pair_key(left, right));
  return it == merges_.end() ? nullptr : &it->second;
}

// One id a character, or several for its bytes. What was unknown is written when the next known
// piece comes: that, too, is as `tokenizers` does it.
std::vector<std::uint32_t> BpeModel::characters(std::string_view word) const {
  std::vector<std::uint32_t> ids;
  bool pending = false;  // an unknown one
  const auto flush = [&] {
    if (pending) ids.push_back(*options_.unknown);
    pending = false;
  };
  const auto bytes = [&](std::string_view character) {
    std::vector<std::uint32_t> all;
    for (const char c : character) {
      const auto id = find(fmt::format("<0x{:02X}>", static_cast<unsigned char>(c)));
      if (!id) return false;
      all.push_back(*id);
    }
    ids.insert(ids.end(), all.begin(), all.end());
    return true;
  };
  while (!word.empty()) {
    const std::string_view character = word.substr(0, character_length(word));
    word.remove_prefix(character.size());
    if (const auto id = find(character)) {
      flush();
      ids.push_back(*id);
    } else if (!(options_.byte_fallback && bytes(character)) && options_.unknown) {
      if (!options_.fuse_unknown) flush();
      pending = true;
    }
  }
  flush();
  return ids;
}

void BpeModel::encode(std::string_view word, std::vector<std::uint32_t>& ids) const {
  if (options_.ignore_merges) {
    if (const auto id = find(word)) return ids.push_back(*id);
  }
  std::vector<Symbol> symbols;
  for (const std::uint32_t id : characters(word)) {
    const std::size_t i = symbols.size();
    symbols.push_back({id, i == 0 ? kNone : i - 1, i + 1, false});
  }
  if (symbols.empty()) return;
  symbols.back().right = kNone;

  std::priority_queue<Candidate> queue;
  const auto consider = [&](std::size_t left) {
    if (left == kNone || symbols[left].right == kNone) return;
    if (const Merge* m = merge(symbols[left].id, symbols[symbols[left].right].id)) {
      queue.push({m->rank, left, m->id});
    }
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) consider(i);
  while (!queue.empty()) {
    const Candidate next = queue.top();
    queue.pop();
    Symbol& symbol = symbols[next.left];
    if (symbol.merged || symbol.right == kNone) continue;
    Symbol& right = symbols[symbol.right];
    // Has one of the two been merged with another one meanwhile?
    const Merge* m = merge(symbol.id, right.id);
    if (m == nullptr || m->id != next.id) continue;
    symbol.id = next.id;
    right.merged = true;
    symbol.right = right.right;
    if (symbol.right != kNone) symbols[symbol.right].left = next.left;
    consider(symbol.left);
    consider(next.left);
  }
  for (const Symbol& symbol : symbols) {
    if (!symbol.merged) ids.push_back(symbol.id);
  }
}

std::optional<char> byte_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || !piece.ends_with('>')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  if (error != std::errc() || end != piece.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace sterna::model
