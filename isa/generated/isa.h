// SPDX-License-Identifier: Apache-2.0
// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.
// clang-format off
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace sterna {

inline constexpr std::uint32_t kIsaVersion = 4;
inline constexpr std::uint32_t kOldestVersion = 3;
inline constexpr std::uint32_t kInstructionBits = 128;
inline constexpr std::uint32_t kLineBytes = 64;
inline constexpr std::uint32_t kSegments = 16;
inline constexpr std::uint32_t kMaxRegisters = 16;
inline constexpr std::uint32_t kMaxVectorLength = 8192;
inline constexpr std::uint32_t kFractionBits = 24;
inline constexpr std::uint32_t kTritsPerByte = 5;
inline constexpr std::uint32_t kScaleMantissaBits = 24;
inline constexpr std::uint32_t kScaleExponentBits = 6;
inline constexpr std::uint32_t kMinScaleExponent = 13;
inline constexpr std::uint32_t kMaxLanes = 64;
inline constexpr std::uint32_t kTopEntries = 16;
inline constexpr std::uint32_t kMaxTrees = 64;
inline constexpr std::uint32_t kMaxTreeDepth = 15;
inline constexpr std::uint32_t kTreeBlockLevels = 4;
inline constexpr std::uint32_t kRegisterMapBytes = 4096;

// The fields of an instruction; kFields is indexed by this enum. No field crosses a 32-bit word.
enum class Field : std::uint8_t {
  kOp,  // Operation. The high nibble names the unit.
  kVd,  // Destination vector register.
  kVa,  // First source vector register.
  kVb,  // Second source vector register.
  kVc,  // Third source vector register.
  kSeg,  // Memory segment, whose base and size are control registers.
  kDepth,  // Depth of the trees of an FFF layer: levels below the root, 0 to 15.
  kLen,  // Elements of the vectors (TMATMUL, FFFIN: columns of the matrix), 1 to VECTOR_LENGTH. FFFOUT: trees.
  kRows,  // Rows of the matrix, 1 to VECTOR_LENGTH. FFFIN: trees.
  kOff,  // Offset from the segment's base, in lines of 64 bytes (assembly source gives it in bytes).
  kImm,  // Immediate; its meaning is the instruction's.
};
struct FieldInfo {
  std::string_view name;
  unsigned lsb = 0;
  unsigned bits = 0;
};
inline constexpr std::array<FieldInfo, 11> kFields = {{
    {"op", 0, 8},
    {"vd", 8, 4},
    {"va", 12, 4},
    {"vb", 16, 4},
    {"vc", 20, 4},
    {"seg", 24, 4},
    {"depth", 28, 4},
    {"len", 32, 16},
    {"rows", 48, 16},
    {"off", 64, 32},
    {"imm", 96, 32},
}};

// What stands in an operand's place in the source; kMem is the fields seg and off.
enum class Operand : std::uint8_t {
  kVd, kVa, kVb, kVc, kMem, kLen, kRows, kImm, kTrees, kDepth
};

// A unit's number is its bit in trace_retire; the router, which is no such unit, is the last.
enum class Unit : std::uint8_t {
  kLsu,  // Load/Store: whole vectors between DRAM and a register.
  kRow,  // Row-wise: element by element arithmetic on registers.
  kRms,  // Root Mean Square: normalisation and absmax quantisation, two passes over a register.
  kTmm,  // Ternary MatMul: a matrix streamed from DRAM times a quantised register, or an FFF layer's nodes on a path.
  kTop,  // The greatest elements of the program so far: the head's end on the device.
  kCtl,  // Program control, done by the router itself.
};
inline constexpr unsigned kTracedUnits = 5;
struct UnitInfo {
  std::string_view name;
  bool shared = false;      // one for all lanes, not one in each
  unsigned first_read = 0;  // the number of its first read stream
  std::array<Operand, 3> read_slots{};  // use reads()
  std::uint8_t read_count = 0;

  // Its read streams, by the operands that they read.
  constexpr std::span<const Operand> reads() const { return {read_slots.data(), read_count}; }
};
// Indexed by Unit; the first kTracedUnits are those that execute instructions.
inline constexpr std::array<UnitInfo, 6> kUnits = {{
    {"LSU", true, 0, {Operand::kVa}, 1},
    {"ROW", false, 1, {Operand::kVa, Operand::kVb, Operand::kVc}, 3},
    {"RMS", false, 4, {Operand::kVa, Operand::kVb}, 2},
    {"TMM", true, 6, {Operand::kVa}, 1},
    {"TOP", false, 7, {Operand::kVa}, 1},
    {"CTL", false, 8, {}, 0},
}};

// How a program ended: what the STATUS register reads as.
enum class Status : std::uint32_t {
  kOk = 0,  // The program reached HALT.
  kIllegalInstruction = 1,  // Unknown opcode, a register, length or row count that this build does not have, a non-zero unused field, TMATMUL with vd = va or with a segment that is not a multiple of CHANNELS, an instruction whose capability this build lacks, FFFOUT whose trees are not those of the last FFFIN.
  kBadAddress = 2,  // The access leaves its segment, or runs past 2^64.
  kReadError = 3,  // Memory answered a read with an error.
  kWriteError = 4,  // Memory answered a write with an error.
  kPcOverrun = 5,  // The program counter left the instruction ROM without a HALT.
};
struct StatusInfo {
  Status status{};
  std::string_view name;
  std::string_view doc;
};
inline constexpr std::array<StatusInfo, 6> kStatuses = {{
    {Status::kOk, "OK", "The program reached HALT."},
    {Status::kIllegalInstruction, "ILLEGAL_INSTRUCTION", "Unknown opcode, a register, length or row count that this build does not have, a non-zero unused field, TMATMUL with vd = va or with a segment that is not a multiple of CHANNELS, an instruction whose capability this build lacks, FFFOUT whose trees are not those of the last FFFIN."},
    {Status::kBadAddress, "BAD_ADDRESS", "The access leaves its segment, or runs past 2^64."},
    {Status::kReadError, "READ_ERROR", "Memory answered a read with an error."},
    {Status::kWriteError, "WRITE_ERROR", "Memory answered a write with an error."},
    {Status::kPcOverrun, "PC_OVERRUN", "The program counter left the instruction ROM without a HALT."},
}};

enum class Opcode : std::uint8_t {
  kHalt = 0x01,  // End of the program.
  kLdv = 0x10,  // Load a vector.
  kSv = 0x11,  // Store a vector.
  kEmb = 0x12,  // Load the embedding row of the current token.
  kAdd = 0x20,  // Add.
  kSub = 0x21,  // Subtract.
  kMul = 0x22,  // Multiply.
  kDiv = 0x23,  // Divide.
  kExp = 0x24,  // Exponential.
  kSig = 0x25,  // Logistic sigmoid.
  kSilu = 0x26,  // SiLU (swish).
  kSigp = 0x2b,  // Logistic sigmoid of numbers that are held times a power of two.
  kSilup = 0x2a,  // SiLU of numbers that are held times a power of two.
  kRelu = 0x2c,  // ReLU.
  kGelu = 0x2d,  // GELU, the exact one, of numbers that are held times a power of two.
  kGate = 0x27,  // Gated update: va gates between vb and vc.
  kScan = 0x29,  // Step of the recurrence: GATE, whose vb is the previous lane's result in prefill.
  kSet = 0x28,  // Fill a vector with a constant.
  kNorm = 0x30,  // RMS normalisation with a weight.
  kQuant = 0x31,  // Absmax quantisation to int8.
  kLift = 0x32,  // A vector as large as it may be, times a weight.
  kNorml = 0x33,  // RMS normalisation of what was lifted: NORM with eps times 2^(2 lift).
  kTmatmul = 0x40,  // Ternary matrix times quantised vector.
  kFffin = 0x41,  // Walk the trees of an FFF layer: the logits of the nodes on each tree's path.
  kFffout = 0x42,  // The nodes on the paths of the last FFFIN, each times its row of the second matrix of an FFF layer.
  kTopk = 0x50,  // Merge a vector into the list of the greatest elements.
};

// What an immediate means: a fix constant, NORM's eps or TMATMUL's weight scale.
enum class ImmKind : std::uint8_t { kNone, kFix, kEps, kScale, kRaw };
// What is written to vd: len fix elements; len q8 elements and the scale; a fix element a row of the matrix; a list; a fix element a level of each tree.
enum class Result : std::uint8_t { kNone, kFix, kQ8, kRows, kList, kPath };
// What mem names: a vector of each lane; a row of a table, by the lane's token; over all channels a matrix, or one of the two of an FFF layer.
enum class Access : std::uint8_t { kNone, kVector, kRow, kMatrix, kTreeIn, kTreeOut };
struct InstructionInfo {
  std::string_view mnemonic;
  Opcode opcode{};
  Unit unit{};
  std::array<Operand, 7> operand_slots{};  // use operands()
  std::uint8_t operand_count = 0;
  ImmKind imm_kind{};
  Result result{};
  Access access{};
  Field trees{};                          // the field of kTrees; kOp without it
  std::string_view capability;            // the register that says whether a build has it, or empty
  bool chain = false;                       // may issue while its sources are being written
  bool distinct = false;                    // vd and va must differ
  std::array<std::uint32_t, 4> used{};      // the bits that may be set
  std::string_view summary;

  // In the order of the assembly source.
  constexpr std::span<const Operand> operands() const {
    return {operand_slots.data(), operand_count};
  }
  constexpr bool has(Operand operand) const {
    for (const Operand o : operands()) {
      if (o == operand) return true;
    }
    return false;
  }
};
inline constexpr std::array<InstructionInfo, 26> kInstructionSet = {{
    {"HALT", Opcode::kHalt, Unit::kCtl, {}, 0,
     ImmKind::kNone, Result::kNone, Access::kNone, Field::kOp, "", false, false,
     {0x000000ff, 0x00000000, 0x00000000, 0x00000000}, "End of the program."},
    {"LDV", Opcode::kLdv, Unit::kLsu, {Operand::kVd, Operand::kMem, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kVector, Field::kOp, "", false, false,
     {0x0f000fff, 0x0000ffff, 0xffffffff, 0x00000000}, "Load a vector."},
    {"SV", Opcode::kSv, Unit::kLsu, {Operand::kVa, Operand::kMem, Operand::kLen}, 3,
     ImmKind::kNone, Result::kNone, Access::kVector, Field::kOp, "", false, false,
     {0x0f00f0ff, 0x0000ffff, 0xffffffff, 0x00000000}, "Store a vector."},
    {"EMB", Opcode::kEmb, Unit::kLsu, {Operand::kVd, Operand::kMem, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kRow, Field::kOp, "", false, false,
     {0x0f000fff, 0x0000ffff, 0xffffffff, 0x00000000}, "Load the embedding row of the current token."},
    {"ADD", Opcode::kAdd, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen}, 4,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0x00000000}, "Add."},
    {"SUB", Opcode::kSub, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen}, 4,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0x00000000}, "Subtract."},
    {"MUL", Opcode::kMul, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen}, 4,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0x00000000}, "Multiply."},
    {"DIV", Opcode::kDiv, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen}, 4,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0x00000000}, "Divide."},
    {"EXP", Opcode::kExp, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0x00000000}, "Exponential."},
    {"SIG", Opcode::kSig, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0x00000000}, "Logistic sigmoid."},
    {"SILU", Opcode::kSilu, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0x00000000}, "SiLU (swish)."},
    {"SIGP", Opcode::kSigp, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen, Operand::kImm}, 4,
     ImmKind::kRaw, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0xffffffff}, "Logistic sigmoid of numbers that are held times a power of two."},
    {"SILUP", Opcode::kSilup, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen, Operand::kImm}, 4,
     ImmKind::kRaw, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0xffffffff}, "SiLU of numbers that are held times a power of two."},
    {"RELU", Opcode::kRelu, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen}, 3,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0x00000000}, "ReLU."},
    {"GELU", Opcode::kGelu, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kLen, Operand::kImm}, 4,
     ImmKind::kRaw, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0xffffffff}, "GELU, the exact one, of numbers that are held times a power of two."},
    {"GATE", Opcode::kGate, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kVc, Operand::kLen}, 5,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x00ffffff, 0x0000ffff, 0x00000000, 0x00000000}, "Gated update: va gates between vb and vc."},
    {"SCAN", Opcode::kScan, Unit::kRow, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kVc, Operand::kLen}, 5,
     ImmKind::kNone, Result::kFix, Access::kNone, Field::kOp, "", false, false,
     {0x00ffffff, 0x0000ffff, 0x00000000, 0x00000000}, "Step of the recurrence: GATE, whose vb is the previous lane's result in prefill."},
    {"SET", Opcode::kSet, Unit::kRow, {Operand::kVd, Operand::kImm, Operand::kLen}, 3,
     ImmKind::kFix, Result::kFix, Access::kNone, Field::kOp, "", false, false,
     {0x00000fff, 0x0000ffff, 0x00000000, 0xffffffff}, "Fill a vector with a constant."},
    {"NORM", Opcode::kNorm, Unit::kRms, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen, Operand::kImm}, 5,
     ImmKind::kEps, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0xffffffff}, "RMS normalisation with a weight."},
    {"QUANT", Opcode::kQuant, Unit::kRms, {Operand::kVd, Operand::kVa, Operand::kLen}, 3,
     ImmKind::kNone, Result::kQ8, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0x00000000}, "Absmax quantisation to int8."},
    {"LIFT", Opcode::kLift, Unit::kRms, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen, Operand::kImm}, 5,
     ImmKind::kRaw, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0xffffffff}, "A vector as large as it may be, times a weight."},
    {"NORML", Opcode::kNorml, Unit::kRms, {Operand::kVd, Operand::kVa, Operand::kVb, Operand::kLen, Operand::kImm}, 5,
     ImmKind::kEps, Result::kFix, Access::kNone, Field::kOp, "", true, false,
     {0x000fffff, 0x0000ffff, 0x00000000, 0xffffffff}, "RMS normalisation of what was lifted: NORM with eps times 2^(2 lift)."},
    {"TMATMUL", Opcode::kTmatmul, Unit::kTmm, {Operand::kVd, Operand::kVa, Operand::kMem, Operand::kRows, Operand::kLen, Operand::kImm}, 6,
     ImmKind::kScale, Result::kRows, Access::kMatrix, Field::kOp, "", false, true,
     {0x0f00ffff, 0xffffffff, 0xffffffff, 0xffffffff}, "Ternary matrix times quantised vector."},
    {"FFFIN", Opcode::kFffin, Unit::kTmm, {Operand::kVd, Operand::kVa, Operand::kMem, Operand::kTrees, Operand::kDepth, Operand::kLen, Operand::kImm}, 7,
     ImmKind::kScale, Result::kPath, Access::kTreeIn, Field::kRows, "FFF", false, true,
     {0xff00ffff, 0xffffffff, 0xffffffff, 0xffffffff}, "Walk the trees of an FFF layer: the logits of the nodes on each tree's path."},
    {"FFFOUT", Opcode::kFffout, Unit::kTmm, {Operand::kVd, Operand::kVa, Operand::kMem, Operand::kRows, Operand::kTrees, Operand::kDepth, Operand::kImm}, 7,
     ImmKind::kScale, Result::kRows, Access::kTreeOut, Field::kLen, "FFF", false, true,
     {0xff00ffff, 0xffffffff, 0xffffffff, 0xffffffff}, "The nodes on the paths of the last FFFIN, each times its row of the second matrix of an FFF layer."},
    {"TOPK", Opcode::kTopk, Unit::kTop, {Operand::kVd, Operand::kVa, Operand::kLen, Operand::kImm}, 4,
     ImmKind::kRaw, Result::kList, Access::kNone, Field::kOp, "", true, false,
     {0x0000ffff, 0x0000ffff, 0x00000000, 0xffffffff}, "Merge a vector into the list of the greatest elements."},
}};

