// SPDX-License-Identifier: Apache-2.0
#include "host/model/folder_tokenizer.h"

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/model/added_tokens.h"
#include "host/model/sentencepiece_tokenizer.h"
#include "host/model/tokenizer_json.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"

namespace sterna::model {
namespace {

// tokenizer_config.json; a folder without it says nothing.
class TokenizerConfig {
 public:
  explicit TokenizerConfig(const std::filesystem::path& folder)
      : path_((folder / "tokenizer_config.json").string()), json_(Json::object()) {
    if (is_present(path_)) json_ = parse_json_object(read_text_file(path_, kMaxJsonBytes), path_);
  }

  std::optional<bool> flag(const std::string& key) const {
    const auto it = json_.find(key);
    if (it == json_.end() || it->is_null()) return std::nullopt;
    if (!it->is_boolean()) throw Error("{}: {} is neither true nor false", path_, key);
    return it->get<bool>();
  }

  // The id of the special token `key` ("bos_token"), a string or an object with one; `otherwise`
  // without the key. `id_of`: of the tokenizer's pieces. `needed`: it must be one of them.
  template <typename IdOf>
  std::optional<std::uint32_t> token(const std::string& key, std::optional<std::uint32_t> otherwise,
                                     bool needed, IdOf id_of) const {
    std::optional<std::uint32_t> id = otherwise;
    if (const auto it = json_.find(key); it != json_.end()) {
      const std::string content = it->is_null() ? "" : content_of(*it, key);
      id = it->is_null() ? std::nullopt : id_of(content);
      if (!id && needed && !it->is_null()) {
        throw Error("{}: {} {} is no token of the tokenizer", path_, key, printable(content));
      }
    }
    return id;
  }

  // By id: added_tokens_decoder.
  std::map<std::uint32_t, AddedToken> added_tokens() const {
    std::map<std::uint32_t, AddedToken> tokens;
    const auto all = json_.find("added_tokens_decoder");
    if (all == json_.end() || all->is_null()) return tokens;
    const std::string where = path_ + ": added_tokens_decoder";
    if (!all->is_object()) throw Error("{}: not an object", where);
    for (const auto& [key, token] : all->items()) {
      const std::string place = where + ": " + printable(key);
      std::uint32_t id = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
      if (error != std::errc() || end != key.data() + key.size() || id >= kMaxVocab) {
        throw Error("{}: no token id", place);
      }
      AddedToken& added = tokens[id];
      added.content = json_string(token, "content", place);
      if (added.content.empty()) throw Error("{}: a token without text", place);
      const auto is = [&token = token](const char* flag) {
        const auto it = token.find(flag);
        return it != token.end() && *it == true;
      };
      added.special = is("special");
      for (const char* rule : {"single_word", "lstrip", "rstrip"}) {
        if (is(rule)) throw Error("{}: {} is not supported with tokenizer.model", place, rule);
      }
    }
    return tokens;
  }
  const std::string& path() const { return path_; }

 private:
  std::string content_of(const Json& value, const std::string& key) const {
    if (value.is_object()) return json_string(value, "content", path_ + ": " + key);
    if (!value.is_string()) throw Error("{}: {} is no token", path_, key);
    return value.get<std::string>();
  }

