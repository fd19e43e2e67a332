// SPDX-License-Identifier: Apache-2.0
// SentencePiece behind an interface of ours, in a library that is loaded when a model needs it.
//
// Debian's libsentencepiece brings an old protobuf along and shows its symbols to the whole
// process. XRT's hardware emulation uses protobuf, too, and would call into that one and crash. So
// SentencePiece must not be linked: loaded by dlopen, it keeps its symbols to itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sterna::model {

class SentencePieceModel {
 public:
  virtual ~SentencePieceModel() = default;

  // Reads a serialised model; what is wrong with it, or "".
  virtual std::string load(std::string_view serialised) = 0;
  virtual int pieces() const = 0;
  virtual std::vector<int> encode(std::string_view text) const = 0;
  // The text of a piece that stands alone.
  virtual std::string decode(int id) const = 0;
  virtual const std::string& piece(int id) const = 0;
  // The id of exactly this piece, if there is one.
  virtual std::optional<std::uint32_t> find(std::string_view piece) const = 0;
  // The pieces that begin and end a text, if the model has them.
  virtual std::optional<std::uint32_t> bos() const = 0;
  virtual std::optional<std::uint32_t> eos() const = 0;
  virtual bool is_control(int id) const = 0;
  virtual bool is_unknown(int id) const = 0;
  virtual bool is_byte(int id) const = 0;
  virtual bool is_unused(int id) const = 0;
};

// What the library gives: sterna_sentencepiece_model, a SentencePieceModel to delete.
inline constexpr const char* kSentencePieceLibrary = "libsterna_sentencepiece.so";
inline constexpr const char* kSentencePieceFactory = "sterna_sentencepiece_model";
using SentencePieceFactory = SentencePieceModel* (*)();

// An empty model. Throws Error when the library is neither with the running program
// (support/parts.h) nor in its rpath, or cannot be loaded.
std::unique_ptr<SentencePieceModel> make_sentencepiece_model();

}  // namespace sterna::model
