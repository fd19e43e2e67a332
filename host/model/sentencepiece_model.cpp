// SPDX-License-Identifier: Apache-2.0
#include "host/model/sentencepiece_model.h"

#include <dlfcn.h>

#include <filesystem>

#include "support/error.h"
#include "support/parts.h"

namespace sterna::model {

std::unique_ptr<SentencePieceModel> make_sentencepiece_model() {
  std::filesystem::path path = find_part(kSentencePieceLibrary);
  // Not ours, the program: it was linked with -rpath to where ours is installed.
  if (path.empty()) path = kSentencePieceLibrary;
  // All symbols now: libraries that come later must not answer for SentencePiece's own.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error("cannot load SentencePiece: {}", ::dlerror());
  void* factory = ::dlsym(library, kSentencePieceFactory);
  if (factory == nullptr) throw Error("{}: no {} in it", path.string(), kSentencePieceFactory);
  return std::unique_ptr<SentencePieceModel>(reinterpret_cast<SentencePieceFactory>(factory)());
}

}  // namespace sterna::model
