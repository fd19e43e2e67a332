// SPDX-License-Identifier: Apache-2.0
// One run of a program, on golden and, when another backend is asked for, there too.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "device/observer.h"
#include "device/stepped_device.h"
#include "host/backends/backends.h"
#include "host/cli/program_setup.h"
#include "host/cli/sim_arguments.h"
#include "host/program/program.h"
#include "sim/golden/program_checker.h"
#include "support/files.h"

namespace sterna::cli {

struct SimOptions {
  ProgramOptions program;
  backends::BackendOptions backend;
  std::vector<std::string> outputs, dumps;
  bool trace = false;
  unsigned runs = 1;
  std::string wave;
  unsigned timeout = 600;  // seconds
};

class Simulation final : private DeviceObserver {
 public:
  // Throws Error for what is wrong with the options, before anything runs.
  explicit Simulation(const SimOptions& options);

  // How the program ended. Prints it, what --trace asks for and the program's outputs, and writes
  // files. Throws Error when the backend differs from golden.
  Status run();

 private:
  struct Dump {
    explicit Dump(const DumpArgument& argument) : from(argument), file(argument.file) {}
    DumpArgument from;
    AtomicFile file;  // opened before the program runs: what cannot be written is told at once
  };
  struct Output {
    const assembly::DataItem* item = nullptr;
    std::unique_ptr<AtomicFile> file{};  // none: to be printed
  };

  void make_devices(const SimOptions& options);
  void choose_outputs(const std::vector<std::string>& files);
  void observe(const golden::Step& step);
  void retired(std::uint64_t cycle, unsigned unit, std::uint32_t pc) override;
  void issued(std::uint64_t, std::uint32_t) override {}
  program::ProgramEnd run_on(Device& device);
  void compare(const program::ProgramEnd& expected, const program::ProgramEnd& end);
  void print_end(Device& device, const program::ProgramEnd& end) const;
  void write(Device& device, Dump& dump) const;
  void show(Device& device, Output& output) const;

  const bool rtl_, on_card_, trace_;
  const unsigned runs_;
  ProgramSetup setup_;
  const std::string wave_;
  const std::chrono::seconds timeout_;
  std::list<Dump> dumps_;
  std::vector<Output> outputs_;
  golden::ProgramChecker checker_;
  std::vector<std::string> results_;  // by address; what --trace shows for rtl
  std::unique_ptr<Device> golden_;
  std::unique_ptr<Device> plain_;           // a card or a board,
  std::unique_ptr<SteppedDevice> stepped_;  // the rtl, or one of those in lockstep
  Device* hardware_ = nullptr;              // whichever there is
};

}  // namespace sterna::cli
