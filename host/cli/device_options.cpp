// SPDX-License-Identifier: Apache-2.0
#include "host/cli/device_options.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "host/cli/numbers.h"
#include "host/cli/prepare_xrt.h"
#include "host/cli/progress.h"
#include "isa/generated/isa.h"
#include "sim/platform/memory_model.h"
#include "sim/rtl/rtl_model.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

constexpr const char* kGroup = "Device";

// What may compute, as bits.
constexpr unsigned kGolden = 1, kRtl = 2, kCard = 4, kEmulation = 8, kFloat = 16, kCpu = 32,
                   kCuda = 64, kSerial = 128;

unsigned machine(const std::string& backend, bool emulate) {
  if (backend == "cpu") return kCpu;
  if (backend == "cuda") return kCuda;
  if (backend == "golden") return kGolden;
  if (backend == "rtl") return kRtl;
  if (backend == "xrt") return emulate ? kEmulation : kCard;
  if (backend == "serial") return kSerial;
  return backend == "float" ? kFloat : 0;
}

constexpr struct {
  const char* option;
  unsigned machines;  // on which it has an effect
  const char* where;
} kRules[] = {
    {"--config", kRtl | kEmulation, "for --backend rtl and for --emulate"},
    {"--memory", kRtl | kEmulation, "for --backend rtl and for --emulate"},
    {"--lanes", kCpu | kCuda | kGolden | kFloat,
     "for --backend cpu, cuda or golden: hardware has those of its configuration"},
    {"--channels", kGolden, "for --backend golden: hardware has those of its configuration"},
    {"--threads", kCpu, "for --backend cpu"},
    {"--lockstep", kRtl | kCard | kEmulation | kSerial, "for --backend rtl, xrt and serial"},
    {"--xclbin", kCard | kEmulation, "for --backend xrt"},
    {"--emulate", kEmulation, "for --backend xrt"},
    {"--port", kSerial, "for --backend serial"},
    {"--serial-port", kSerial, "for --backend serial"},
    {"--device", kCard, "for a card: --backend xrt without --emulate"},
};

// A command need not have it; one of the same name may mean something else there.
CLI::Option* device_option(CLI::App& verb, const char* name) {
  CLI::Option* option = verb.get_option_no_throw(name);
  return option == nullptr || option->get_group() != kGroup ? nullptr : option;
}

// Takes away what has no effect with any of the backends.
void remove_useless(CLI::App& verb, const std::vector<std::string>& backends) {
  unsigned machines = 0;
  for (const std::string& name : backends) machines |= machine(name, false) | machine(name, true);
  for (const auto& rule : kRules) {
    CLI::Option* option = device_option(verb, rule.option);
    if (option != nullptr && (rule.machines & machines) == 0) verb.remove_option(option);
  }
}

// `check` makes of the check of a value that of the option.
template <typename Options, typename Check>
void add_options(CLI::App& verb, Options& options, const std::vector<std::string>& backends,
                 Check check) {
  const auto add = [&](const char* name, auto& variable, const char* help) {
    return verb.add_option(name, variable, help)->capture_default_str()->group(kGroup);
  };
  add("--backend", options.name, "What computes")->transform(check(one_of(backends)));
  add("--config", options.configuration, "rtl, --emulate: the RTL's configuration")
      ->transform(check(built_configuration()));
  add("--memory", options.memory,
      "rtl, --emulate: memory of a fixed latency, or with DDR4-2400's timing behind the hardware "
      "and PCIe's before it")
      ->transform(check(simulated_memory()));
  add("--lanes", options.lanes,
      "cpu, cuda, golden: sequences side by side; hardware has the lanes of its configuration")
      ->transform(check(whole_number<std::uint32_t>(1, kMaxLanes)));
  add("--channels", options.channels, "golden: memory channels; hardware has its own")
      ->transform(check(one_of({"1", "2", "4", "8"})));
  verb.add_option("--threads", options.threads, "cpu: threads; without it one a processor")
      ->transform(check(whole_number<unsigned>(1, 1024)))
      ->group(kGroup);
  verb.add_flag(
          "--lockstep", options.lockstep,
          "rtl, xrt, serial: compare the result of every instruction with golden's; cards and "
          "boards run the program again for every few")
      ->group(kGroup);
  add("--xclbin", options.xclbin, "xrt: the file to load the card with");
  add("--device", options.card, "xrt: which card, by index or PCIe address (BDF)");
  // `serve` has a --port of its own.
  const bool taken = verb.get_option_no_throw("--port") != nullptr;
  add(taken ? "--serial-port" : "--port", options.port,
      "serial: the port of the board, such as /dev/ttyUSB0");
  verb.add_flag("--emulate", options.emulate,
                "xrt: the RTL behind XRT's hardware emulation, no card")
      ->group(kGroup);
  remove_useless(verb, backends);
}

// How often the user gave an option; a command need not have it.
std::size_t count(const CLI::App& verb, const char* name) {
  const CLI::Option* option = verb.get_option_no_throw(name);
  return option == nullptr || option->get_group() != kGroup ? 0 : option->count();
}

