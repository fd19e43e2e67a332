// sterna bench: its rows and exit codes, never its figures of this machine.
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
      "bytes.sterna tiny.sterna -p 5 -n 3 -r 2 --backend rtl --config tiny --compare golden "
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
  ASSERT_EQ(run("bench bytes.sterna -p 4 -n 2 -r 1 --lanes 3 --channels 2"), 0) << text("err");
  const std::string table = text("out");
  EXPECT_TRUE(table.starts_with("| model ")) << table;
  for (const char* part : {"| :---", " pp4 |", " tg2 |", " tg2 x3 |", " ± 0.00 |", " M | golden ",
                           "leaves out loading the model"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " in " << table;
  }
  EXPECT_EQ(table.find("simulated"), std::string::npos);

  ASSERT_EQ(run("bench bytes.sterna -p 4 -n 0 -r 1 -o csv"), 0) << text("err");
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
  expect_refusal("bench bytes.sterna --compare golden", "that is the backend already");
  expect_refusal("bench bytes.sterna --memory ddr4", "--memory is for --backend rtl");
  expect_refusal("bench bytes.sterna --backend rtl --lanes 2", "--lanes is for --backend golden");
}

}  // namespace
}  // namespace sterna
