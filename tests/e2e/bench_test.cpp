// SPDX-License-Identifier: Apache-2.0
// sterna bench: its rows and exit codes, never its figures of this machine.
#include <map>
#include <sstream>

#include "tests/e2e/model_command.h"

namespace sterna {
namespace {

class Bench : public ModelCommand {
 protected:
  Json rows(const std::string& arguments) {
    EXPECT_EQ(run("bench " + arguments + " -o json"), 0) << text("err");
    return Json::parse(text("out"));
  }
};

TEST_F(Bench, ARowForEachModelBackendAndTest) {
  ASSERT_EQ(run("compile ids -o tiny.sterna --vector-length 64"), 0) << text("err");
  const Json all = rows(
      "bytes.sterna tiny.sterna -p 5 -n 3 -r 2 --backend rtl,golden --config tiny "
      "--lanes 5");
  std::string found;
  for (const Json& row : all) {
    found += fmt::format("{} {} {}\n", row["model"].get<std::string>(),
                         row["backend"].get<std::string>(), row["test"].get<std::string>());
    EXPECT_EQ(row["samples"].size(), 2u);
    EXPECT_GT(row["tokens_per_second"].get<double>(), 0);
    EXPECT_GE(row["deviation"].get<double>(), 0);
    EXPECT_NE(row["leaves_out"].get<std::string>().find("sampling"), std::string::npos);
  }
  EXPECT_EQ(found,
            "bytes.sterna rtl (tiny) pp5\nbytes.sterna rtl (tiny) tg3\n"
            "bytes.sterna golden pp5\nbytes.sterna golden tg3\nbytes.sterna golden tg3 x5\n"
            "tiny.sterna rtl (tiny) pp5\ntiny.sterna rtl (tiny) tg3\n"
            "tiny.sterna golden pp5\ntiny.sterna golden tg3\ntiny.sterna golden tg3 x5\n");
  EXPECT_EQ(all[0]["bytes"], std::filesystem::file_size(folder_ / "bytes.sterna"));
  ASSERT_EQ(run("info bytes.sterna"), 0);
  EXPECT_NE(text("out").find(
                fmt::format("parameters     {:.2f} M", 1e-6 * all[0]["parameters"].get<double>())),
            std::string::npos);
}

TEST_F(Bench, ListsGiveARowForEachOfTheirValues) {
  make("small", 256, 1);
  const Json all = rows(
      "small.sterna -p 4,6 -n 2,3 -b 1,3 -r 1 --backend cpu,golden,rtl --config tiny,lanes "
      "--memory fast,ddr4 --channels 1,2 --threads 1,2");
  std::map<std::string, std::string> tests;
  for (const Json& row : all) {
    std::string backend = row["backend"].get<std::string>();
    if (backend.starts_with("cpu (")) {  // and the name of its kernels
      backend = backend.find(", 2 threads") == std::string::npos ? "cpu 1" : "cpu 2";
    }
    std::string& list = tests[backend];
    list += (list.empty() ? "" : ", ") + row["test"].get<std::string>();
  }
  const std::string wide = "pp4, pp6, tg2, tg2 x3, tg3, tg3 x3";
  EXPECT_EQ(tests, (std::map<std::string, std::string>{{"cpu 1", wide},
                                                       {"cpu 2", wide},
                                                       {"golden", wide},
                                                       {"golden 2 ch", wide},
                                                       {"rtl (tiny)", "pp4, pp6, tg2, tg3"},
                                                       {"rtl (tiny) ddr4", "pp4, pp6, tg2, tg3"},
                                                       {"rtl (lanes)", wide},
                                                       {"rtl (lanes) ddr4", wide}}));
  EXPECT_EQ(all[0]["lanes"], 3) << "golden has as many as the batches need";
  EXPECT_NE(text("err").find("rtl (tiny) has 1 lane: no tg2 x3\n"), std::string::npos);
  const Json two = rows("bytes.sterna -p 0 -n 2 -r 1 --lanes 2,4");
  ASSERT_EQ(two.size(), 4u);
  EXPECT_EQ(two[1]["test"], "tg2 x2");
  EXPECT_EQ(two[3]["test"], "tg2 x4");
}

// The same cycles as a run counts, and no wall clock: so every repetition gives the same.
TEST_F(Bench, SimulatedRowsAreCyclesAtTheAssumedClock) {
  const Json row = rows("bytes.sterna -p 0 -n 3 -r 2 --backend rtl --config tiny")[0];
  EXPECT_EQ(row["simulated"], true);
  EXPECT_EQ(row["deviation"], 0.0);
  ASSERT_EQ(run("run bytes.sterna -p A -n 3 --backend rtl --config tiny --json"), 0);
  const Json json = last_line();
  const double rate = 3e3 * json["clock_khz"].get<double>() / json["cycles"].get<double>();
  EXPECT_NEAR(row["tokens_per_second"].get<double>(), rate, 0.01 * rate);
  EXPECT_EQ(row["clock"].get<std::string>().substr(0, 10), "cycles at ");
  ASSERT_EQ(run("bench bytes.sterna -p 0 -n 1 -r 1 --backend rtl --config tiny"), 0);
  EXPECT_NE(text("out").find("Rows in cycles are of simulated hardware"), std::string::npos);
}

TEST_F(Bench, TablesHaveAHeadAndRowsOfOneForm) {
  ASSERT_EQ(run("bench bytes.sterna -p 4 -n 2 -r 1 --backend golden --lanes 3 --channels 2"), 0)
      << text("err");
  const std::string table = text("out");
  EXPECT_TRUE(table.starts_with("| model ")) << table;
  for (const char* part : {"| :---", " pp4 |", " tg2 |", " tg2 x3 |", " ± 0.00 |", " M | golden ",
                           "leaves out loading the model"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " in " << table;
  }
  EXPECT_EQ(table.find("simulated"), std::string::npos);

  ASSERT_EQ(run("bench bytes.sterna -p 4 -n 0 -r 1 --backend golden -o csv"), 0) << text("err");
  std::istringstream lines(text("out"));
  std::string head, row, more;
  std::getline(lines, head);
  std::getline(lines, row);
  EXPECT_TRUE(head.starts_with("model,bytes,parameters,backend,lanes,test,")) << head;
  EXPECT_TRUE(row.starts_with("\"bytes.sterna\",")) << row;
  EXPECT_NE(row.find(",\"golden\",1,\"pp4\",4,1,1,"), std::string::npos) << row;
  EXPECT_FALSE(std::getline(lines, more));
}

TEST_F(Bench, RefusesInOneLine) {
  expect_refusal("bench", "models is required");
  expect_refusal("bench bytes.sterna missing.sterna", "missing.sterna: cannot open");
  expect_refusal("bench bytes.sterna -p 0 -n 0", "nothing to measure");
  expect_refusal("bench bytes.sterna -r 0", "0 is not in 1..1000");
  expect_refusal("bench bytes.sterna -o xml", "'xml' is none of md, csv, json");
  expect_refusal("bench bytes.sterna --backend golden,abacus",
                 "'abacus' is none of cpu, cuda, golden, rtl, xrt");
  expect_refusal("bench bytes.sterna --backend golden,", "place 2 is empty in the list 'golden,'");
  expect_refusal("bench bytes.sterna -p 1,,2", "place 2 is empty in the list '1,,2'");
  expect_refusal("bench bytes.sterna -p 1,1", "--prompt: 1 stands twice in the list");
  expect_refusal("bench bytes.sterna -n 2,3,02", "--count: 2 stands twice in the list");
  expect_refusal("bench bytes.sterna --backend golden,golden", "golden stands twice in the list");
  expect_refusal("bench bytes.sterna bytes.sterna", "bytes.sterna: given twice");
  expect_refusal("bench bytes.sterna ./bytes.sterna", "./bytes.sterna: given twice");
  expect_refusal("bench bytes.sterna -n 0 -b 2", "--batch is of sequences that are generated");
  expect_refusal("bench bytes.sterna -n 2,-1", "'-1' is not a whole number");
  expect_refusal("bench bytes.sterna -b 0", "0 is not in 1..64");
  expect_refusal("bench bytes.sterna -b 2,65", "65 is not in 1..64");
  expect_refusal("bench bytes.sterna --lanes 1,65", "65 is not in 1..64");
  expect_refusal("bench bytes.sterna --backend golden,rtl --config tiny,huge",
                 "no configuration 'huge'; built are");
  // What does not fit is found before anything is measured.
  expect_refusal(
      fmt::format("bench bytes.sterna {} --backend golden,rtl --config tiny", STERNA_SHIPPED_MODEL),
      "needs 768 elements in a vector register");
  EXPECT_EQ(text("out"), "");
  ASSERT_EQ(run("bench bytes.sterna --backend rtl --config tiny -p 0 -n 1 -r 1 -b 2"), 1);
  EXPECT_NE(text("err").find("sterna: nothing was measured: see --lanes\n"), std::string::npos);
  expect_refusal("bench bytes.sterna --memory ddr4", "--memory is for --backend rtl");
  expect_refusal("bench bytes.sterna --backend rtl --lanes 2",
                 "--lanes is for --backend cpu, cuda or golden");
}

}  // namespace
}  // namespace sterna
