// SPDX-License-Identifier: Apache-2.0
// The library of host/model/sentencepiece_model.h: nothing but calls.
#include <sentencepiece_processor.h>

#include "host/model/sentencepiece_model.h"

namespace {

class Processor final : public sterna::model::SentencePieceModel {
 public:
  std::string load(std::string_view serialised) override {
    const auto status = processor_.LoadFromSerializedProto(serialised);
    return status.ok() ? "" : status.message();
  }
  int pieces() const override { return processor_.GetPieceSize(); }
  std::vector<int> encode(std::string_view text) const override {
    return processor_.EncodeAsIds(text);
  }
  std::string decode(int id) const override { return processor_.DecodeIds({id}); }
  std::optional<std::uint32_t> find(std::string_view piece) const override {
    const int id = processor_.PieceToId(piece);  // of an unknown one: that of <unk>
    return known(processor_.IdToPiece(id) == piece ? id : -1);
  }
  std::optional<std::uint32_t> bos() const override { return known(processor_.bos_id()); }
  std::optional<std::uint32_t> eos() const override { return known(processor_.eos_id()); }
  const std::string& piece(int id) const override { return processor_.IdToPiece(id); }
  bool is_control(int id) const override { return processor_.IsControl(id); }
  bool is_unknown(int id) const override { return processor_.IsUnknown(id); }
  bool is_byte(int id) const override { return processor_.IsByte(id); }
  bool is_unused(int id) const override { return processor_.IsUnused(id); }

 private:
  static std::optional<std::uint32_t> known(int id) {
    return id < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(id));
  }

  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace

extern "C" sterna::model::SentencePieceModel* sterna_sentencepiece_model() { return new Processor; }
