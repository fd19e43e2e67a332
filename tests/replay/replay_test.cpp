// SPDX-License-Identifier: Apache-2.0
// A board that only runs programs, stepped: what it shows is golden's, and what it does otherwise
// is told at the instruction that did it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "host/program/program.h"
#include "host/replay/probe.h"
#include "host/replay/replayed_device.h"
#include "support/error.h"
#include "tests/golden/program_builder.h"
#include "tests/replay/planted_board.h"
#include "tests/rtl/random_layout.h"
#include "tests/rtl/random_program.h"

namespace sterna::replay {
namespace {

using golden::make;

constexpr std::chrono::minutes kLimit{5};
constexpr std::uint64_t kMemory = 16 << 20;
constexpr golden::GoldenMachine::Shape kSmall{
    .vector_length = 64, .registers = 8, .rom_depth = 64, .channels = 1, .lanes = 2, .trees = 0};

// ------------------------------------------------------------------------ random programs

struct Case {
  const char* name;
  golden::GoldenMachine::Shape shape;
};

class RandomPrograms : public testing::TestWithParam<Case> {
 protected:
  // As the board would be loaded, with the probe's memory in front.
  std::vector<std::uint64_t> allocate(Device& device, bool probed) {
    if (!probed) device.alloc(Probe::scratch_bytes(capabilities), 0);
    std::vector<std::uint64_t> images;
    for (unsigned c = 0; c < capabilities.channels; ++c) {
      images.push_back(device.alloc(rtl::image_bytes(capabilities), c));
    }
    return images;
  }

  void make_boards(bool lockstep) {
    board = make_replayed_device(std::make_unique<PlantedBoard>(GetParam().shape, kMemory, faults),
                                 {.lockstep = lockstep, .memory_bytes = kMemory, .progress = {}});
    golden = golden::make_golden_device(
        {.memory_bytes = kMemory, .shape = GetParam().shape, .observer = {}});
    capabilities = read_capabilities(*golden);
    places = allocate(*board, true);
    ASSERT_EQ(allocate(*golden, false), places);
  }

  void load(std::uint64_t seed) {
    const rtl::RandomProgram program = rtl::random_program(
        {.seed = seed, .faulty = seed % 2 == 0, .memory_bytes = kMemory}, capabilities);
    rtl::load(*board, program, places, kMemory);
    rtl::load(*golden, program, places, kMemory);
  }

  void expect_same_registers() {
    for (unsigned r = 0; r < capabilities.registers; ++r) {
      for (unsigned lane = 0; lane < capabilities.lanes; ++lane) {
        const auto ours = board->register_words(r, lane), theirs = golden->register_words(r, lane);
        ASSERT_TRUE(std::ranges::equal(ours, theirs)) << "lane " << lane << " v" << r;
      }
    }
  }
  void expect_same_memory() {
    for (const std::uint64_t place : places) {
      std::vector<std::byte> ours(rtl::image_bytes(capabilities)), theirs(ours.size());
      board->peek(place, ours);
      golden->peek(place, theirs);
      const auto [at, there] = std::ranges::mismatch(ours, theirs);
      ASSERT_EQ(at - ours.begin(), std::ssize(ours));
    }
  }

  PlantedBoard::Faults faults;
  Capabilities capabilities;
  std::unique_ptr<SteppedDevice> board, golden;
  std::vector<std::uint64_t> places;
};

// Looked at now and then, given up in the middle or not.
TEST_P(RandomPrograms, ShowGoldensRegistersAndMemoryAtEachStop) {
  make_boards(false);
  std::mt19937 random(1);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    load(seed);
    board->start();
    golden->start();
    for (bool more = true; more;) {
      ASSERT_EQ(board->pc(), golden->pc());
      more = golden->step();
      ASSERT_EQ(board->step(), more);
      if (random() % 8 == 0 || !more) {
        ASSERT_NO_FATAL_FAILURE(expect_same_registers());
      }
      if (random() % 8 == 0 || !more) {
        ASSERT_NO_FATAL_FAILURE(expect_same_memory());
      }
      if (!more) {
        for (const std::uint32_t offset : {reg::kStatus, reg::kStatusPc}) {
          ASSERT_EQ(board->read_register(offset), golden->read_register(offset));
        }
      } else if (random() % 100 == 0) {
        board->abandon();
        golden->abandon();
        ASSERT_NO_FATAL_FAILURE(expect_same_memory());
        break;
      }
    }
  }
}

// Several instructions a run.
TEST_P(RandomPrograms, EqualGoldenInLockstep) {
  make_boards(true);
  std::uint64_t compared = 0, runs = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    load(seed);
    golden->start();
    std::uint64_t steps = 0;
    while (golden->step()) ++steps;
    runs -= faults.runs;
    const program::ProgramEnd end = program::run_program(*board, kLimit);
    runs += faults.runs;
    ASSERT_EQ(static_cast<std::uint32_t>(end.status), golden->read_register(reg::kStatus));
    ASSERT_EQ(end.pc, golden->read_register(reg::kStatusPc));
    ASSERT_EQ(board->compared() - compared, steps);
    compared = board->compared();
    if (end.status == Status::kOk) {
      ASSERT_NO_FATAL_FAILURE(expect_same_registers());
    }
    ASSERT_NO_FATAL_FAILURE(expect_same_memory());
  }
  EXPECT_LT(runs, compared);  // a run and a look would be two for each
}

