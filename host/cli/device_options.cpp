#include "host/cli/device_options.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "asm/generated/isa.h"
#include "host/cli/numbers.h"
#include "host/cli/prepare_xrt.h"
#include "host/support/error.h"
#include "host/support/files.h"
#include "sim/rtl/rtl_model.h"

namespace sterna {
namespace {

// What may compute, as bits.
constexpr unsigned kGolden = 1, kRtl = 2, kCard = 4, kEmulation = 8;

unsigned machine(const std::string& backend, bool emulate) {
  if (backend == "golden") return kGolden;
  if (backend == "rtl") return kRtl;
  if (backend == "xrt") return emulate ? kEmulation : kCard;
  return 0;
}

constexpr struct {
  const char* option;
  unsigned machines;  // on which it has an effect
  const char* where;
} kRules[] = {
    {"--config", kRtl | kEmulation, "for --backend rtl and for --emulate"},
    {"--memory", kRtl | kEmulation, "for --backend rtl and for --emulate"},
    {"--lanes", kGolden, "for --backend golden: hardware has those of its configuration"},
    {"--channels", kGolden, "for --backend golden: hardware has those of its configuration"},
    {"--lockstep", kRtl, "for --backend rtl"},
    {"--xclbin", kCard | kEmulation, "for --backend xrt"},
    {"--emulate", kEmulation, "for --backend xrt"},
    {"--device", kCard, "for a card: --backend xrt without --emulate"},
};

}  // namespace

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
          require_configuration(name);
          return "";
        } catch (const Error& error) {
          return error.what();
        }
      },
      fmt::format("{{{}}}", fmt::join(rtl_configurations(), ",")));
}

CLI::Validator simulated_memory() { return one_of({"fast", "ddr4"}); }

void add_device_options(CLI::App& verb, BackendOptions& options,
                        const std::vector<std::string>& backends) {
  const auto add = [&](const char* name, auto& variable, const char* help) {
    return verb.add_option(name, variable, help)->capture_default_str()->group("Device");
  };
  add("--backend", options.name, "What computes")->check(one_of(backends));
  add("--config", options.configuration, "rtl, --emulate: the RTL's configuration")
      ->check(built_configuration());
  add("--memory", options.memory,
      "rtl, --emulate: memory of a fixed latency, or with DDR4-2400's timing behind the hardware "
      "and PCIe's before it")
      ->check(simulated_memory());
  add("--lanes", options.lanes, "golden: lanes; hardware has those of its configuration")
      ->transform(whole_number<std::uint32_t>(1, kMaxLanes));
  add("--channels", options.channels, "golden: memory channels; hardware has its own")
      ->check(one_of({"1", "2", "4"}));
  verb.add_flag("--lockstep", options.lockstep,
                "rtl: compare the result of every instruction with golden's, as it retires")
      ->group("Device");
  add("--xclbin", options.xclbin, "xrt: the file to load the card with");
  add("--device", options.card, "xrt: which card, by index or PCIe address (BDF)");
  verb.add_flag("--emulate", options.emulate,
                "xrt: the RTL behind XRT's hardware emulation, no card")
      ->group("Device");
}

void prepare_device(const CLI::App& verb, BackendOptions& options, const std::string& other) {
  const unsigned machines =
      machine(options.name, options.emulate) | machine(other, options.emulate);
  for (const auto& rule : kRules) {
    if (verb.count(rule.option) != 0 && (rule.machines & machines) == 0) {
      throw Error("{} is {}", rule.option, rule.where);
    }
  }
  for (const char* option : {"--config", "--memory"}) {
    if (machines == kEmulation && verb.count("--xclbin") != 0 && verb.count(option) != 0) {
      throw Error("{} chooses the xclbin that --emulate makes: not with --xclbin", option);
    }
  }
  if (options.name == "xrt" || other == "xrt") prepare_xrt(options);
}

}  // namespace sterna