// Byte offsets of the control registers; an array of registers takes an index.
namespace reg {
inline constexpr std::uint32_t kCtrl = 0x000;  // ap_ctrl_hs: bit 0 ap_start, 1 ap_done (clears on read), 2 ap_idle, 3 ap_ready, 7 auto_restart (reads as 0: not supported). ap_start latches the arguments (SEG_*, ENTRY, LANE_MASK, PREFILL, TOKEN): what is written to them while a program runs is for the next. After a reset ap_idle is 0 until no burst from before is outstanding.
inline constexpr std::uint32_t kGie = 0x004;  // Bit 0: global interrupt enable.
inline constexpr std::uint32_t kIer = 0x008;  // Interrupt enable: bit 0 done, bit 1 ready.
inline constexpr std::uint32_t kIsr = 0x00c;  // Interrupt status: bit 0 done, bit 1 ready; writing a 1 toggles the bit.
inline constexpr std::uint32_t kSegBaseLoCount = 16;
constexpr std::uint32_t seg_base_lo(std::uint32_t index) {  // Segment s: byte address of its first line, bits 31:0 (bits 5:0 are taken as zero).
  return 0x010 + 16 * index;
}
inline constexpr std::uint32_t kSegBaseHiCount = 16;
constexpr std::uint32_t seg_base_hi(std::uint32_t index) {  // Segment s: byte address, bits 63:32.
  return 0x014 + 16 * index;
}
inline constexpr std::uint32_t kSegSizeCount = 16;
constexpr std::uint32_t seg_size(std::uint32_t index) {  // Segment s: size in lines. An access past it ends the program with BAD_ADDRESS; 0 closes the segment.
  return 0x018 + 16 * index;
}
inline constexpr std::uint32_t kSegLaneStrideCount = 16;
constexpr std::uint32_t seg_lane_stride(std::uint32_t index) {  // Segment s: lines between one lane's copy and the next; 0 when all lanes share it.
  return 0x01c + 16 * index;
}
inline constexpr std::uint32_t kEntry = 0x110;  // Address of the first instruction to run, in instructions.
inline constexpr std::uint32_t kLaneMaskLo = 0x114;  // Bit l: lane l takes part, lanes 31:0. An idle lane keeps its registers and touches no memory. Bits of lanes that are not there are ignored; no bit left counts as lane 0.
inline constexpr std::uint32_t kLaneMaskHi = 0x118;  // Lanes 63:32.
inline constexpr std::uint32_t kPrefill = 0x11c;  // Bit 0: the active lanes, which must be 0 to n-1, are consecutive positions of one sequence (SCAN).
inline constexpr std::uint32_t kTokenCount = 64;
constexpr std::uint32_t token(std::uint32_t index) {  // Lane l: token id that EMB reads.
  return 0x120 + 4 * index;
}
inline constexpr std::uint32_t kStatus = 0x240;  // Status code of the last program (the status table).
inline constexpr std::uint32_t kStatusPc = 0x244;  // Address of the instruction that ended the last program, in instructions.
inline constexpr std::uint32_t kFffKeep = 0x248;  // Bit 0, for the next ap_start alone, which clears it: since the last one the host has written no memory that FFFIN may read, so that what the build keeps on chip of its trees is still what memory holds. What programs store the hardware sees.
inline constexpr std::uint32_t kRomAddr = 0x250;  // Next 32-bit word of the instruction ROM that ROM_DATA touches: 4 * instruction + word.
inline constexpr std::uint32_t kRomData = 0x254;  // Write: store the word at ROM_ADDR and advance it. An instruction is complete when its word 3 (bits 127:96) is written. Writes beyond the ROM are dropped. While a program runs only instructions that it does not reach may be written.
inline constexpr std::uint32_t kMagic = 0x300;  // 0x4E525453, 'STRN'.
inline constexpr std::uint32_t kMagicValue = 0x4e525453;
inline constexpr std::uint32_t kIsaVersion = 0x304;  // Version of this definition that the hardware was built from.
inline constexpr std::uint32_t kChannels = 0x308;  // DDR4 ports.
inline constexpr std::uint32_t kLanes = 0x30c;  // Sequences that share every fetched weight.
inline constexpr std::uint32_t kVectorLength = 0x310;  // Elements in a vector register.
inline constexpr std::uint32_t kRegisters = 0x314;  // Vector registers.
inline constexpr std::uint32_t kBeatBits = 0x318;  // Width of a DRAM beat and of a register word.
inline constexpr std::uint32_t kRomDepth = 0x31c;  // Instructions that the ROM holds.
inline constexpr std::uint32_t kClockKhz = 0x320;  // Clock that the configuration is meant for.
inline constexpr std::uint32_t kBeatsPerStep = 0x324;  // Beats of each channel that a step of the Ternary MatMul takes at most.
inline constexpr std::uint32_t kFff = 0x328;  // Trees that FFFIN and FFFOUT may have; 0: the build has no FFF instructions.
}  // namespace reg

