#include "tests/rtl/random_program.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>

#include "asm/disassembler.h"
#include "host/device/program.h"
#include "host/support/error.h"

namespace sterna {
namespace {

// What the segments hold; which number each has is random.
enum Role { kFixData, kQ8Data, kMatrices, kTable, kScratch, kClosed, kEdge, kRoles };

constexpr std::uint32_t kWordsPerLine = kLineBytes / 4;

class Generator {
 public:
  Generator(const RandomProgramOptions& options, const Capabilities& capabilities)
      : options_(options),
        capabilities_(capabilities),
        random_(options.seed),
        registers_(capabilities.registers) {}

  RandomProgram make() {
    lay_out_memory();
    give_every_register_a_value();
    const auto body = pick(options_.min_instructions, options_.max_instructions);
    for (unsigned i = 0; i < body; ++i) emit(random_instruction());
    for (unsigned i = 0; i < 2; ++i) emit(store());
    const bool overrun = options_.faulty && chance(10);
    if (!overrun) emit(make(Opcode::kHalt));
    if (options_.faulty && !overrun) plant_faults(body);
    const auto room = capabilities_.rom_depth - static_cast<std::uint32_t>(program_.code.size());
    program_.entry = overrun ? room : pick(0u, room);
    return std::move(program_);
  }

 private:
  // What the generator knows of a register.
  struct Register {
    std::uint32_t words = 0;  // written from element 0 on
    std::uint32_t q8 = 0;     // of these, words that hold four q8 elements, from element 0 on
    bool scaled = false;      // has a scale that is not 0
  };

  // ------------------------------------------------------------------------------------------------
  // random choices

  template <typename T>
  T pick(T low, T high) {
    return std::uniform_int_distribution<T>(low, high)(random_);
  }
  bool chance(unsigned percent) { return pick(0u, 99u) < percent; }

  std::int32_t fix_value() {
    switch (pick(0, 9)) {
      case 0:
        return std::array{0,
                          1,
                          -1,
                          std::numeric_limits<std::int32_t>::max(),
                          std::numeric_limits<std::int32_t>::min(),
                          std::numeric_limits<std::int32_t>::min() + 1,
                          12 << 16,
                          -(12 << 16),
                          0x8000,
                          -0x8000}[pick(0u, 9u)];
      case 1:
        return static_cast<std::int32_t>(random_());  // anything
      case 2:
        return (1 << pick(0, 30)) * (chance(50) ? 1 : -1);
      case 3:
      case 4:
        return pick(-(16 << 16), 16 << 16);  // where exp and sigmoid bend
      case 5:
        return pick(-64, 64);
      default:
        return pick(-(2 << 16), 2 << 16);
    }
  }

  // 1..limit, mostly short, often at or beside the end of a line.
  std::uint32_t length(std::uint32_t limit) {
    const std::uint32_t typical = std::min(limit, options_.typical_length);
    const unsigned kind = pick(0u, 99u);
    if (kind < 60) return pick(1u, typical);
    if (kind < 90) {
      const std::uint32_t edge = chance(50) ? kWordsPerLine : kLineBytes;
      const std::uint32_t n = edge * pick(1u, std::max(1u, 2 * typical / edge)) + pick(0u, 2u) - 1;
      return std::clamp(n, 1u, limit);
    }
    return kind < 95 ? limit : pick(1u, limit);
  }
  std::uint32_t length() { return length(capabilities_.vector_length); }

  // Registers: one that the last instructions used, half of the time.
  std::uint32_t any_register() {
    if (chance(50) && !recent_.empty()) return recent_[pick(std::size_t{0}, recent_.size() - 1)];
    return pick(0u, capabilities_.registers - 1);
  }
  void remember(std::uint32_t r) {
    recent_.push_back(r);
    if (recent_.size() > 4) recent_.erase(recent_.begin());
  }

  // --------------------------------------------------------------------------------------------------------
  // memory

  std::uint32_t fix_lines_of_register() const { return lines(capabilities_.vector_length); }
  static std::uint32_t lines(std::uint32_t elements) {
    return static_cast<std::uint32_t>(fix_lines(elements));
  }

