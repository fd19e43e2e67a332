// SPDX-License-Identifier: Apache-2.0
// Options of every command: numbers are read whole and in range, values are checked against what
// was built, and what would have no effect says so. Each refusal is one line, and nothing is
// written.
#include <algorithm>
#include <utility>
#include <vector>

#include "tests/e2e/model_command.h"

namespace sterna {
namespace {

class Options : public ModelCommand {};

TEST_F(Options, NumbersAreReadWholeAndInRange) {
  const std::pair<const char*, const char*> cases[] = {
      {"run bytes.sterna -p x -n -3", "'-3' is not a whole number"},
      {"run bytes.sterna -p x -n 1e3", "'1e3' is not a whole number"},
      {"run bytes.sterna -p x -n 0x10", "'0x10' is not a whole number"},
      {"run bytes.sterna -p x -n 3.0", "'3.0' is not a whole number"},
      {"run bytes.sterna -p x -n +3", "'+3' is not a whole number"},
      {"run bytes.sterna -p x -n ''", "'' is not a whole number"},
      {"run bytes.sterna -p x -n ' 3'", "' 3' is not a whole number"},
      {"run bytes.sterna -p x -n 18446744073709551616", "18446744073709551616 is not in 0.."},
      {"run bytes.sterna -p x --temperature 1 --top-k 4294967296", "4294967296 is not in"},
      {"run bytes.sterna -p x --temperature 1 --seed -1", "'-1' is not a whole number"},
      {"run bytes.sterna -p x --temperature nan", "--temperature: 'nan' is not a number"},
      {"run bytes.sterna -p x --temperature inf", "--temperature: 'inf' is not a number"},
      {"run bytes.sterna -p x --temperature -1", "--temperature: -1 is outside 0..1000000"},
      {"run bytes.sterna -p x --temperature 1,5", "'1,5' is not a number"},
      {"run bytes.sterna -p x --temperature 0x1", "'0x1' is not a number"},
      {"run bytes.sterna -p x --temperature 1 --top-p 1.5", "--top-p: 1.5 is outside 0..1"},
      {"run bytes.sterna -p x --temperature 1 --top-p 0", "top-p 0 is not above 0"},
      {"run bytes.sterna -p x --temperature 1 --top-p nan", "'nan' is not a number"},
      {"run bytes.sterna -p x --lanes 0", "--lanes: 0 is not in 1..64"},
      {"run bytes.sterna -p x --lanes 65", "--lanes: 65 is not in 1..64"},
      {"run bytes.sterna -p x --channels 3", "'3' is none of 1, 2, 4, 8"},
      {"report bytes.sterna -o r.html -n -1", "'-1' is not a whole number"},
      {"eval bytes.sterna --text t --from -0.5", "--from: -0.5 is outside 0..1"},
      {"eval bytes.sterna --text t --from nan", "'nan' is not a number"},
      {"eval bytes.sterna --text t --tokens 0", "--tokens: 0 is not in 1.."},
      {"eval bytes.sterna --text t --window -2", "'-2' is not a whole number"},
      {"compile bytes -o m.sterna --vector-length 4294967552", "4294967552 is not in"},
      {"compile bytes -o m.sterna --vector-length 1k", "'1k' is not a whole number"},
      {"data random-matrix 0x10 64 -o m.bin", "'0x10' is not a whole number"},
      {"data random-matrix 0 64 -o m.bin", "0 is not in 1.."},
      {"data random-matrix 16 64 --seed -1 -o m.bin", "'-1' is not a whole number"},
  };
  for (const auto& [arguments, part] : cases) expect_refusal(arguments, part);
  ASSERT_EQ(run("run bytes.sterna -p x -n 010 --json"), 0) << "decimal, not octal";
  EXPECT_EQ(last_line()["tokens"].size(), 10u);
}

TEST_F(Options, ATokensCountBeyondTheTextIsAllOfIt) {
  write_file_atomically(folder_ / "t", std::string_view("some text"));
  ASSERT_EQ(run("eval bytes.sterna --text t --tokens 18446744073709551615 --json"), 0)
      << text("err");
  EXPECT_EQ(last_line()["predictions"], 8);
}

TEST_F(Options, ListsOfIdsHaveNoEmptyPlacesAndEndWhereTheyEnd) {
  const std::pair<const char*, unsigned> lists[] = {{",", 1}, {"1,,2", 2}, {"1,", 2}, {",1", 1}};
  for (const auto& [list, place] : lists) {
    expect_refusal(fmt::format("run ids.sterna --ids {}", list),
                   fmt::format("--ids: place {} is empty in the list '{}'", place, list));
  }
  expect_refusal("run ids.sterna --ids 1,-2", "'-2' is not a whole number");
  expect_refusal("run ids.sterna --ids '1, 2'", "' 2' is not a whole number");
  expect_refusal("run ids.sterna --ids 1,99999999999", "99999999999 is not in 0..4294967295");
  expect_refusal("run ids.sterna --ids 1 2", "not expected: 2");
  for (const char* arguments :
       {"run --ids 1,2 ids.sterna -n 0 --json", "run --ids=1,2 ids.sterna -n 0 --json",
        "run ids.sterna -n 0 --json --ids 1,2"}) {
    ASSERT_EQ(run(arguments), 0) << arguments << ": " << text("err");
    EXPECT_EQ(last_line()["prompt_tokens"], (Json{1, 2})) << arguments;
  }
}

TEST_F(Options, ListsOfNumbersHaveNoEmptyPlaces) {
  write_file_atomically(folder_ / "p.s",
                        std::string_view(".input x[3]\n.output x\nLDV v0, [x], 3\nHALT\n"));
  write_file_atomically(folder_ / "list", std::string_view("1\n2,,3\n"));
  const std::pair<const char*, const char*> cases[] = {
      {"sim p.s --input x=1,,2", "--input x:1: number 2 is empty in '1,,2'"},
      {"sim p.s --input x=1,2,", "--input x:1: number 3 is empty in '1,2,'"},
      {"sim p.s --input x=,1,2", "--input x:1: number 1 is empty in ',1,2'"},
      {"sim p.s --input 'x= ,1'", "--input x:1: number 1 is empty in ' ,1'"},
      {"sim p.s --input x=,", "--input x:1: number 1 is empty in ','"},
      {"sim p.s --input x=list", "list:2: number 3 is empty in '2,,3'"},
      {"debug p.s --input x=1,,2", "--input x:1: number 2 is empty in '1,,2'"},
      {"data vector list -o o", "list:2: number 3 is empty in '2,,3'"},
      {"sim p.s --input x=none,1", "none,1: cannot open"},
  };
  for (const auto& [arguments, part] : cases) expect_refusal(arguments, part);
  EXPECT_EQ(run("sim p.s --input 'x= 1, -2,.5'"), 0) << text("err");
}

TEST_F(Options, EmptyValuesAreRefused) {
  for (const char* arguments :
       {"run ids.sterna --ids ''", "run '' -p x", "run bytes.sterna -f ''",
        "run bytes.sterna --batch ''", "run bytes.sterna -p x --logits ''",
        "eval bytes.sterna --text ''", "compile bytes -o ''", "info ''", "asm '' --list",
        "dram --trace ''", "data print ''", "sim prog.s --load ''"}) {
    expect_refusal(arguments, "the value is empty");
  }
}

// Where there is a GPU it computes.
TEST_F(Options, WhereThereIsNoGpuALineSaysWhy) {
  const std::string command = "run bytes.sterna -p x -n 2 --backend cuda --check golden";
  if (run(command) == 0) {
    EXPECT_NE(text("out").find("bit-exact: yes"), std::string::npos) << text("out");
  } else {
    expect_refusal(command, "cuda: ");
  }
}

TEST_F(Options, ValuesAreThoseThatWereBuilt) {
  const std::pair<const char*, const char*> cases[] = {
      {"--backend abacus", "'abacus' is none of cpu, cuda, golden, rtl, xrt"},
      {"--backend rtl --config huge", "no configuration 'huge'; built are tiny"},
      {"--backend rtl --memory sram", "'sram' is none of fast, ddr4"},
      {"--backend rtl --memory ddr4:latency=200", "'ddr4:latency=200': the latency is"},
      {"--backend rtl --memory ddr4:latency=ns", "is a whole number of nanoseconds up to 10000"},
      {"--backend rtl --memory ddr4:latency=-1ns", "'ddr4:latency=-1ns': the latency is"},
      {"--backend rtl --memory ddr4:latency=99999999999ns", "up to 10000"},
      {"--backend rtl --memory ddr4:speed=2ns", "'ddr4:speed=2ns' is none of fast, ddr4"},
      {"--backend rtl --check silver", "'silver' is not golden"},
  };
  for (const auto& [options, part] : cases) {
    expect_refusal(fmt::format("run bytes.sterna -p x {}", options), part);
  }
  ASSERT_EQ(run("run --help"), 0);
  if (text("out").find("u250x1") == std::string::npos) {
    expect_refusal("run bytes.sterna -p x --backend rtl --config u250x1",
                   "u250x1 is not built (built are tiny");
    expect_refusal("run bytes.sterna -p x --backend rtl --config u250x1",
                   "-DSTERNA_CONFIGS=tiny;demo;u250x1");
  }
  expect_refusal("report bytes.sterna -o r.html --backend golden", "'golden' is not rtl");
  expect_refusal("eval bytes.sterna --text t --compare abacus",
                 "none of cpu, cuda, golden, rtl, xrt, float");
  expect_refusal("xclbin -o x.xclbin --config huge", "no configuration 'huge'");
  expect_refusal("run", "model is required");
  expect_refusal("run bytes.sterna -p x --warp 9", "--warp");
}

// One set in every command, without those that could have no effect there.
TEST_F(Options, EveryCommandListsTheDeviceOptionsThatHaveAnEffectThere) {
  const std::vector<std::string> all = {"--backend",  "--config",  "--memory",   "--lanes",
                                        "--channels", "--threads", "--lockstep", "--xclbin",
                                        "--device",   "--emulate"};
  const std::pair<const char*, std::vector<std::string>> without[] = {
      {"run", {}},
      {"bench", {}},
      {"eval", {"--lanes"}},
      {"report", {"--lanes", "--channels", "--threads", "--xclbin", "--device", "--emulate"}},
      {"sim", {"--threads"}},
      {"debug", {"--threads"}},
      {"program", {"--lanes", "--channels", "--threads", "--lockstep"}},
  };
  for (const auto& [command, missing] : without) {
    ASSERT_EQ(run(fmt::format("{} --help", command)), 0);
    const std::string help = text("out");
    EXPECT_NE(help.find("{tiny,"), std::string::npos) << command;
    EXPECT_NE(help.find(":{fast,ddr4,"), std::string::npos) << command;
    for (const std::string& option : all) {
      const bool listed = help.find("  " + option + " ") != std::string::npos;
      const bool useless = std::find(missing.begin(), missing.end(), option) != missing.end();
      EXPECT_NE(listed, useless) << command << ": " << option;
    }
  }
  expect_refusal("report bytes.sterna -o r.html --emulate", "not expected: --emulate");
  expect_refusal("program --lanes", "not expected: --lanes");
}

TEST_F(Options, WhatIsGivenTwiceSaysSo) {
  for (const char* arguments :
       {"run bytes.sterna -p x -p y", "run bytes.sterna -p x -n 1 -n 2",
        "run bytes.sterna -p x --backend golden --backend rtl",
        "eval bytes.sterna --text t --text u", "compile bytes -o a.sterna -o b.sterna",
        "report bytes.sterna -o a.html -o b.html", "bench bytes.sterna -p 1 -p 2",
        "asm a.s -o a.bin -o b.bin", "dram --trace a --trace b", "xclbin -o a -o b"}) {
    expect_refusal(arguments, "1 required but received 2");
  }
}

TEST_F(Options, WhatHasNoEffectSaysSo) {
  const std::pair<const char*, const char*> cases[] = {
      {"--config tiny", "--config is for --backend rtl and for --emulate"},
      {"--memory fast", "--memory is for --backend rtl and for --emulate"},
      {"--lockstep", "--lockstep is for --backend rtl, xrt and serial"},
      {"--backend rtl --lanes 1", "--lanes is for --backend cpu, cuda or golden"},
      {"--backend golden --threads 2", "--threads is for --backend cpu"},
      {"--channels 2", "--channels is for --backend golden"},
      {"--backend rtl --channels 2", "--channels is for --backend golden"},
      {"--backend rtl --xclbin x", "--xclbin is for --backend xrt"},
      {"--device 0", "--device is for a card"},
      {"--emulate", "--emulate is for --backend xrt"},
      {"--backend golden --check golden", "--check compares another backend with golden"},
      {"--timeline t.json", "--timeline shows what the RTL does"},
      {"--profile", "--profile shows the hardware's counters"},
      {"--top-k 4", "--top-k is about sampling"},
      {"--top-p 0.5", "--top-p is about sampling"},
      {"--seed 1", "--seed is about sampling"},
      {"--temperature 0 --seed 1", "--seed is about sampling"},
      {"--temperature 1 -n 0", "--temperature is about tokens that are generated"},
  };
  for (const auto& [options, part] : cases) {
    expect_refusal(fmt::format("run bytes.sterna -p x {}", options), part);
  }
  expect_refusal("run bytes.sterna --batch b --logits l.bin", "--logits is for one prompt");
  expect_refusal("eval bytes.sterna --text t --compare golden", "that is the backend itself");
  expect_refusal("eval bytes.sterna --text t --backend float --channels 2", "--channels is for");
  expect_refusal("report ids.sterna -o r.html -p text", "no tokenizer");
  expect_refusal("sim p.s --timeout 9", "--timeout is for --backend rtl, xrt and serial");
  expect_refusal("sim p.s --backend rtl --timeout 0", "--timeout: 0 is not in 1..");
}

}  // namespace
}  // namespace sterna