// kCounters is indexed by this enum; each counter is 64 bits at its offset, low word first.
enum class Counter : std::uint8_t {
  kCycles,  // From ap_start to ap_done.
  kInstructions,  // Cycles in which an instruction issued, HALT included.
  kIssueFetch,  // No instruction decoded yet.
  kIssueUnitBusy,  // The instruction's unit is busy.
  kIssueRaw,  // A source register is still being written.
  kIssueWar,  // The destination is still being read.
  kIssueWaw,  // The destination is still being written.
  kIssuePort,  // A source's only read port is taken.
  kIssueDrain,  // HALT or an error waits for the units to finish.
  kLsuBusy,  // Load/Store has an instruction.
  kLsuWaitDram,  // Load/Store waits for memory (data, address or response).
  kRowBusy,  // Row-wise has an instruction.
  kRowDivide,  // Row-wise waits for its serial divider.
  kRowWait,  // Row-wise waits for a word of a source that is still being written.
  kRmsBusy,  // RMS has an instruction.
  kRmsScalar,  // RMS waits for its serial division or root.
  kRmsWait,  // RMS waits for a word of a source that is still being written.
  kTmmBusy,  // Ternary MatMul has an instruction.
  kTmmWaitDram,  // TMATMUL is stalled by missing weight beats only.
  kTmmBeats,  // Weight beats that TMATMUL consumed.
  kTopBusy,  // The top list has an instruction.
  kTopWait,  // The top list waits for a word of a source that is still being written.
  kReadBeats,  // Beats read over AXI.
  kWriteBeats,  // Beats written over AXI.
  kSaturated,  // Instructions of which an element, in any active lane, left the range of fix and was clamped (docs/numerics.md, Saturation). Not defined after a bus error.
  kFffBlocks,  // Blocks of FFFIN's trees that were fetched, or found on chip (FFF_BLOCKS_HIT).
  kFffBlocksShared,  // Blocks that a lane took from another lane's fetch; with FFF_BLOCKS, all that lanes evaluated.
  kFffRecords,  // Records of FFFOUT that were fetched.
  kFffRecordsShared,  // Records that a lane took from another lane's fetch.
  kFffBeats,  // Beats of blocks and records read over AXI; READ_BEATS has them, too.
  kFffWaitBlock,  // FFFIN waits for a block's beats, or for the decisions that lead to the block.
  kFffWaitRecord,  // FFFOUT waits for a record's beats.
  kFffBlocksHit,  // Blocks, of FFF_BLOCKS, that were on chip and not fetched; of several channels, in the first one.
};
struct CounterInfo {
  std::string_view name;
  std::uint32_t offset = 0;
  std::string_view doc;
};
inline constexpr std::array<CounterInfo, 33> kCounters = {{
    {"CYCLES", 0x400, "From ap_start to ap_done."},
    {"INSTRUCTIONS", 0x408, "Cycles in which an instruction issued, HALT included."},
    {"ISSUE_FETCH", 0x410, "No instruction decoded yet."},
    {"ISSUE_UNIT_BUSY", 0x418, "The instruction's unit is busy."},
    {"ISSUE_RAW", 0x420, "A source register is still being written."},
    {"ISSUE_WAR", 0x428, "The destination is still being read."},
    {"ISSUE_WAW", 0x430, "The destination is still being written."},
    {"ISSUE_PORT", 0x438, "A source's only read port is taken."},
    {"ISSUE_DRAIN", 0x440, "HALT or an error waits for the units to finish."},
    {"LSU_BUSY", 0x448, "Load/Store has an instruction."},
    {"LSU_WAIT_DRAM", 0x450, "Load/Store waits for memory (data, address or response)."},
    {"ROW_BUSY", 0x458, "Row-wise has an instruction."},
    {"ROW_DIVIDE", 0x460, "Row-wise waits for its serial divider."},
    {"ROW_WAIT", 0x468, "Row-wise waits for a word of a source that is still being written."},
    {"RMS_BUSY", 0x470, "RMS has an instruction."},
    {"RMS_SCALAR", 0x478, "RMS waits for its serial division or root."},
    {"RMS_WAIT", 0x480, "RMS waits for a word of a source that is still being written."},
    {"TMM_BUSY", 0x488, "Ternary MatMul has an instruction."},
    {"TMM_WAIT_DRAM", 0x490, "TMATMUL is stalled by missing weight beats only."},
    {"TMM_BEATS", 0x498, "Weight beats that TMATMUL consumed."},
    {"TOP_BUSY", 0x4a0, "The top list has an instruction."},
    {"TOP_WAIT", 0x4a8, "The top list waits for a word of a source that is still being written."},
    {"READ_BEATS", 0x4b0, "Beats read over AXI."},
    {"WRITE_BEATS", 0x4b8, "Beats written over AXI."},
    {"SATURATED", 0x4c0, "Instructions of which an element, in any active lane, left the range of fix and was clamped (docs/numerics.md, Saturation). Not defined after a bus error."},
    {"FFF_BLOCKS", 0x4c8, "Blocks of FFFIN's trees that were fetched, or found on chip (FFF_BLOCKS_HIT)."},
    {"FFF_BLOCKS_SHARED", 0x4d0, "Blocks that a lane took from another lane's fetch; with FFF_BLOCKS, all that lanes evaluated."},
    {"FFF_RECORDS", 0x4d8, "Records of FFFOUT that were fetched."},
    {"FFF_RECORDS_SHARED", 0x4e0, "Records that a lane took from another lane's fetch."},
    {"FFF_BEATS", 0x4e8, "Beats of blocks and records read over AXI; READ_BEATS has them, too."},
    {"FFF_WAIT_BLOCK", 0x4f0, "FFFIN waits for a block's beats, or for the decisions that lead to the block."},
    {"FFF_WAIT_RECORD", 0x4f8, "FFFOUT waits for a record's beats."},
    {"FFF_BLOCKS_HIT", 0x500, "Blocks, of FFF_BLOCKS, that were on chip and not fetched; of several channels, in the first one."},
}};

}  // namespace sterna
