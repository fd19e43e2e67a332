#include "host/model/sentencepiece_model.h"

#include <dlfcn.h>

#include <filesystem>

#include "host/support/error.h"

namespace sterna {

std::unique_ptr<SentencePieceModel> make_sentencepiece_model() {
  const std::filesystem::path path =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / kSentencePieceLibrary;
  // All symbols now: libraries that come later must not answer for SentencePiece's own.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error("cannot load SentencePiece: {}", ::dlerror());
  void* factory = ::dlsym(library, kSentencePieceFactory);
  if (factory == nullptr) throw Error("{}: no {} in it", path.string(), kSentencePieceFactory);
  return std::unique_ptr<SentencePieceModel>(reinterpret_cast<SentencePieceFactory>(factory)());
}

}  // namespace sterna
