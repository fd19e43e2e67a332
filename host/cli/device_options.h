// SPDX-License-Identifier: Apache-2.0
// The options that choose what computes: --backend and all that belongs to it, the same in every
// command.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/backends/backends.h"

namespace sterna::cli {

inline const std::vector<std::string> kAllDevices = {"golden", "rtl", "xrt", "serial"};
// What predicts the tokens of a model.
inline const std::vector<std::string> kAllEngines = {"cpu", "cuda", "golden",
                                                     "rtl", "xrt",  "serial"};

// Adds --backend, one of `backends` (options.name unless given), and those of --config, --lanes,
// --channels, --memory, --threads, --lockstep, --xclbin, --device, --emulate and --port
// (--serial-port where the command has another --port) that have an effect with one of them; not
// `without`, which has none in this command. Values are checked as they are read.
void add_device_options(CLI::App& verb, backends::BackendOptions& options,
                        const std::vector<std::string>& backends = kAllDevices,
                        const char* without = nullptr);

// The same options where --backend, --config, --memory, --lanes, --channels and --threads may be
// lists with commas between their values.
struct BackendLists {
  std::string name = "cpu", configuration = "demo", memory = "fast", lanes = "1", channels = "1";
  std::string threads = "0";  // one a processor
  bool lockstep = false;
  std::string xclbin{};
  std::string card = "0";
  bool emulate = false;
  std::string port{};
};
void add_device_options(CLI::App& verb, BackendLists& lists);

// To be called before anything else of the verb's work. Throws Error for an option that has no
// effect with the backend chosen (nor with `other`, a second one that runs beside it, empty for
// none), and what prepare_xrt throws; like that it may start the command anew.
void prepare_device(const CLI::App& verb, const backends::BackendOptions& options,
                    const std::string& other = "");

// The same for lists: every backend with every value of what belongs to it. Throws Error, too, when
// that asks for more than one device of XRT's.
std::vector<backends::BackendOptions> prepare_devices(const CLI::App& verb,
                                                      const BackendLists& lists);

// For BackendOptions::progress: a line on the terminal that says how far lockstep is, where the
// command shows nothing else meanwhile.
std::function<void(std::uint64_t)> lockstep_progress();

// Checks of single values: a configuration of the RTL that is built, else the message says how to
// build it; a memory of the simulated RTL; one of several words, listed in the help.
CLI::Validator built_configuration();
CLI::Validator simulated_memory();
CLI::Validator one_of(const std::vector<std::string>& words);

}  // namespace sterna::cli
