// SPDX-License-Identifier: Apache-2.0
// The top list against a sorted vector.
#include "Vtopk_128.h"
#include "Vtopk_512.h"
#include "Vtopk_64.h"
#include "tests/rtl_units/unit_bench.h"

namespace sterna::test {
namespace {

struct Entry {
  std::int32_t value = -0x7FFFFFFF - 1;
  std::uint32_t id = 0xFFFFFFFF;

  bool operator==(const Entry&) const = default;
  bool before(const Entry& other) const {
    return value != other.value ? value > other.value : id < other.id;
  }
};

// Programs of one to six TOPKs, as a head's blocks are, over values of every spread: many equal
// ones, rising, falling.
template <typename Dut, unsigned kBeatBits, unsigned kVecLen>
void random_programs(unsigned count) {
  using Bench = UnitBench<Dut, kBeatBits, kVecLen, 1>;
  const std::uint64_t seed = base_seed();
  Random random(seed);
  Bench bench(seed);
  for (unsigned program = 0; program < count; ++program) {
    if (random.chance(10)) {  // what a reset cuts off leaves nothing behind
      Instruction cut;
      cut.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTopk));
      cut.set(Field::kLen, random.between(1, kVecLen));
      ASSERT_NO_THROW(bench.cut_off(cut, random.between(1, kVecLen / 4), random.between(1, 3)));
    }
    bench.dut().clear_i = 1;
    bench.idle();
    bench.dut().clear_i = 0;
    bench.dut().mine_i = 1;
    std::vector<Entry> list(kTopEntries);
    std::uint32_t first = random.chance(10) ? random.bits() : random.below(1000);
    for (std::uint32_t block = random.between(1, 6); block > 0; --block) {
      const std::uint32_t len = random.chance(20) ? random.between(1, kVecLen)
                                                  : random.between(1, std::min(kVecLen, 200u));
      Instruction instruction;
      instruction.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTopk));
      instruction.set(Field::kVd, random.below(Bench::kRegisters));
      instruction.set(Field::kVa, random.below(Bench::kRegisters));
      instruction.set(Field::kLen, len);
      instruction.set(Field::kImm, first);
      auto& source = bench.reg(instruction.get(Field::kVa));
      const std::uint32_t order = random.below(8);
      const auto value = pick_values(random);
      for (std::uint32_t e = 0; e < kVecLen; ++e) {
        source[e] = order == 0 ? e : order == 1 ? ~e : static_cast<std::uint32_t>(value());
      }

      std::size_t entered = 0;
      for (std::uint32_t e = 0; e < len; ++e) {
        const Entry entry{static_cast<std::int32_t>(source[e]), first + e};
        // The unit looks at values only before it tries.
        entered += entry.value >= list.back().value;
        const auto place = std::find_if(list.begin(), list.end(),
                                        [&](const Entry& other) { return entry.before(other); });
        if (place == list.end()) continue;
        list.insert(place, entry);
        list.pop_back();
      }
      auto want = bench.reg(instruction.get(Field::kVd));
      for (std::size_t i = 0; i < kTopEntries; ++i) {
        want[i] = static_cast<std::uint32_t>(list[i].value);
        want[kTopEntries + i] = list[i].id;
      }
      const std::string where =
          fmt::format("seed {}, program {}, {} blocks to go, len {}, first id {:#x}", seed, program,
                      block, len, first);
      SCOPED_TRACE(where);
      const unsigned words = (len + Bench::kWordElems - 1) / Bench::kWordElems;
      // A word that is compared before the list has moved may pass in vain.
      const auto limit =
          static_cast<unsigned>(words + entered + 3 * Bench::kWordElems + 2 * Bench::kWordsPerLine);
      const unsigned ready = random.chance(50) ? 100 : random.between(20, 90);
      bench.stall(random, ready);
      ASSERT_NO_THROW(bench.run(instruction, (limit + 12) * (ready == 100 ? 1 : 20)));
      expect_equal(bench.reg(instruction.get(Field::kVd)), want, where);
      if (::testing::Test::HasFatalFailure()) return;
      for (std::uint32_t idle = random.below(3); idle > 0; --idle) bench.idle();
      first += len;
    }
  }
}

TEST(TopK, Random512) { random_programs<Vtopk_512, 512, 1024>(400); }
TEST(TopK, Random128) { random_programs<Vtopk_128, 128, 256>(400); }
TEST(TopK, Random64) { random_programs<Vtopk_64, 64, 256>(200); }

// What enters nothing costs nothing: a word a cycle. The second and the third are compared before
// the first is in the list.
TEST(TopK, StreamsWhatDoesNotEnter) {
  UnitBench<Vtopk_512, 512, 1024, 1> bench(1);
  bench.dut().clear_i = 0;
  bench.dut().mine_i = 1;
  for (std::uint32_t e = 0; e < 1024; ++e) bench.reg(0)[e] = 5000 - e;
  Instruction instruction;
  instruction.set(Field::kOp, static_cast<std::uint32_t>(Opcode::kTopk));
  instruction.set(Field::kVd, 1);
  instruction.set(Field::kLen, 1024);
  EXPECT_LE(bench.run(instruction, 200), 64u + 3u * 16u + 10u);
}

}  // namespace
}  // namespace sterna::test
