// SPDX-License-Identifier: Apache-2.0
// What it takes to compile a checkpoint of the size of a release: seconds and memory. Writes a
// random BF16 checkpoint of the 370M model, compiles it, prints the figures. usage:
// build/bench_compile FOLDER     (2 GB of disk; removed at the end)
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "host/model/compiler.h"
#include "support/error.h"
#include "tests/host/random_checkpoint.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Largest resident size so far in MB: it counts the pages of the mapped checkpoint, too.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024e-6;
}

void measure(const std::filesystem::path& folder) {
  sterna::model::RandomCheckpoint checkpoint;
  checkpoint.model.vocab_size = 32000;
  checkpoint.model.hidden_size = 1024;
  checkpoint.model.layers.resize(24);
  checkpoint.model.intermediate_size = 2816;
  checkpoint.shards = 2;
  sterna::model::write_random_checkpoint(folder, checkpoint);
  double size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    size += 1e-6 * static_cast<double>(entry.file_size());
  }
  const double before = peak_megabytes();
  const auto start = Clock::now();
  sterna::model::compile_model(folder, folder / "model.sterna");
  fmt::print("checkpoint     {:.0f} MB\n", size);
  fmt::print("model.sterna   {:.0f} MB\n",
             1e-6 * static_cast<double>(std::filesystem::file_size(folder / "model.sterna")));
  fmt::print("compiled in    {:.1f} s\n", seconds_since(start));
  fmt::print("peak memory    {:.0f} MB with the mapped checkpoint, {:.0f} MB above its size\n",
             peak_megabytes(), peak_megabytes() - size);
  fmt::print("before it      {:.0f} MB\n", before);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_compile FOLDER\n");
    return 2;
  }
  const auto folder = std::filesystem::path(argv[1]) / "sterna_bench_compile";
  try {
    measure(folder);
    std::filesystem::remove_all(folder);
    return 0;
  } catch (const std::exception& error) {
    std::filesystem::remove_all(folder);
    std::fprintf(stderr, "bench_compile: %s\n", error.what());
    return 1;
  }
}
