// SPDX-License-Identifier: Apache-2.0
// Compiled beside the copy of GTKWave's FST library that Verilator brings along.
#include "bench/energy/toggles.h"

#include <gtkwave/fstapi.h>

#include <memory>
#include <string_view>
#include <vector>

#include "support/error.h"

namespace sterna {
namespace {

struct Signal {
  bool counted = false;
  Toggles* toggles = nullptr;
  std::string value{};  // last seen
};

// The library gives every signal's value at the start of the time, and then each that changes.
void note(void* signals, std::uint64_t /*time*/, fstHandle handle, const unsigned char* value) {
  Signal& signal = (*static_cast<std::vector<Signal>*>(signals))[handle];
  if (signal.toggles == nullptr) return;
  const std::string_view text(reinterpret_cast<const char*>(value));
  if (signal.value.size() == text.size()) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      signal.toggles->toggles += text[i] != signal.value[i];
    }
  }
  signal.value = text;
}

bool is_register(std::string_view name) {
  return name.substr(0, name.find_first_of(" [")).ends_with("_q");
}

}  // namespace

std::map<std::string, GroupToggles> count_toggles(
    const std::filesystem::path& fst, const std::map<std::string, std::string>& groups) {
  const std::unique_ptr<void, decltype(&fstReaderClose)> reader(fstReaderOpen(fst.c_str()),
                                                                &fstReaderClose);
  if (reader == nullptr) throw Error("{}: no waveform", fst.string());
  std::map<std::string, GroupToggles> found;
  std::vector<Signal> signals(fstReaderGetMaxHandle(reader.get()) + std::size_t{1});
  std::vector<std::string> path{""};  // the group of each scope that is open
  while (const fstHier* entry = fstReaderIterateHier(reader.get())) {
    if (entry->htyp == FST_HT_SCOPE) {
      const auto group = groups.find(entry->u.scope.name);
      path.push_back(group == groups.end() ? path.back() : group->second);
    } else if (entry->htyp == FST_HT_UPSCOPE) {
      path.pop_back();
    } else if (entry->htyp == FST_HT_VAR && !signals[entry->u.var.handle].counted) {
      GroupToggles& group = found[path.back()];
      Toggles& toggles = is_register(entry->u.var.name) ? group.registers : group.others;
      toggles.bits += entry->u.var.length;
      signals[entry->u.var.handle] = {true, &toggles};
    }
  }
  fstReaderSetFacProcessMaskAll(reader.get());
  fstReaderIterBlocks(reader.get(), note, &signals, nullptr);
  return found;
}

}  // namespace sterna
