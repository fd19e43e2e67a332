// SPDX-License-Identifier: Apache-2.0
// Does the comparison find anything? Faults are planted in the hardware, one at a time, and random
// programs must find each.
#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mutant/mutations.h"
#include "tests/rtl/model_mutant.h"
#include "tests/rtl/program_runner.h"

namespace sterna::rtl {
namespace {

constexpr unsigned kPrograms = 2000;  // at most, for each fault
// Of a program that a fault keeps from its end: some times what the longest one takes without.
constexpr std::uint64_t kCycleBudget = 500'000;

// Faults that one program in dozens or hundreds shows: the search begins at the seed of one that
// does, where it is known, so that it does not take minutes. A wrong seed makes it longer, nothing
// else.
const std::map<std::string, std::uint64_t> kSearchFrom = {
    {"address_wraps", 376},
    {"address_wraps_in_the_last_copy", 1064},
    {"amax_of_a_quant", 104},
    {"beats_forgotten_on_their_way", 424},
    {"chained_scan", 64},
    {"due_with_the_first_lane", 64},
    {"embedding_end", 80},
    {"empty_mask_is_lane_1", 32},
    {"factor_of_what_norm_overwrote", 32},
    {"fff_done_with_the_first_lane", 64},
    {"fff_end_of_other_lanes_missed", 40},
    {"fff_error_lost", 120},
    {"fff_last_level_of_another_way", 136},
    {"fff_records_of_other_lanes", 40},
    {"fffout_of_other_trees", 104},
    {"gate_saturation_uncounted", 72},
    {"length_bound", 296},
    {"lifted_factor_reused", 64},
    {"lost_weight_error", 56},
    {"matmul_saturation", 192},
    {"matrix_begins_in_any_channel", 176},
    {"no_port_stall", 256},
    {"no_raw_stall", 216},
    {"no_war_stall", 224},
    {"part_fetched_twice", 96},
    {"parts_end_in_one_channel_only", 96},
    {"paths_of_three_blocks_are_longer", 248},
    {"pushed_with_every_block", 72},
    {"records_before_their_instruction", 192},
    {"records_for_all_lanes", 40},
    {"reset_forgets_what_was_written", 304},
    {"reset_leaves_a_burst_without_its_data", 288},
    {"rms_does_not_see_a_list", 376},
    {"rms_does_not_see_a_load", 104},
    {"rms_does_not_see_a_product", 744},
    {"scale_exponent_bound", 160},
    {"segment_end_off_by_one", 24},
    {"slots_before_what_was_asked", 80},
    {"slots_hold_any_block", 144},
    {"slots_of_any_level", 784},
    {"slots_of_one_block", 144},
    {"square_rounding", 72},
    {"walk_knows_all_by_some", 40},
    {"walk_leads_with_a_lane_that_waits", 64},
    {"walk_serves_a_lane_again", 40},
    {"walk_shares_with_all", 40},
    {"weights_fetched_past_a_fault", 64},
};

struct Machine {
  std::string name;
  std::unique_ptr<RtlModel> (*make)(unsigned fault, RtlModelOptions options);
  unsigned first, last;  // of its faults
};

const std::vector<Machine>& machines() {
  static const std::vector<Machine> all = {
      {"mutant", make_mutant_model, kFirstOfOddRows + 1, kFirstOfEightChannels},
      {"lanes", make_mutant_lanes_model, 1, kFirstOfOddRows},
      {"eight", make_mutant_eight_model, kFirstOfEightChannels + 1,
       static_cast<unsigned>(kMutations.size())},
  };
  return all;
}

RunnerResult run(const Machine& machine, unsigned fault) {
  const auto known = fault == 0 ? kSearchFrom.end() : kSearchFrom.find(kMutations[fault - 1]);
  return run_random_programs(
      {.make_model = [&](const RtlModelOptions& o) { return machine.make(fault, o); },
       .seed = environment_number("STERNA_SEED", known == kSearchFrom.end() ? 1 : known->second),
       .programs = fault == 0 ? kPrograms / 5 : kPrograms,
       .faulty = true,
       .cycle_budget = kCycleBudget});
}

TEST(MutationTest, EveryFaultFitsTheRtl) {
  EXPECT_EQ(kMutationsThatDoNotFit, std::vector<std::string>{})
      << "their texts must stand in the RTL exactly once: see mutations.cmake";
}

class MachineTest : public ::testing::TestWithParam<Machine> {};

TEST_P(MachineTest, NothingIsFoundWithoutAFault) {
  const RunnerResult result = run(GetParam(), 0);
  EXPECT_EQ(result.failure, "");
  EXPECT_LT(result.longest, kCycleBudget / 3) << "the budget is too small to tell a fault";
}

INSTANTIATE_TEST_SUITE_P(Machines, MachineTest, ::testing::ValuesIn(machines()),
                         [](const auto& machine) { return machine.param.name; });

struct Planted {
  Machine machine;
  unsigned fault;
};

class PlantedFaultTest : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFaultTest, IsFound) {
  const auto& [machine, fault] = GetParam();
  const RunnerResult result = run(machine, fault);
  ASSERT_NE(result.failure, "") << "not found by " << result.programs << " programs";
  std::cout << kMutations[fault - 1] << ": found by program " << result.programs + 1 << ": "
            << result.failure.substr(0, result.failure.find('\n')) << "\n";
}

std::vector<Planted> planted() {
  std::vector<Planted> all;
  for (const Machine& machine : machines()) {
    for (unsigned fault = machine.first; fault <= machine.last; ++fault)
      all.push_back({machine, fault});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Faults, PlantedFaultTest, ::testing::ValuesIn(planted()),
                         [](const auto& planted) {
                           return planted.param.machine.name + "_" +
                                  kMutations[planted.param.fault - 1];
                         });

}  // namespace
}  // namespace sterna::rtl