INSTANTIATE_TEST_SUITE_P(Of, RandomPrograms,
                         testing::Values(Case{"OneLane", {256, 8, 512, 1, 1, 0}},
                                         Case{"LanesAndChannels", {320, 16, 512, 4, 3, kMaxTrees}}),
                         [](const auto& each) { return each.param.name; });

// ------------------------------------------------------------------------ one program

// pc 0: v0 = x;  1: v1 = x + x;  2: v2 = v0 + v1;  3: y = v2;  4: v0 = v2 + v2;  5: z = v0;  6:
// HALT
class Planted : public testing::Test {
 protected:
  static constexpr std::uint32_t kLen = 20;

  static std::vector<Instruction> program() {
    const auto row = [](Opcode op, std::uint32_t d, std::uint32_t a, std::uint32_t b) {
      return make(op, {{Field::kVd, d}, {Field::kVa, a}, {Field::kVb, b}, {Field::kLen, kLen}});
    };
    const auto store = [](std::uint32_t a, std::uint32_t line) {
      return make(Opcode::kSv,
                  {{Field::kVa, a}, {Field::kSeg, 1}, {Field::kOff, line}, {Field::kLen, kLen}});
    };
    return {make(Opcode::kLdv, {{Field::kVd, 0}, {Field::kSeg, 1}, {Field::kLen, kLen}}),
            row(Opcode::kAdd, 1, 0, 0),
            row(Opcode::kAdd, 2, 0, 1),
            store(2, 2),
            row(Opcode::kAdd, 0, 2, 2),
            store(0, 4),
            make(Opcode::kHalt)};
  }

  void load(bool lockstep, std::vector<Instruction> instructions = program()) {
    code = std::move(instructions);
    board = make_replayed_device(std::make_unique<PlantedBoard>(kSmall, kMemory, faults),
                                 {.lockstep = lockstep, .memory_bytes = kMemory, .progress = {}});
    memory = board->alloc(1 << 12);
    reload();
    board->write_register(reg::seg_base_lo(1), static_cast<std::uint32_t>(memory));
    board->write_register(reg::seg_base_hi(1), static_cast<std::uint32_t>(memory >> 32));
    board->write_register(reg::seg_size(1), 8);
    board->write_register(reg::seg_lane_stride(1), 8);
    board->write_register(reg::kLaneMaskLo, 3);
    program::load_program(*board, code);
  }
  void reload() {
    std::vector<std::uint32_t> image(1024);
    for (std::uint32_t i = 0; i < kLen; ++i) {
      image[i] = i + 1;           // lane 0
      image[128 + i] = 1000 + i;  // lane 1
    }
    board->upload(memory, std::as_bytes(std::span(image)));
  }
  // Whenever this instruction is executed.
  void spoil(std::uint32_t pc, std::function<void(const golden::Step&)> how) {
    faults.spoil = [=, this](const golden::Step& step) {
      if (step.pc == pc && step.instruction == code[pc] && step.status == Status::kOk) how(step);
    };
  }

