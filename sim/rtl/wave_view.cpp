// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl/wave_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <system_error>

#include "support/atomic_file.h"

namespace sterna::rtl {
namespace {

namespace fs = std::filesystem;

struct Group {
  std::string_view name;
  std::vector<std::string_view> signals;  // below sterna_top
};

const std::array<Group, 7>& groups() {
  static const std::array<Group, 7> kGroups = {{
      {"Clock", {"ap_clk", "ap_rst_n", "interrupt"}},
      {"Program",
       {"u_core.running", "u_core.u_issue.u_router.valid_q", "u_core.head_pc",
        "u_core.head_instr"}},
      {"Issue and retire",
       {"trace_issue_o", "trace_issue_pc_o", "trace_retire_o", "trace_retire_pc_o"}},
      {"Units LSU ROW RMS TMM TOP (bit 0 first)",
       {"u_core.unit_start", "u_core.unit_busy", "u_core.unit_done"}},
      {"Memory reads",
       {"m_axi_arvalid", "m_axi_arready", "m_axi_araddr", "m_axi_arlen", "m_axi_rvalid",
        "m_axi_rready", "m_axi_rlast"}},
      {"Memory writes",
       {"m_axi_awvalid", "m_axi_awready", "m_axi_awaddr", "m_axi_awlen", "m_axi_wvalid",
        "m_axi_wready", "m_axi_wlast", "m_axi_bvalid", "m_axi_bready"}},
      {"Control",
       {"s_axi_control_awvalid", "s_axi_control_awaddr", "s_axi_control_wvalid",
        "s_axi_control_wdata", "s_axi_control_arvalid", "s_axi_control_araddr",
        "s_axi_control_rvalid", "s_axi_control_rdata"}},
  }};
  return kGroups;
}

// The signal with its range, or nothing.
std::string find(std::span<const std::string> signals, std::string_view name) {
  const std::string full = fmt::format("TOP.sterna_top.{}", name);
  const auto found = std::find_if(signals.begin(), signals.end(), [&](const std::string& signal) {
    return signal.starts_with(full) && (signal.size() == full.size() || signal[full.size()] == '[');
  });
  return found == signals.end() ? std::string() : *found;
}

// How GTKWave shows what comes next: its flags, hexadecimal.
constexpr std::string_view kBinary = "@28", kHexadecimal = "@22";
constexpr std::string_view kGroupBegin = "@800200", kGroupEnd = "@1000200";

}  // namespace

std::string gtkw_text(std::span<const std::string> signals, const fs::path& wave) {
  std::string text;
  const auto out = std::back_inserter(text);
  const std::string path = fs::absolute(wave).string();
  if (path.find_first_of("\"\n\\") == std::string::npos) {
    fmt::format_to(out, "[dumpfile] \"{}\"\n", path);
  }
  for (const Group& group : groups()) {
    fmt::format_to(out, "{}\n-{}\n", kGroupBegin, group.name);
    for (const std::string_view name : group.signals) {
      const std::string signal = find(signals, name);
      if (signal.empty()) continue;
      fmt::format_to(out, "{}\n{}\n", signal.ends_with(']') ? kHexadecimal : kBinary, signal);
    }
    fmt::format_to(out, "{}\n-{}\n", kGroupEnd, group.name);
  }
  return text;
}

std::vector<std::string> missing_view_signals(std::span<const std::string> signals) {
  std::vector<std::string> missing;
  for (const Group& group : groups()) {
    for (const std::string_view name : group.signals) {
      if (find(signals, name).empty()) missing.emplace_back(name);
    }
  }
  return missing;
}

void write_wave_view(const fs::path& wave, std::span<const std::string> signals) {
  // /dev/stdout may be a regular file; but its name is no place for another.
  const std::string place = fs::absolute(wave).lexically_normal().string();
  if (place.starts_with("/dev/") || place.starts_with("/proc/")) return;
  std::error_code ignored;
  const fs::path view = fs::path(wave).replace_extension(".gtkw");
  if (signals.empty() || view == wave || !fs::is_regular_file(wave, ignored)) return;
  if (fs::exists(fs::symlink_status(view, ignored))) return;
  write_file_atomically(view, gtkw_text(signals, wave));
}

}  // namespace sterna::rtl
