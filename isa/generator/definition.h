// SPDX-License-Identifier: Apache-2.0
// isa/isa.toml, read and checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sterna::isagen {

struct FieldDef {
  std::string name;  // lower case
  unsigned lsb = 0;
  unsigned bits = 0;
  std::string doc;
};

struct UnitDef {
  std::string name;
  unsigned code = 0;               // high nibble of its opcodes
  std::string place;               // lane, shared, router
  std::vector<std::string> reads;  // its read streams, by operand
  std::string buses;               // the unit whose buses it shares; empty: has its own
  std::string scale;               // writes, reads; empty: neither
  bool saturates = false;
  std::string doc;
};

struct InstructionDef {
  std::string mnemonic;
  unsigned opcode = 0;
  std::string unit;
  std::vector<std::string>
      operands;            // vd va vb vc mem len rows imm trees depth, in the order of the source
  std::string trees;       // the field of the operand trees: len or rows; else empty
  std::string imm_kind;    // fix, eps, scale, raw; empty without an immediate
  std::string result;      // fix, q8, rows, list, path; empty without vd
  std::string access;      // one of kAccesses; empty without mem
  std::string capability;  // the register that says whether a build has it, or empty
  bool chain = false;      // may issue while its sources are being written
  bool distinct = false;   // vd and va must differ
  std::string cycles;
  std::string summary;
  std::string action;
  std::string notes;

  bool has(const std::string& operand) const;
  // Does an instruction with these operands use the field? op always; seg and off belong to mem,
  // and trees has one of the others.
  bool uses(const FieldDef& field) const;
};

struct StatusDef {
  std::string name;
  unsigned code = 0;
  std::string doc;
};

struct RegisterDef {
  std::string name;
  unsigned offset = 0;
  unsigned count = 1;
  unsigned stride = 4;
  std::string access;
  bool capability = false;
  std::optional<std::uint32_t> value;  // what a constant register reads as
  std::string doc;
};

struct CounterDef {
  std::string name;
  std::string doc;
};

// A named number of the [isa] table, in the order of the file.
struct ConstantDef {
  std::string name;  // lower case
  unsigned value = 0;
};

// One argument of the Vitis kernel. An argument's number is its place in the list, which is in the
// order of the offsets.
struct KernelArgumentDef {
  std::string name;
  unsigned offset = 0;
  unsigned bytes = 4;
  bool pointer = false;             // 64 bits: a buffer's address
  std::optional<unsigned> segment;  // whose registers it is one of
  std::optional<unsigned> lane;     // likewise; a build with fewer lanes lacks it
};

// A parameter of sterna_top that a kernel hands on.
struct KernelParameterDef {
  std::string name;
  unsigned value = 0;  // unless a configuration says otherwise
  std::string doc;
};

struct KernelDef {
  std::string name;
  std::vector<unsigned> channels;  // a wrapper is made for each of these numbers of memory ports
  std::vector<KernelParameterDef> parameters;
  std::vector<KernelArgumentDef> arguments;
};

// The protocol of a serial line (docs/serial.md).
struct SerialDef {
  std::vector<ConstantDef> constants;
  std::vector<StatusDef> commands;
  std::vector<StatusDef> results;
};

// A board that a bitstream is built for; what only its build needs is read from the definition
// there.
struct BoardDef {
  std::string name, title;
  std::string configuration;  // of rtl/config
  std::string part, package;
  unsigned idcode = 0;
  unsigned memory_bytes = 0;
  unsigned baud = 0;
  std::string loader;
};

struct Definition {
  std::vector<ConstantDef> constants;
  std::vector<FieldDef> fields;
  std::vector<UnitDef> units;
  std::vector<InstructionDef> instructions;
  std::vector<StatusDef> statuses;
  std::vector<RegisterDef> registers;
  std::vector<CounterDef> counters;
  unsigned counters_offset = 0;
  KernelDef kernel;
  SerialDef serial;
  std::vector<BoardDef> boards;

  unsigned constant(const std::string& name) const;
  const FieldDef& field(const std::string& name) const;
  const UnitDef& unit(const std::string& name) const;
  // All but the router, which is the last: a unit's place here is its number in the hardware.
  std::vector<UnitDef> executing_units() const;
};

// What an instruction's `result`, `access` and `imm_kind` may be; the first
// word stands for an empty one.
inline const std::vector<std::string> kResults = {"none", "fix", "q8", "rows", "list", "path"};
inline const std::vector<std::string> kAccesses = {"none",   "vector",  "row",
                                                   "matrix", "tree_in", "tree_out"};
inline const std::vector<std::string> kImmediates = {"none", "fix", "eps", "scale", "raw"};

inline constexpr unsigned kRegisterMapBytes = 4096;  // the AXI4-Lite port has a 12-bit address
inline constexpr unsigned kCounterBytes = 8;

// Where a kernel's arguments start: the words below are CTRL, GIE, IER and ISR.
inline constexpr unsigned kFirstArgument = 0x10;

// A configuration of the hardware: what it sets of sterna_top's parameters.
struct ConfigurationDef {
  std::string name;       // that of its file
  unsigned channels = 1;  // the parameter Channels
  std::vector<KernelParameterDef>
      values;  // every parameter of the kernel, in the definition's order

  unsigned value(const std::string& parameter) const;
};

// Reads the definition. Throws Error with file:line when the file is malformed, or when two fields,
// two encodings, two codes or two registers overlap, when a
// kernel argument has no register, or when something does not fit its word.
Definition read_definition(const std::filesystem::path& path);

// Reads the configurations NAME.f of a folder, in the order of their names: lines
// -GPARAMETER=NUMBER and comments. Throws Error with file:line when one sets what the kernel has no
// parameter for, or wants a number of channels that no wrapper is made for.
std::vector<ConfigurationDef> read_configurations(const std::filesystem::path& folder,
                                                  const Definition& isa);

}  // namespace sterna::isagen