  std::string run_error() {
    try {
      program::run_program(*board, kLimit);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  PlantedBoard::Faults faults;
  std::vector<Instruction> code;
  std::unique_ptr<SteppedDevice> board;
  std::uint64_t memory = 0;
};

TEST_F(Planted, IsEqualWithoutAFault) {
  load(true);
  EXPECT_EQ(run_error(), "none");
  EXPECT_EQ(board->compared(), 6u);
}

TEST_F(Planted, WordOfARegisterIsNamed) {
  load(true);
  spoil(1, [](const golden::Step& step) { flip_register(step, 1, 19); });
  EXPECT_EQ(run_error(),
            "lockstep: pc 1: ADD v1, v0, v0, 20: lane 1 v1[19] is 0x000007f7 in board, 0x000007f6 "
            "in golden");
}

TEST_F(Planted, RegisterThatIsWrittenOverLaterIsNamed) {
  load(true);
  spoil(0, [](const golden::Step& step) { flip_register(step, 0, 3); });
  EXPECT_EQ(run_error(),
            "lockstep: pc 0: LDV v0, [b1], 20: lane 0 v0[3] is 0x00000005 in board, 0x00000004 in "
            "golden");
}

TEST_F(Planted, LaneThatIsStuckIsNamed) {
  load(true);
  spoil(2, [](const golden::Step& step) {
    const auto words = step.registers[1].words;
    std::memset(const_cast<std::int32_t*>(words.data()), 0, words.size_bytes());
  });
  EXPECT_EQ(run_error(),
            "lockstep: pc 2: ADD v2, v0, v1, 20: lane 1 v2[0] is 0x00000000 in board, 0x00000bb8 "
            "in golden");
}

TEST_F(Planted, MemoryIsNamed) {
  load(true);
  spoil(3, [](const golden::Step& step) { flip_memory(step, 5); });
  EXPECT_EQ(run_error(), fmt::format("lockstep: pc 3: SV v2, [b1 + 0x80], 20: memory byte {:#x} is "
                                     "0x01 in board, 0x00 in golden",
                                     memory + 0x85));
}

// In memory that it has not written for longest.
TEST_F(Planted, MemoryIsNamedWithoutLockstepToo) {
  load(false);
  spoil(5, [](const golden::Step& step) { flip_memory(step, 64); });
  EXPECT_EQ(run_error(),
            fmt::format("at the end memory byte {:#x} is 0x67 in board, 0x66 in golden, "
                        "by pc 5: SV v0, [b1 + 0x100], 20",
                        memory + 0x140));
}

TEST_F(Planted, RegisterThatNoInstructionWroteIsNamed) {
  load(true);
  // What the store wrote lies where it should; a word of another register, too, has changed.
  std::int32_t* v1 = nullptr;
  faults.spoil = [&](const golden::Step& step) {
    if (step.pc == 1 && step.instruction == code[1]) {
      v1 = const_cast<std::int32_t*>(step.registers[0].words.data());
    }
    if (step.pc == 6 && step.instruction == code[6] && v1 != nullptr) v1[40] = 7;
  };
  EXPECT_EQ(run_error(),
            "lockstep: at the end lane 0 v1[40] is 0x00000007 in board, 0x00000000 in golden");
}

TEST_F(Planted, WrongStatusAtTheEndIsNamed) {
  load(false);
  faults.status = Status::kReadError;
  faults.status_pc = 6;
  EXPECT_EQ(run_error(), "board ended with READ_ERROR at pc 6, golden with OK at pc 6: HALT");
}

TEST_F(Planted, EarlyEndIsNamed) {
  load(true);
  board->write_register(reg::seg_size(1), 4);  // so golden, too, ends at the last store
  EXPECT_EQ(run_error(), "none");
  EXPECT_EQ(board->read_register(reg::kStatusPc), 5u);
  faults.status = Status::kIllegalInstruction;
  faults.status_pc = 4;  // where a HALT stands when the first four are compared
  EXPECT_EQ(run_error(), "board ended with ILLEGAL_INSTRUCTION at pc 4, golden goes on");
}

// ------------------------------------------------------------------------ looking

TEST_F(Planted, BoardIsRunOnlyWhenItIsLookedAt) {
  load(false);
  board->start();
  const unsigned before = faults.runs;
  for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(board->step());
  EXPECT_EQ(faults.runs, before);
  EXPECT_EQ(board->register_words(2, 1)[0], 3000);
  // Registers cleared once, the program, and v2 stored.
  EXPECT_EQ(faults.runs, before + 3);
  EXPECT_EQ(board->register_words(2, 1)[1], 3003);
  EXPECT_EQ(faults.runs, before + 3);
  std::array<std::byte, 4> word;
  board->peek(memory + 0x80, word);
  EXPECT_EQ(faults.runs, before + 3);
  EXPECT_EQ(word[0], std::byte{3});
}

TEST_F(Planted, FaultIsShownWhereNobodyCompares) {
  load(false);
  spoil(1, [](const golden::Step& step) { flip_register(step, 0, 0); });
  board->start();
  board->step();
  EXPECT_EQ(board->register_words(0, 0)[0], 1);
  board->step();
  EXPECT_EQ(board->register_words(1, 0)[0], 3);  // golden's is 2
  EXPECT_FALSE(board->shows_scales());
}

// A program that adds to what it finds, in a register that nothing has written since its start and
// in memory: each run has to begin with what the first one found.
TEST_F(Planted, RunsBeginAsTheProgramDid) {
  const auto row = [](std::uint32_t d, std::uint32_t a, std::uint32_t b) {
    return make(Opcode::kAdd,
                {{Field::kVd, d}, {Field::kVa, a}, {Field::kVb, b}, {Field::kLen, 64}});
  };
  load(true, {make(Opcode::kLdv, {{Field::kVd, 0}, {Field::kSeg, 1}, {Field::kLen, kLen}}),
              row(3, 3, 0), row(4, 3, 3), row(3, 3, 4),
              make(Opcode::kSv, {{Field::kVa, 3}, {Field::kSeg, 1}, {Field::kLen, kLen}}),
              row(4, 4, 3), make(Opcode::kHalt)});
  std::int32_t v3 = 0, v4 = 0, x = 1000;  // element 0 of lane 1
  for (unsigned program = 0; program < 3; ++program) {
    SCOPED_TRACE(program);
    board->start();
    while (true) {
      const std::uint32_t pc = board->pc();
      if (!board->step()) break;
      if (pc == 1) v3 += x;
      if (pc == 2) v4 = 2 * v3;
      if (pc == 3) v3 += v4;
      if (pc == 4) x = v3;
      if (pc == 5) v4 += v3;
      ASSERT_EQ(board->register_words(3, 1)[0], v3) << pc;
      ASSERT_EQ(board->register_words(4, 1)[0], v4) << pc;
      std::int32_t word = 0;
      board->peek(memory + 8 * kLineBytes, std::as_writable_bytes(std::span(&word, 1)));
      ASSERT_EQ(word, x) << pc;
    }
  }
}

TEST_F(Planted, RestartsFromTheMiddle) {
  load(false);
  for (unsigned stop = 1; stop < 6; ++stop) {
    board->start();
    for (unsigned i = 0; i < stop; ++i) ASSERT_TRUE(board->step());
    if (stop % 2 == 0) {
      EXPECT_EQ(board->register_words(0, 0)[0], stop < 5 ? 1 : 6);
    }
    board->abandon();
    reload();
  }
  EXPECT_EQ(run_error(), "none");
  std::int32_t z = 0;
  board->download(memory + 4 * kLineBytes, std::as_writable_bytes(std::span(&z, 1)));
  EXPECT_EQ(z, 6);
}

TEST_F(Planted, CountersLeaveOutTheHaltOfAStop) {
  load(false);
  board->start();
  EXPECT_EQ(board->counters()[Counter::kInstructions], 0u);
  board->step();
  board->step();
  EXPECT_EQ(board->counters()[Counter::kInstructions], 2u);
  board->register_words(0, 0);
  EXPECT_EQ(board->counters()[Counter::kInstructions], 2u);
  while (board->step()) {
  }
  board->register_words(0, 0);  // which takes a program of its own
  EXPECT_EQ(board->counters()[Counter::kInstructions], 7u);
  EXPECT_EQ(read_counters(*board)[Counter::kInstructions], 7u);
}

TEST_F(Planted, BoardThatFallsSilentIsToldAndLookedAtAgain) {
  load(false);
  const auto expect_silence = [&] {
    faults.silent = true;
    EXPECT_THROW(board->register_words(2, 1), Error);
    faults.silent = false;
  };
  board->start();
  for (unsigned i = 0; i < 3; ++i) ASSERT_TRUE(board->step());
  expect_silence();
  EXPECT_EQ(board->register_words(2, 1)[0], 3000);
  ASSERT_TRUE(board->step());
  expect_silence();
  EXPECT_EQ(board->register_words(2, 1)[1], 3003);
  while (board->step()) {
  }
  EXPECT_EQ(board->read_register(reg::kStatus), 0u);
  faults.silent = true;
  EXPECT_NE(run_error().find("no ap_done within 300000 ms"), std::string::npos);
  faults.silent = false;
  reload();
  EXPECT_EQ(run_error(), "none");
}

// A board that was reset says so to who writes memory, too, and then has no program any more.
TEST_F(Planted, BoardThatWasResetBetweenProgramsIsLoadedAgain) {
  load(true);
  ASSERT_EQ(run_error(), "none");
  faults.was_reset = true;
  EXPECT_THROW(reload(), Error);
  EXPECT_EQ(faults.was_reset, false);
  reload();
  EXPECT_EQ(run_error(), "none");
}

TEST_F(Planted, GoldensRegistersAreNotShownAsTheBoards) {
  load(false);
  EXPECT_THROW(board->register_words(2, 1), Error);
  board->start();
  ASSERT_TRUE(board->step());
  EXPECT_EQ(board->register_words(0, 0)[0], 1);
  board->abandon();  // and what comes next fails
  EXPECT_THROW(board->register_words(0, 0), Error);
}

TEST_F(Planted, MemoryThatRegistersAreReadThroughIsNamedWhereItIsMissing) {
  load(false);
  try {
    board->alloc(kMemory - (1 << 12), 0);
    FAIL() << "there is no such room";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("of which registers are read through"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace sterna::replay