  void lay_out_memory() {
    const std::uint32_t vector = fix_lines_of_register();
    const auto matrix = static_cast<std::uint32_t>(
        matrix_lines(capabilities_.vector_length, capabilities_.vector_length));
    const std::array<std::uint32_t, kRoles> sizes = {
        3 * vector, 2 * vector, std::min(matrix, 512u), 6 * vector, 3 * vector, 0, 6 * vector};
    std::array<std::uint32_t, kSegments> numbers;
    std::iota(numbers.begin(), numbers.end(), 0);
    std::shuffle(numbers.begin(), numbers.end(), random_);
    std::uint64_t end = 0;
    for (unsigned role = 0; role < kRoles; ++role) {
      number_[role] = numbers[role];
      end += kLineBytes * pick(0u, 70u);  // so that bursts meet 4 KiB borders anywhere
      program_.segments[numbers[role]] = {.begin = end, .lines = sizes[role]};
      if (role != kEdge) end += std::uint64_t{kLineBytes} * sizes[role];
    }
    // The edge segment begins inside memory and ends outside; or it lies wholly outside, far up.
    const bool far = chance(20);
    const std::uint32_t inside = far ? 0 : pick(0u, sizes[kEdge] / 2);
    program_.segments[number_[kEdge]] = {
        .begin = far ? std::uint64_t{kLineBytes} << pick(30u, 57u)
                     : options_.memory_bytes - std::uint64_t{inside} * kLineBytes,
        .lines = sizes[kEdge],
        .absolute = true};
    edge_inside_ = inside;

    program_.image.resize(end);
    for (std::uint64_t i = 0; i + 4 <= end; i += 4) {
      const std::int32_t value = fix_value();
      std::memcpy(&program_.image[i], &value, 4);
    }
    for_bytes_of(kQ8Data, [this](std::byte& b) { b = static_cast<std::byte>(pick(-127, 127)); });
    for_bytes_of(kMatrices, [this](std::byte& b) { b = static_cast<std::byte>(pick(0, 255)); });
    program_.token = pick(0u, 3u);
  }

  template <typename Function>
  void for_bytes_of(Role role, Function f) {
    const RandomProgram::Segment& s = program_.segments[number_[role]];
    for (std::uint64_t i = 0; i < std::uint64_t{s.lines} * kLineBytes; ++i) {
      f(program_.image[s.begin + i]);
    }
  }

  // ---------------------------------------------------------------------------------------------------
  // instructions

  static Instruction make(Opcode op) {
    Instruction in;
    in.set(Field::kOp, static_cast<std::uint32_t>(op));
    return in;
  }

  // A memory operand of `count` lines that lies inside the segment.
  void set_memory(Instruction& in, Role role, std::uint32_t count, std::uint32_t skip = 0) {
    const std::uint32_t size = program_.segments[number_[role]].lines;
    in.set(Field::kSeg, number_[role]);
    in.set(Field::kOff, pick(0u, size - count - skip));
  }

  void wrote_fix(std::uint32_t vd, std::uint32_t len) {
    registers_[vd].words = std::max(registers_[vd].words, lines(len) * kWordsPerLine);
    registers_[vd].q8 = 0;
    remember(vd);
  }
  void wrote_q8(std::uint32_t vd, std::uint32_t words) {
    words = lines(words) * kWordsPerLine;
    registers_[vd].words = std::max(registers_[vd].words, words);
    registers_[vd].q8 = std::max(registers_[vd].q8, words);
    remember(vd);
  }

  void emit(const Instruction& in) { program_.code.push_back(in); }

  void give_every_register_a_value() {
    for (std::uint32_t r = 0; r < capabilities_.registers; ++r) {
      const std::uint32_t len = chance(30) ? length() : capabilities_.vector_length;
      emit(r % 4 == 3 ? set(r, len) : load(r, len));
    }
  }

  Instruction set(std::uint32_t vd, std::uint32_t len) {
    Instruction in = make(Opcode::kSet);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    in.set(Field::kImm, static_cast<std::uint32_t>(fix_value()));
    wrote_fix(vd, len);
    return in;
  }