// Throws Error for an option that none of the machines heeds.
void check_effects(const CLI::App& verb, unsigned machines) {
  for (const auto& rule : kRules) {
    if (count(verb, rule.option) != 0 && (rule.machines & machines) == 0) {
      throw Error("{} is {}", rule.option, rule.where);
    }
  }
  for (const char* option : {"--config", "--memory"}) {
    if ((machines & ~kFloat) == kEmulation && count(verb, "--xclbin") != 0 &&
        count(verb, option) != 0) {
      throw Error("{} chooses the xclbin that --emulate makes: not with --xclbin", option);
    }
  }
}

// The values of a list; of one that makes no difference the first stands for all.
std::vector<std::string> values(const std::string& list, bool matters) {
  std::vector<std::string> all = split_list(list, "");
  if (!matters) all.resize(1);
  return all;
}

}  // namespace

std::function<void(std::uint64_t)> lockstep_progress() {
  return [progress = std::make_shared<Progress>("lockstep")](std::uint64_t compared) {
    if (compared == 0) return progress->clear();
    progress->update(fmt::format("{} instructions compared", compared));
  };
}

CLI::Validator one_of(const std::vector<std::string>& words) {
  const std::string list = fmt::format("{}", fmt::join(words, ", "));
  return CLI::Validator(
      [words, list](const std::string& word) {
        if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
        return fmt::format("'{}' is {} {}", printable(word), words.size() == 1 ? "not" : "none of",
                           list);
      },
      fmt::format("{{{}}}", fmt::join(words, ",")));
}

CLI::Validator built_configuration() {
  return CLI::Validator(
      [](const std::string& name) -> std::string {
        try {
          rtl::require_configuration(name);
          return "";
        } catch (const Error& error) {
          return error.what();
        }
      },
      fmt::format("{{{}}}", fmt::join(rtl::rtl_configurations(), ",")));
}

CLI::Validator simulated_memory() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        try {
          platform::parse_memory_model(text);
          return "";
        } catch (const Error& error) {
          return error.what();
        }
      },
      "{fast,ddr4,ddr4:shared,ddr4:latency=Nns,hbm}");
}

void add_device_options(CLI::App& verb, backends::BackendOptions& options,
                        const std::vector<std::string>& backends, const char* without) {
  add_options(verb, options, backends, [](const CLI::Validator& check) { return check; });
  if (without != nullptr) verb.remove_option(verb.get_option(without));
}

void add_device_options(CLI::App& verb, BackendLists& lists) {
  add_options(verb, lists, kAllEngines, each);
  for (const char* option :
       {"--backend", "--config", "--memory", "--lanes", "--channels", "--threads"}) {
    verb.get_option(option)->type_name("LIST");
  }
}

void prepare_device(const CLI::App& verb, const backends::BackendOptions& options,
                    const std::string& other) {
  check_effects(verb, machine(options.name, options.emulate) | machine(other, options.emulate));
  if (options.name == "xrt" || other == "xrt") prepare_xrt(options);
}

std::vector<backends::BackendOptions> prepare_devices(const CLI::App& verb,
                                                      const BackendLists& lists) {
  unsigned machines = 0;
  std::vector<backends::BackendOptions> all;
  for (const std::string& name : split_list(lists.name, "--backend")) {
    const unsigned kind = machine(name, lists.emulate);
    machines |= kind;
    const bool cpu = kind == kCpu, golden = kind == kGolden;
    const bool any_lanes = cpu || golden || kind == kCuda;
    const bool simulated = (kind & (kRtl | kEmulation)) != 0;
    for (const std::string& configuration : values(lists.configuration, simulated)) {
      for (const std::string& memory : values(any_lanes ? "fast" : lists.memory, simulated)) {
        for (const std::string& channels : values(lists.channels, golden)) {
          for (const std::string& lanes : values(lists.lanes, any_lanes)) {
            for (const std::string& threads : values(lists.threads, cpu)) {
              backends::BackendOptions one;
              one.name = name;
              one.configuration = configuration;
              one.memory = memory;
              one.channels = static_cast<std::uint32_t>(parse_whole_number(channels, "--channels"));
              one.lanes = static_cast<std::uint32_t>(parse_whole_number(lanes, "--lanes"));
              one.threads = static_cast<unsigned>(parse_whole_number(threads, "--threads"));
              one.lockstep = lists.lockstep;
              one.xclbin = lists.xclbin;
              one.card = lists.card;
              one.emulate = lists.emulate;
              one.port = lists.port;
              all.push_back(one);
            }
          }
        }
      }
    }
  }
  check_effects(verb, machines);
  unsigned cards = 0;
  for (const backends::BackendOptions& one : all) {
    if (one.name != "xrt") continue;
    // XRT opens one device in a process.
    if (++cards > 1) throw Error("--emulate takes one --config and one --memory");
    prepare_xrt(one);
  }
  return all;
}

}  // namespace sterna::cli