  std::string path_;
  Json json_;
};

// The tokens at one end of a prompt; `flag` ("add_bos_token") and `key` ("bos_token") are that
// end's, `by_default` holds without the flag, `own` is the tokenizer's without the key. As with
// transformers, bos_token_id and eos_token_id of the model's own files have no say.
template <typename IdOf>
std::vector<std::uint32_t> framed(const TokenizerConfig& config, const std::string& flag,
                                  const std::string& key, bool by_default,
                                  std::optional<std::uint32_t> own, IdOf id_of) {
  const std::optional<bool> wanted = config.flag(flag);
  if (!wanted.value_or(by_default)) return {};
  const auto id = config.token(key, own, wanted.has_value(), id_of);
  if (!id && wanted) throw Error("{}: {} is true, and there is no {}", config.path(), flag, key);
  return id ? std::vector<std::uint32_t>{*id} : std::vector<std::uint32_t>{};
}

// A piece as the end of a serialised SentencePiece model: protobuf's repeated fields may follow one
// another. Special tokens are CONTROL, without text; others UNUSED, which no text is cut into.
void append_piece(const std::string& content, bool special, std::vector<std::byte>& model) {
  const auto field = [](char tag, std::string_view bytes) {
    std::string out(1, tag);
    std::size_t length = bytes.size();
    for (; length >= 0x80; length >>= 7) out += static_cast<char>(length | 0x80);
    out += static_cast<char>(length);
    return out.append(bytes);
  };
  constexpr char kControl = 3, kUnused = 5;
  std::string piece = field('\x0A', content);
  piece += '\x18';
  piece += special ? kControl : kUnused;
  for (const char c : field('\x0A', piece)) model.push_back(static_cast<std::byte>(c));
}

// Tokens that were added to the tokenizer behind its own pieces, as far as the model knows them.
void append_added(const TokenizerConfig& config, std::uint32_t pieces, std::uint32_t vocab_size,
                  std::vector<std::byte>& model) {
  for (const auto& [id, token] : config.added_tokens()) {
    if (id < pieces) continue;  // a name of the tokenizer's own piece
    if (id >= vocab_size) return;
    if (id != pieces++) throw Error("{}: no added token has id {}", config.path(), pieces - 1);
    append_piece(token.content, token.special, model);
  }
}

FolderTokenizer read_sentencepiece(const std::filesystem::path& path, const ModelConfig& model,
                                   const TokenizerConfig& config) {
  FolderTokenizer tokenizer{TokenizerKind::kSentencePiece, {}, read_file(path)};
  auto pieces = load_sentencepiece_model(tokenizer.serialised, model.vocab_size, path.string());
  append_added(config, static_cast<std::uint32_t>(pieces->pieces()), model.vocab_size,
               tokenizer.serialised);
  pieces = load_sentencepiece_model(tokenizer.serialised, model.vocab_size, path.string());
  const auto id_of = [&](std::string_view text) { return pieces->find(text); };
  tokenizer.frame.before = framed(config, "add_bos_token", "bos_token", true, pieces->bos(), id_of);
  tokenizer.frame.behind =
      framed(config, "add_eos_token", "eos_token", false, pieces->eos(), id_of);
  return tokenizer;
}

FolderTokenizer read_json(const std::filesystem::path& path, const ModelConfig& model,
                          const TokenizerConfig& config) {
  FolderTokenizer tokenizer{TokenizerKind::kBpe, {}, read_file(path)};
  TokenizerJson json =
      parse_tokenizer_json(read_text_file(path, kMaxJsonBytes), model.vocab_size, path.string());
  const auto id_of = [&](std::string_view text) { return json.model.find(text); };
  tokenizer.frame = std::move(json.frame);
  auto& [before, behind] = tokenizer.frame;
  // Llama's names stand in for a token that neither the template nor the configuration has.
  if (config.flag("add_bos_token")) {
    const auto own = before.empty() ? id_of("<s>") : before.front();
    before = framed(config, "add_bos_token", "bos_token", false, own, id_of);
  }
  if (config.flag("add_eos_token")) {
    const auto own = behind.empty() ? id_of("</s>") : behind.back();
    behind = framed(config, "add_eos_token", "eos_token", false, own, id_of);
  }
  return tokenizer;
}

FolderTokenizer read_tokenizer(const std::filesystem::path& folder, const ModelConfig& model) {
  const TokenizerConfig config(folder);
  if (const auto path = folder / "tokenizer.model"; is_present(path)) {
    return read_sentencepiece(path, model, config);
  }
  if (const auto path = folder / "tokenizer.json"; is_present(path)) {
    return read_json(path, model, config);
  }
  for (const char* name : {"vocab.json", "vocab.txt", "merges.txt", "spiece.model"}) {
    if (const auto path = folder / name; is_present(path)) {
      throw Error("{}: of a tokenizer that is read from tokenizer.model or tokenizer.json only",
                  path.string());
    }
  }
  return {model.vocab_size == 256 ? TokenizerKind::kBytes : TokenizerKind::kIds, {}, {}};
}

}  // namespace

FolderTokenizer read_folder_tokenizer(const std::filesystem::path& folder,
                                      const ModelConfig& model) {
  try {
    return read_tokenizer(folder, model);
  } catch (const Error& error) {
    throw Error("{} (--tokenizer none makes a model of bare ids)", error.what());
  }
}

}  // namespace sterna::model