  Instruction load(std::uint32_t vd, std::uint32_t len) {
    Instruction in = make(Opcode::kLdv);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    const Role role = std::array{kFixData, kScratch, kTable}[pick(0u, 2u)];
    set_memory(in, role, lines(len));
    // Straight after a store: from where it went.
    if (role == kScratch && chance(70))
      in.set(Field::kOff,
             std::min(last_store_, program_.segments[number_[role]].lines - lines(len)));
    wrote_fix(vd, len);
    return in;
  }

  Instruction load_q8(std::uint32_t vd) {
    Instruction in = make(Opcode::kLdv);
    const std::uint32_t len = length();
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    set_memory(in, kQ8Data, lines(len));
    wrote_q8(vd, len);
    return in;
  }

  Instruction embed(std::uint32_t vd) {
    Instruction in = make(Opcode::kEmb);
    const std::uint32_t len = length();
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    set_memory(in, kTable, lines(len), program_.token * lines(len));
    wrote_fix(vd, len);
    return in;
  }

  Instruction store() {
    Instruction in = make(Opcode::kSv);
    const std::uint32_t va = any_register();
    const std::uint32_t len = length(registers_[va].words);
    in.set(Field::kVa, va);
    in.set(Field::kLen, len);
    set_memory(in, kScratch, lines(len));
    last_store_ = in.get(Field::kOff);
    remember(va);
    return in;
  }

  Instruction row_wise(Opcode op) {
    Instruction in = make(op);
    const InstructionInfo& info = *find_instruction(static_cast<std::uint32_t>(op));
    std::uint32_t limit = capabilities_.vector_length;
    for (const auto& [operand, field] : {std::pair{Operand::kVa, Field::kVa},
                                         {Operand::kVb, Field::kVb},
                                         {Operand::kVc, Field::kVc}}) {
      if (!info.has(operand)) continue;
      const std::uint32_t r = any_register();
      in.set(field, r);
      limit = std::min(limit, registers_[r].words);
    }
    const std::uint32_t vd = chance(25) ? in.get(Field::kVa) : any_register();
    const std::uint32_t len = op == Opcode::kDiv ? length(std::min(limit, 20u)) : length(limit);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    if (op == Opcode::kNorm) {
      in.set(Field::kImm, std::array{0u, 1u, 0xFFFFFFFFu, 1'099'512u,
                                     static_cast<std::uint32_t>(random_())}[pick(0u, 4u)]);
    }
    remember(in.get(Field::kVa));
    wrote_fix(vd, len);
    return in;
  }

  Instruction quantise() {
    Instruction in = make(Opcode::kQuant);
    const std::uint32_t va = any_register();
    const std::uint32_t len = length(registers_[va].words);
    const std::uint32_t vd = any_register();
    in.set(Field::kVa, va);
    in.set(Field::kVd, vd);
    in.set(Field::kLen, len);
    if (vd == va) registers_[vd].q8 = 0;
    wrote_q8(vd, static_cast<std::uint32_t>(q8_lines(len)) * kWordsPerLine);
    registers_[vd].scaled = true;
    return in;
  }

  // From a register that holds q8; if there is none, one is quantised first. Now and then the scale
  // is still 0.
  Instruction matmul() {
    const bool any_scale = chance(10);
    const auto fits = [&](const Register& r) { return r.q8 != 0 && (r.scaled || any_scale); };
    std::uint32_t va = any_register();
    for (std::uint32_t i = 0; i < capabilities_.registers && !fits(registers_[va]); ++i) {
      va = (va + 1) % capabilities_.registers;
    }
    if (!fits(registers_[va])) return quantise();
    std::uint32_t vd = any_register();
    if (vd == va) vd = (va + 1) % capabilities_.registers;
    Instruction in = make(Opcode::kTmatmul);
    const std::uint32_t cols = length(std::min(capabilities_.vector_length, 4 * registers_[va].q8));
    std::uint32_t rows = length();
    const std::uint32_t size = program_.segments[number_[kMatrices]].lines;
    while (matrix_lines(rows, cols) > size) rows = (rows + 1) / 2;
    in.set(Field::kVd, vd);
    in.set(Field::kVa, va);
    in.set(Field::kLen, cols);
    in.set(Field::kRows, rows);
    set_memory(in, kMatrices, static_cast<std::uint32_t>(matrix_lines(rows, cols)));
    const std::uint32_t exponent = chance(70) ? pick(20u, 40u) : pick(13u, 63u);
    in.set(Field::kImm, exponent << 16 | pick(0u, 0xFFFFu));
    remember(va);
    wrote_fix(vd, rows);
    return in;
  }

