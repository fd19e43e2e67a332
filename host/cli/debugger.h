// SPDX-License-Identifier: Apache-2.0
// A program under a debugger's commands, on any device that can be stepped.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/stepped_device.h"
#include "host/cli/program_setup.h"

namespace sterna::cli {

class Debugger {
 public:
  struct Hooks {
    // Puts what happens from now on into the waveform, or does not; empty where there is none.
    std::function<void(bool on)> record{};
    // Is the program to stop behind the instruction at hand? Empty: never.
    std::function<bool()> interrupted{};
  };

  // The program is loaded and started, the capabilities were read before; all must outlive this.
  Debugger(SteppedDevice& device, const Capabilities& capabilities, const ProgramSetup& setup,
           Hooks hooks);

  // Obeys one line and prints what it has to say; an empty line is the last one again. False when
  // the line was to end the session. Throws Error for a line that cannot be obeyed, and what the
  // device throws.
  bool obey(std::string_view line);

  // Where the program is: its next instruction, or how it ended.
  std::string where() const;

 private:
  using Words = std::vector<std::string>;
  struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view help;
    void (Debugger::*work)(const Words& arguments);
  };
  static const std::vector<Command>& commands();
  static const Command& find_command(const std::string& name);

  void step(const Words& arguments);
  void run(const Words& arguments);
  void until(const Words& arguments);
  void go_on(const Words& arguments);
  void restart(const Words& arguments);
  void break_at(const Words& arguments);
  void remove_breakpoint(const Words& arguments);
  void print(const Words& arguments);
  void registers(const Words& arguments);
  void scales(const Words& arguments);
  void data(const Words& arguments);
  void segments(const Words& arguments);
  void counters(const Words& arguments);
  void list(const Words& arguments);
  void choose_lane(const Words& arguments);
  void wave(const Words& arguments);
  void help(const Words& arguments);
  void quit(const Words& arguments);

  void expect_running() const;
  // One instruction: false when the program has ended.
  bool advance();
  bool interrupted() const;
  // Goes on to an address of `stops`, unless the program ends before or is interrupted.
  void run_to(const std::set<std::uint32_t>& stops);
  void record(bool on) const;
  void show_step(std::uint32_t pc);
  std::string result_of(std::uint32_t pc) const;
  std::string tree_paths(const Instruction& in) const;
  std::string scale_text(std::uint32_t r) const;
  // "label", "12" (a line), "FILE:12" or "*3" (an address) to the address of an instruction.
  std::uint32_t find_place(const std::string& text) const;
  std::uint32_t find_line(const std::string& file, std::uint32_t line) const;
  std::string source_line(std::uint32_t pc) const;
  bool print_register(const std::string& text) const;
  void print_data(const std::string& text) const;

  // While a control register is read a device that has a clock goes on: none is, but at the end.
  SteppedDevice& device_;
  const Capabilities capabilities_;
  const ProgramSetup& setup_;
  Hooks hooks_;
  bool record_runs_ = false;  // what continue and until run over goes into the waveform, too
  bool record_steps_ = true;
  std::set<std::uint32_t> breakpoints_;
  std::string last_;
  unsigned lane_ = 0;
  bool ended_ = false;
  bool quit_ = false;
};

}  // namespace sterna::cli
