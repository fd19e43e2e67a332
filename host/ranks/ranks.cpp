// SPDX-License-Identifier: Apache-2.0
#include "host/ranks/ranks.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "support/error.h"
#include "support/parts.h"

namespace sterna::ranks {
namespace {

// What a rank says of itself.
struct Word {
  std::array<char, 1016> wrong{};  // up to a zero
  std::uint64_t job = 0;
};
constexpr std::size_t kWords = sizeof(Word) / sizeof(std::int32_t);

// Has mpirun started more than this process?
bool among_others() {
  const char* const size = std::getenv("OMPI_COMM_WORLD_SIZE");
  return size != nullptr && std::strtoul(size, nullptr, 10) > 1;
}

// What is wrong with the first rank with which something is; else, whose job is not rank 0's.
std::string agree(Ranks& ranks, const std::string& wrong, std::uint64_t job) {
  Word own;
  std::copy_n(wrong.begin(), std::min(wrong.size(), own.wrong.size() - 1), own.wrong.begin());
  own.job = job;
  std::vector<std::int32_t> words(ranks.size() * kWords);
  std::vector<std::size_t> firsts;
  for (std::size_t r = 0; r <= ranks.size(); ++r) firsts.push_back(r * kWords);
  std::memcpy(&words[firsts[ranks.rank()]], &own, sizeof own);
  ranks.gather(words, firsts);
  std::vector<Word> all(ranks.size());
  std::memcpy(static_cast<void*>(all.data()), words.data(), words.size() * sizeof(words[0]));
  for (std::size_t r = 0; r < all.size(); ++r) {
    const std::string text = all[r].wrong.data();
    if (!text.empty()) return r == 0 ? text : fmt::format("rank {}: {}", r, text);
  }
  for (std::size_t r = 1; r < all.size(); ++r) {
    if (all[r].job != all[0].job) {
      return fmt::format("rank {} has another model or other options than rank 0", r);
    }
  }
  return "";
}

}  // namespace

void require_all(Ranks& ranks, std::uint64_t job) {
  const std::string wrong = agree(ranks, "", job);
  ranks.concluded = !wrong.empty();
  if (ranks.concluded) throw Error(wrong);
}

std::string conclude(Ranks& ranks, const std::string& wrong) {
  return ranks.concluded ? wrong : agree(ranks, wrong, 0);
}

bool is_first() {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  return rank == nullptr || std::strtoul(rank, nullptr, 10) == 0;
}

std::unique_ptr<Ranks> join() {
  if (!among_others()) return nullptr;
  const std::filesystem::path path = find_part(kMpiLibrary);
  if (path.empty()) {
    throw Error(
        "mpirun: this sterna was built without MPI (libopenmpi-dev), so each process would be "
        "alone");
  }
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error("cannot load MPI: {}", ::dlerror());
  void* factory = ::dlsym(library, kMpiFactory);
  if (factory == nullptr) throw Error("{}: no {} in it", path.string(), kMpiFactory);
  const char* wrong = "";
  std::unique_ptr<Ranks> ranks(reinterpret_cast<MpiFactory>(factory)(&wrong));
  if (ranks == nullptr) throw Error("MPI: {}", wrong);
  return ranks;
}

}  // namespace sterna::ranks