  Instruction random_instruction() {
    const unsigned kind = pick(0u, 99u);
    if (kind < 10) return load(any_register(), length());
    if (kind < 14) return load_q8(any_register());
    if (kind < 18) return embed(any_register());
    if (kind < 30) return store();
    if (kind < 35) return set(any_register(), length());
    if (kind < 45) return quantise();
    if (kind < 58) return matmul();
    if (kind < 64) return row_wise(Opcode::kNorm);
    if (kind < 67) return row_wise(Opcode::kDiv);
    return row_wise(std::array{Opcode::kAdd, Opcode::kSub, Opcode::kMul, Opcode::kExp, Opcode::kSig,
                               Opcode::kSilu, Opcode::kGate}[pick(0u, 6u)]);
  }

  // ---------------------------------------------------------------------------------------------------------
  // faults

  // Close together, so that a later one is often met while an earlier one is still on its way.
  void plant_faults(unsigned body) {
    auto at = static_cast<std::ptrdiff_t>(capabilities_.registers + pick(0u, body - 1));
    if (chance(25)) {  // two that are in flight at once, in two units
      const bool matmul_first = chance(50);
      program_.code.insert(program_.code.begin() + at, bus_error(!matmul_first));
      program_.code.insert(program_.code.begin() + at, bus_error(matmul_first));
      return;
    }
    for (unsigned i = pick(1u, 3u); i > 0; --i) {
      program_.code.insert(program_.code.begin() + at, fault());
      at = std::min<std::ptrdiff_t>(at + pick(1, 3),
                                    static_cast<std::ptrdiff_t>(program_.code.size()) - 1);
    }
  }

  Instruction fault() {
    if (chance(40)) return bus_error(chance(25));
    return chance(50) ? bad_address() : illegal();
  }

  // A legal instruction with a memory operand of its own, its destination a register that is in
  // use.
  Instruction memory_instruction(bool is_matmul) {
    Instruction in =
        make(is_matmul ? Opcode::kTmatmul
                       : std::array{Opcode::kLdv, Opcode::kSv, Opcode::kEmb}[pick(0u, 2u)]);
    const auto op = static_cast<Opcode>(in.get(Field::kOp));
    in.set(Field::kLen, length());
    const std::uint32_t r = any_register();
    if (op != Opcode::kSv) in.set(Field::kVd, r);
    if (op == Opcode::kSv) in.set(Field::kVa, r);
    if (op == Opcode::kTmatmul) {
      in.set(Field::kVa, (r + 1) % capabilities_.registers);
      in.set(Field::kRows, length());
      in.set(Field::kImm, 30u << 16 | 5);
    }
    return in;
  }
  std::uint64_t lines_of(const Instruction& in) const {
    return lines_touched(in, program_.token).count;
  }

  // Inside the edge segment, but partly outside memory.
  Instruction bus_error(bool is_matmul) {
    const std::uint32_t size = program_.segments[number_[kEdge]].lines;
    Instruction in = memory_instruction(is_matmul);
    in.set(Field::kSeg, number_[kEdge]);
    if (static_cast<Opcode>(in.get(Field::kOp)) == Opcode::kTmatmul) {
      while (lines_of(in) > size) in.set(Field::kRows, (in.get(Field::kRows) + 1) / 2);
    }
    const auto first = static_cast<std::uint32_t>(lines_touched(in, program_.token).first);
    const auto count = static_cast<std::uint32_t>(lines_of(in));
    const std::uint32_t highest = size - first - count;
    const std::uint32_t lowest =
        edge_inside_ + 1 > first + count ? edge_inside_ + 1 - first - count : 0;
    in.set(Field::kOff, pick(std::min(lowest, highest), highest));
    return in;
  }

