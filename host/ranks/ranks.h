// SPDX-License-Identifier: Apache-2.0
// Several processes that compute one model together: ranks, numbered from 0, which leads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sterna::ranks {

// What they say to each other. All of them call the same functions in the same order; one thread
// of a rank at a time.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual unsigned rank() const = 0;
  virtual unsigned size() const = 0;
  // How many of them share this one's machine, itself included.
  virtual unsigned on_this_machine() const = 0;

  // Everybody gets the words of rank 0. Who waits longer than a moment sleeps meanwhile.
  virtual void broadcast(std::span<std::int32_t> words) = 0;
  // Rank r has the words from firsts[r] up to firsts[r + 1]; everybody gets all.
  virtual void gather(std::span<std::int32_t> words, std::span<const std::size_t> firsts) = 0;
  // Ends all of them, at whatever they are; this one's line should be printed by now.
  [[noreturn]] virtual void abort() = 0;

  bool concluded = false;  // something is wrong with one of them, and all know it
};

// Waits until all are here. Throws Error, on every rank, where one of them is not but concludes
// with what is wrong with it ("rank 2: ..."), or where their jobs are not the same.
void require_all(Ranks& ranks, std::uint64_t job);
// As the last thing that a rank says, unless it is concluded already: what is wrong with it, or "".
// The same of the first rank with which something is wrong.
std::string conclude(Ranks& ranks, const std::string& wrong);

// Is this process the one of those that mpirun has started, if it has, that prints?
bool is_first();
// The ranks that this process is one of; null where it is alone. Throws Error where this program
// cannot speak with the others.
std::unique_ptr<Ranks> join();

// What the library of MPI gives (libsterna_mpi.so, which is loaded when it is needed, so that
// nobody else waits for MPI): its ranks, or null and what is wrong.
inline constexpr const char* kMpiLibrary = "libsterna_mpi.so";
inline constexpr const char* kMpiFactory = "sterna_mpi_ranks";
using MpiFactory = Ranks* (*)(const char** wrong);

}  // namespace sterna::ranks
