// SPDX-License-Identifier: Apache-2.0
// The library of host/ranks/ranks.h: ranks over MPI. An error of MPI's ends all of them, as it does
// unless told otherwise.
#include <mpi.h>

#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "host/ranks/ranks.h"

namespace {

// How long a rank waits awake: longer than rank 0 takes between two steps of one answer, and than
// the slowest rank takes for its share where all have processors of their own.
constexpr std::chrono::microseconds kBetweenSteps{2000}, kWithinStep{300}, kNap{50};

class MpiRanks final : public sterna::ranks::Ranks {
 public:
  MpiRanks() {
    int value = 0;
    ::MPI_Comm_rank(MPI_COMM_WORLD, &value);
    rank_ = static_cast<unsigned>(value);
    ::MPI_Comm_size(MPI_COMM_WORLD, &value);
    size_ = static_cast<unsigned>(value);
    MPI_Comm machine = MPI_COMM_NULL;
    ::MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    ::MPI_Comm_size(machine, &value);
    on_this_machine_ = static_cast<unsigned>(value);
    ::MPI_Comm_free(&machine);
  }
  // Waits for the others, which is why nobody who is in trouble may get here.
  ~MpiRanks() override { ::MPI_Finalize(); }

  unsigned rank() const override { return rank_; }
  unsigned size() const override { return size_; }
  unsigned on_this_machine() const override { return on_this_machine_; }

  void broadcast(std::span<std::int32_t> words) override {
    MPI_Request request = MPI_REQUEST_NULL;
    ::MPI_Ibcast(words.data(), static_cast<int>(words.size()), MPI_INT32_T, 0, MPI_COMM_WORLD,
                 &request);
    wait(request, kBetweenSteps);
  }

  void gather(std::span<std::int32_t> words, std::span<const std::size_t> firsts) override {
    counts_.clear();
    places_.clear();
    for (unsigned r = 0; r < size_; ++r) {
      counts_.push_back(static_cast<int>(firsts[r + 1] - firsts[r]));
      places_.push_back(static_cast<int>(firsts[r]));
    }
    MPI_Request request = MPI_REQUEST_NULL;
    ::MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, words.data(), counts_.data(),
                      places_.data(), MPI_INT32_T, MPI_COMM_WORLD, &request);
    wait(request, kWithinStep);
  }

  [[noreturn]] void abort() override {
    ::MPI_Abort(MPI_COMM_WORLD, 1);
    std::terminate();
  }

 private:
  // MPI itself would wait awake, in the way of whatever it is waiting for.
  static void wait(MPI_Request& request, std::chrono::microseconds awake) {
    const auto asleep = std::chrono::steady_clock::now() + awake;
    for (;;) {
      int done = 0;
      ::MPI_Test(&request, &done, MPI_STATUS_IGNORE);
      if (done != 0) return;
      if (std::chrono::steady_clock::now() > asleep) std::this_thread::sleep_for(kNap);
    }
  }

  unsigned rank_ = 0, size_ = 0, on_this_machine_ = 0;
  std::vector<int> counts_, places_;
};

}  // namespace

extern "C" sterna::ranks::Ranks* sterna_mpi_ranks(const char** wrong) {
  int level = MPI_THREAD_SINGLE;
  if (::MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS) {
    *wrong = "it does not start";
    return nullptr;
  }
  if (level < MPI_THREAD_SERIALIZED) {
    *wrong = "it serves no programs with threads";
    return nullptr;
  }
  return new MpiRanks;
}