  Instruction bad_address() {
    Instruction in = memory_instruction(chance(25));
    const Role role = std::array{kFixData, kScratch, kTable, kClosed}[pick(0u, 3u)];
    in.set(Field::kSeg, number_[role]);
    const std::uint64_t size = program_.segments[number_[role]].lines;
    const LineRange range = lines_touched(in, program_.token);
    const std::uint64_t needed = range.first + range.count;
    if (chance(70) && needed <= size + 1) {
      in.set(Field::kOff, static_cast<std::uint32_t>(size + 1 - needed));  // one line too far
    } else {
      in.set(Field::kOff, chance(50) ? 0xFFFFFFFFu : static_cast<std::uint32_t>(size));
    }
    return in;
  }

  Instruction illegal() {
    Instruction in = random_instruction_untracked();
    const auto op = static_cast<Opcode>(in.get(Field::kOp));
    switch (pick(0, 9)) {
      case 0:  // an opcode that is not there
        do in.set(Field::kOp, pick(0u, 255u));
        while (find_instruction(in.get(Field::kOp)) != nullptr);
        return in;
      case 1: {  // a bit that is not used
        const auto& used = find_instruction(in.get(Field::kOp))->used;
        unsigned bit = 0;
        do bit = pick(0u, 127u);
        while (used[bit / 32] >> (bit % 32) & 1);
        in.words[bit / 32] |= 1u << (bit % 32);
        return in;
      }
      case 2:
        in.set(Field::kLen, 0);
        return in;
      case 3:
        in.set(Field::kLen, std::array{capabilities_.vector_length + 1, 0xFFFFu}[pick(0u, 1u)]);
        return in;
      case 4:
        if (capabilities_.registers == kMaxRegisters) break;
        in.set(op == Opcode::kSv ? Field::kVa : Field::kVd,
               pick(capabilities_.registers, kMaxRegisters - 1));
        return in;
      default:
        break;
    }
    in = make(Opcode::kTmatmul);  // legal but for one thing
    in.set(Field::kVd, 1);
    in.set(Field::kLen, length());
    in.set(Field::kRows, pick(1u, 5u));
    in.set(Field::kSeg, number_[kMatrices]);
    in.set(Field::kImm, 30u << 16 | 7);
    switch (pick(0, 4)) {
      case 0:
        in.set(Field::kVa, 1);
        break;
      case 1:
        in.set(Field::kRows, 0);
        break;
      case 2:
        in.set(Field::kRows, capabilities_.vector_length + 1);
        break;
      case 3:
        in.set(Field::kImm, (chance(50) ? 12u : pick(0u, 12u)) << 16 | 7);
        break;
      default:
        in.set(Field::kImm, 1u << pick(22u, 31u) | 30u << 16);
        break;
    }
    return in;
  }

  // What comes after a fault does not run, so what the generator knows of the registers must not
  // change.
  Instruction random_instruction_untracked() {
    const std::vector<Register> before = registers_;
    Instruction in = random_instruction();
    registers_ = before;
    return in;
  }

  RandomProgramOptions options_;
  Capabilities capabilities_;
  std::mt19937_64 random_;
  RandomProgram program_;
  std::array<std::uint32_t, kRoles> number_{};
  std::uint32_t edge_inside_ = 0;  // lines of the edge segment that are in memory
  std::uint32_t last_store_ = 0;
  std::vector<Register> registers_;
  std::vector<std::uint32_t> recent_;
};

}  // namespace

RandomProgram random_program(const RandomProgramOptions& options,
                             const Capabilities& capabilities) {
  return Generator(options, capabilities).make();
}

std::string RandomProgram::listing() const {
  std::string text = fmt::format("entry {}, token {}\n", entry, token);
  for (std::size_t i = 0; i < code.size(); ++i) {
    text += fmt::format("{:5}  {}\n", entry + i, disassemble(code[i]));
  }
  return text;
}

void load(Device& device, const RandomProgram& program, std::uint64_t address) {
  device.upload(address, program.image);
  load_program(device, program.code, program.entry);
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    const RandomProgram::Segment& segment = program.segments[s];
    const std::uint64_t base = segment.absolute ? segment.begin : address + segment.begin;
    device.write_register(reg::seg_base_lo(s), static_cast<std::uint32_t>(base));
    device.write_register(reg::seg_base_hi(s), static_cast<std::uint32_t>(base >> 32));
    device.write_register(reg::seg_size(s), segment.lines);
  }
  device.write_register(reg::kEntry, program.entry);
  device.write_register(reg::token(0), program.token);
}

}  // namespace sterna
