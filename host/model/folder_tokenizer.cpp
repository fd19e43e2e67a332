#include "host/model/folder_tokenizer.h"

#include <optional>
#include <string>
#include <string_view>

#include "host/model/sentencepiece_tokenizer.h"
#include "host/support/error.h"
#include "host/support/files.h"
#include "host/support/json.h"

namespace sterna {
namespace {

constexpr std::size_t kMaxJsonBytes = 64u << 20;

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
  std::optional<std::uint32_t> token(const std::string& key, std::optional<int> otherwise,
                                     bool needed, IdOf id_of) const {
    std::optional<int> id = otherwise;
    if (const auto it = json_.find(key); it != json_.end()) {
      const std::string content = it->is_null() ? "" : content_of(*it, key);
      id = it->is_null() ? std::nullopt : id_of(content);
      if (!id && needed && !it->is_null()) {
        throw Error("{}: {} {} is no token of the tokenizer", path_, key, printable(content));
      }
    }
    if (!id) return std::nullopt;
    return static_cast<std::uint32_t>(*id);
  }

 private:
  std::string content_of(const Json& value, const std::string& key) const {
    if (value.is_object()) return json_string(value, "content", path_ + ": " + key);
    if (!value.is_string()) throw Error("{}: {} is no token", path_, key);
    return value.get<std::string>();
  }

  std::string path_;
  Json json_;
};

FolderTokenizer read_sentencepiece(const std::filesystem::path& path, const ModelConfig& model,
                                   const TokenizerConfig& config) {
  FolderTokenizer tokenizer{TokenizerKind::kSentencePiece, {}, read_file(path)};
  const auto pieces =
      load_sentencepiece_model(tokenizer.serialised, model.vocab_size, path.string());
  const auto id_of = [&](std::string_view text) { return pieces->find(text); };
  const auto frame = [&](const std::string& flag, const std::string& key, bool by_default,
                         std::optional<int> own, std::vector<std::uint32_t>& tokens) {
    const std::optional<bool> wanted = config.flag(flag);
    if (!wanted.value_or(by_default)) return;
    const auto id = config.token(key, own, wanted.has_value(), id_of);
    if (id) tokens.push_back(*id);
  };
  frame("add_bos_token", "bos_token", model.bos_token_id.has_value(), pieces->bos(),
        tokenizer.frame.before);
  frame("add_eos_token", "eos_token", false, pieces->eos(), tokenizer.frame.behind);
  return tokenizer;
}

}  // namespace

FolderTokenizer read_folder_tokenizer(const std::filesystem::path& folder,
                                      const ModelConfig& model) {
  const TokenizerConfig config(folder);
  if (const auto path = folder / "tokenizer.model"; is_present(path)) {
    return read_sentencepiece(path, model, config);
  }
  return {model.vocab_size == 256 ? TokenizerKind::kBytes : TokenizerKind::kIds, {}, {}};
}

}  // namespace sterna
