// SPDX-License-Identifier: Apache-2.0
// The save file beside a waveform names signals that the waveform has, in every configuration.
#include "sim/rtl/wave_view.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/rtl/fst_signals.h"
#include "sim/rtl/rtl_device.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::rtl {
namespace {

namespace fs = std::filesystem;

class WaveView : public testing::Test {
 protected:
  WaveView() {
    std::string name = (fs::temp_directory_path() / "sterna_wave_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("{}: cannot make it", name);
    folder_ = name;
  }
  ~WaveView() override { fs::remove_all(folder_); }

  fs::path record(const std::string& configuration) const {
    const fs::path path = folder_ / (configuration + ".fst");
    const auto device = make_rtl_device(
        {.configuration = configuration, .memory_bytes = 1 << 20, .wave = path.string()});
    device->close_wave();
    return path;
  }

  fs::path folder_;
};

TEST_F(WaveView, EveryConfigurationHasWhatItNames) {
  for (const char* configuration : {"tiny", "lanes", "demo"}) {
    SCOPED_TRACE(configuration);
    const fs::path wave = record(configuration);
    const std::vector<std::string> signals = fst_signals(wave);
    EXPECT_EQ(missing_view_signals(signals), std::vector<std::string>());
    write_wave_view(wave, signals);
    std::istringstream view(read_text_file(fs::path(wave).replace_extension(".gtkw")));
    unsigned named = 0, begun = 0, ended = 0;
    for (std::string line; std::getline(view, line);) {
      if (line == "@800200") ++begun;
      if (line == "@1000200") ++ended;
      if (line.starts_with("@") || line.starts_with("-") || line.starts_with("[dumpfile] "))
        continue;
      EXPECT_NE(std::find(signals.begin(), signals.end(), line), signals.end()) << line;
      ++named;
    }
    EXPECT_GT(named, 30u);
    EXPECT_EQ(begun, 7u);
    EXPECT_EQ(ended, 7u);
  }
}

TEST_F(WaveView, WhatIsThereIsKept) {
  const fs::path wave = record("tiny");
  const fs::path view = fs::path(wave).replace_extension(".gtkw");
  std::ofstream(view) << "mine\n";
  write_wave_view(wave, fst_signals(wave));
  EXPECT_EQ(read_text_file(view), "mine\n");
}

TEST_F(WaveView, MissingSignalsAreLeftOutAndTold) {
  const std::vector<std::string> signals = {"TOP.sterna_top.ap_clk",
                                            "TOP.sterna_top.m_axi_araddr[63:0]"};
  const std::string text = gtkw_text(signals, "/a/out.fst");
  EXPECT_NE(text.find("[dumpfile] \"/a/out.fst\"\n"), std::string::npos);
  EXPECT_NE(text.find("@28\nTOP.sterna_top.ap_clk\n"), std::string::npos);
  EXPECT_NE(text.find("@22\nTOP.sterna_top.m_axi_araddr[63:0]\n"), std::string::npos);
  const std::vector<std::string> missing = missing_view_signals(signals);
  EXPECT_EQ(std::count(missing.begin(), missing.end(), "ap_clk"), 0);
  EXPECT_EQ(std::count(missing.begin(), missing.end(), "m_axi_arlen"), 1);
}

TEST_F(WaveView, NothingIsWrittenBesideAnOpenFilesName) {
  const fs::path wave = record("tiny");
  const int file = ::open(wave.c_str(), O_RDONLY);
  const fs::path name = "/proc/self/fd/" + std::to_string(file);
  EXPECT_NO_THROW(write_wave_view(name, fst_signals(name)));
  ::close(file);
}

TEST_F(WaveView, WhatIsNoWaveformHasNone) {
  write_wave_view("/dev/null", fst_signals("/dev/null"));
  std::ofstream(folder_ / "text.fst") << "no waveform";
  EXPECT_TRUE(fst_signals(folder_ / "text.fst").empty());
  EXPECT_THROW(fst_signals(folder_ / "nothing.fst"), Error);
}

}  // namespace
}  // namespace sterna::rtl
