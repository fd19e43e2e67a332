#include "host/model/tokenizer.h"

#include "host/model/sentencepiece_model.h"
#include "host/support/disguise.h"
#include "host/support/error.h"

namespace sterna {
namespace {

class ByteTokenizer : public Tokenizer {
 public:
  std::vector<std::uint32_t> encode(std::string_view text) const override {
    std::vector<std::uint32_t> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
  }
  std::string decode(std::uint32_t token, bool) const override {
    return std::string(1, static_cast<char>(token));
  }
};

class IdTokenizer : public Tokenizer {
 public:
  std::vector<std::uint32_t> encode(std::string_view) const override {
    throw Error("this model has no tokenizer: give token ids instead of text");
  }
  std::string decode(std::uint32_t token, bool first) const override {
    return (first ? "" : " ") + std::to_string(token);
  }
};

class SentencePieceTokenizer : public Tokenizer {
 public:
  SentencePieceTokenizer(std::span<const std::byte> serialised, const ModelConfig& model,
                         bool add_bos, const std::string& where)
      : pieces_(make_sentencepiece_model()), model_(model), add_bos_(add_bos) {
    const std::string_view text(reinterpret_cast<const char*>(serialised.data()),
                                serialised.size());
    if (const std::string wrong = pieces_->load(text); !wrong.empty()) {
      const std::string instead = found_instead(serialised);
      throw Error("{}: not a SentencePiece model{}", where,
                  instead.empty() ? ": " + printable(wrong, 240) : instead);
    }
    if (static_cast<std::uint32_t>(pieces_->pieces()) > model.vocab_size) {
      throw Error("{}: {} pieces for a vocabulary of {}", where, pieces_->pieces(),
                  model.vocab_size);
    }
  }

  std::vector<std::uint32_t> encode(std::string_view text) const override {
    std::vector<std::uint32_t> ids;
    if (add_bos_) ids.push_back(model_.bos_token_id);
    for (const int id : pieces_->encode(text)) ids.push_back(static_cast<std::uint32_t>(id));
    return ids;
  }

  // The pieces' own mark for a space and their byte pieces need care only here: SentencePiece's
  // Decode works on whole texts, and tokens come one at a time.
  std::string decode(std::uint32_t token, bool first) const override {
    const auto id = static_cast<int>(token);
    if (id >= pieces_->pieces() || pieces_->is_control(id)) return "";
    if (pieces_->is_unknown(id)) return "\xE2\x81\x87";  // as SentencePiece shows it
    const std::string& piece = pieces_->piece(id);
    if (pieces_->is_byte(id)) return std::string(1, byte_of(piece));
    std::string text;
    for (std::size_t i = 0; i < piece.size();) {
      if (piece.compare(i, kSpace.size(), kSpace) == 0) {
        if (!(first && i == 0)) text += ' ';
        i += kSpace.size();
      } else {
        text += piece[i++];
      }
    }
    return text;
  }

  bool ends(std::uint32_t token) const override { return token == model_.eos_token_id; }

 private:
  static constexpr std::string_view kSpace = "\xE2\x96\x81";  // U+2581

  // "<0x0A>"
  static char byte_of(const std::string& piece) {
    return static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16));
  }

  std::unique_ptr<SentencePieceModel> pieces_;
  ModelConfig model_;
  bool add_bos_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::span<const std::byte> serialised,
                                                        const ModelConfig& model, bool add_bos,
                                                        const std::string& where) {
  return std::make_unique<SentencePieceTokenizer>(serialised, model, add_bos, where);
}

std::unique_ptr<Tokenizer> make_tokenizer(const SternaFile& file) {
  switch (file.header().tokenizer) {
    case TokenizerKind::kBytes:
      return std::make_unique<ByteTokenizer>();
    case TokenizerKind::kSentencePiece:
      return make_sentencepiece_tokenizer(file.section("tokenizer"), file.header().model,
                                          file.header().add_bos, file.path() + ": tokenizer");
    default:
      return std::make_unique<IdTokenizer>();
  }
}

}  // namespace sterna
