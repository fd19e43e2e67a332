// SPDX-License-Identifier: Apache-2.0
#include "host/cli/debugger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "asm/data_source.h"
#include "asm/disassembler.h"
#include "asm/immediates.h"
#include "host/cli/debug_text.h"
#include "host/cli/numbers.h"
#include "host/cli/output.h"
#include "host/cli/vector_print.h"
#include "host/program/program.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

constexpr std::uint32_t kListed = 4;  // instructions before and behind the next one

std::uint32_t number(const std::string& text, std::string_view what, std::uint64_t least,
                     std::uint64_t most) {
  return static_cast<std::uint32_t>(parse_whole_number(text, what, least, most));
}

const std::string& only(const std::vector<std::string>& arguments, std::string_view what) {
  if (arguments.size() != 1) throw Error("{}: see help", what);
  return arguments.front();
}

}  // namespace

const std::vector<Debugger::Command>& Debugger::commands() {
  static const std::vector<Command> kCommands = {
      {"step", "[N]", "go through the next instruction, or N", &Debugger::step},
      {"next", "[N]", "the same", &Debugger::step},
      {"continue", "", "go on to a breakpoint, or the end", &Debugger::go_on},
      {"until", "PLACE", "go on to a place, or a breakpoint before it", &Debugger::until},
      {"run", "[PLACE]", "until a place; alone: continue", &Debugger::run},
      {"restart", "", "begin again, with memory as it was; breakpoints stay", &Debugger::restart},
      {"break", "[PLACE]", "stop there; alone: list where", &Debugger::break_at},
      {"delete", "[PLACE]", "no longer stop there; alone: nowhere", &Debugger::remove_breakpoint},
      {"print", "WHAT",
       "v2, v2[3], v2[0:8], v2.q8, v2.scale, the name of a vector or a matrix, name[0:8]",
       &Debugger::print},
      {"registers", "", "the first elements of every register", &Debugger::registers},
      {"scales", "", "the scale of every register", &Debugger::scales},
      {"data", "", "the program's vectors and matrices", &Debugger::data},
      {"segments", "", "where the segments lie", &Debugger::segments},
      {"counters", "", "what the device has counted so far", &Debugger::counters},
      {"list", "[PLACE]", "the source around the next instruction, or a place", &Debugger::list},
      {"lane", "N", "the lane that print and registers show", &Debugger::choose_lane},
      {"wave", "on|off|steps", "what goes into --wave: all from now, nothing, or steps alone",
       &Debugger::wave},
      {"help", "", "this list", &Debugger::help},
      {"quit", "", "end", &Debugger::quit},
  };
  return kCommands;
}

Debugger::Debugger(SteppedDevice& device, const Capabilities& capabilities,
                   const ProgramSetup& setup, Hooks hooks)
    : device_(device), capabilities_(capabilities), setup_(setup), hooks_(std::move(hooks)) {}

const Debugger::Command& Debugger::find_command(const std::string& name) {
  for (const Command& command : commands()) {
    // Any beginning will do; the first in the list has it.
    if (command.name.starts_with(name)) return command;
  }
  throw Error("there is no command '{}': see help", printable(name, 40));
}

bool Debugger::obey(std::string_view line) {
  Words words = split_words(line.substr(0, line.find('#')));
  if (words.empty() && line.find('#') != std::string_view::npos) return true;
  if (words.empty()) words = split_words(last_);
  if (words.empty()) return true;
  const Command& command = find_command(words.front());
  last_ = fmt::format("{}", fmt::join(words, " "));
  words.erase(words.begin());
  if (command.arguments.empty() && !words.empty()) {
    throw Error("{} takes no '{}'", command.name, printable(words.front(), 40));
  }
  (this->*command.work)(words);
  return !quit_;
}

std::string Debugger::where() const {
  if (ended_) {
    return fmt::format("ended: {} at pc {}\n",
                       name(static_cast<Status>(device_.read_register(reg::kStatus))),
                       device_.read_register(reg::kStatusPc));
  }
  return "next  " + source_line(device_.pc()) + "\n";
}

void Debugger::expect_running() const {
  if (ended_) throw Error("the program has ended");
}

bool Debugger::advance() {
  ended_ = !device_.step();
  return !ended_;
}

void Debugger::step(const Words& arguments) {
  expect_running();
  if (arguments.size() > 1) throw Error("step takes one number");
  std::uint32_t count = arguments.empty() ? 1 : number(arguments[0], "step", 1, 1u << 30);
  record(record_steps_);
  do {
    const std::uint32_t pc = device_.pc();
    if (advance()) show_step(pc);
  } while (--count > 0 && !ended_ && !interrupted());
  record(record_runs_);
  show(where());
}

bool Debugger::interrupted() const {
  if (!hooks_.interrupted || !hooks_.interrupted()) return false;
  show("interrupted\n");
  return true;
}

void Debugger::record(bool on) const {
  if (hooks_.record) hooks_.record(on);
}

void Debugger::run_to(const std::set<std::uint32_t>& stops) {
  while (advance()) {
    if (stops.count(device_.pc()) != 0 || interrupted()) return;
  }
}

void Debugger::run(const Words& arguments) {
  arguments.empty() ? go_on(arguments) : until(arguments);
}

void Debugger::until(const Words& arguments) {
  expect_running();
  const std::uint32_t place = find_place(only(arguments, "until takes a place"));
  if (place <= device_.pc()) {
    throw Error("pc {} lies behind: the next is pc {}, and programs have no loops", place,
                device_.pc());
  }
  std::set<std::uint32_t> stops = breakpoints_;
  stops.insert(place);
  run_to(stops);
  show(where());
}

void Debugger::go_on(const Words&) {
  expect_running();
  run_to(breakpoints_);
  show(where());
}

void Debugger::restart(const Words&) {
  device_.abandon();
  setup_.reload(device_);
  device_.start();
  ended_ = false;
  show(where());
}

void Debugger::break_at(const Words& arguments) {
  if (!arguments.empty()) breakpoints_.insert(find_place(only(arguments, "break takes a place")));
  for (const std::uint32_t pc : breakpoints_) show("break " + source_line(pc) + "\n");
}

void Debugger::remove_breakpoint(const Words& arguments) {
  if (arguments.empty()) return breakpoints_.clear();
  const std::uint32_t place = find_place(only(arguments, "delete takes a place"));
  if (breakpoints_.erase(place) == 0) throw Error("there is no breakpoint at pc {}", place);
}

std::string Debugger::source_line(std::uint32_t pc) const {
  const assembly::Assembly& assembly = setup_.assembly();
  if (pc >= assembly.program.instructions.size())
    return fmt::format("pc {:>4}  beyond the program", pc);
  if (pc >= assembly.listing.size()) {  // an assembled file knows no source
    return fmt::format("pc {:>4}  {}", pc,
                       assembly::disassemble(assembly.program.instructions[pc], setup_.data()));
  }
  const assembly::ListingLine& line = assembly.listing[pc];
  return fmt::format("pc {:>4}  {}:{}: {}", pc,
                     std::filesystem::path(line.file).filename().string(), line.line, line.source);
}

void Debugger::show_step(std::uint32_t pc) {
  std::string text = source_line(pc) + result_of(pc) + "\n";
  const std::vector<std::uint32_t> in_flight = device_.in_flight();
  if (!in_flight.empty())
    text += fmt::format("      in flight: pc {}\n", fmt::join(in_flight, ", "));
  show(text);
}

// "\n      v3 = 1 2 3 4 ..", in the lane that is shown.
std::string Debugger::result_of(std::uint32_t pc) const {
  const Instruction& in = setup_.assembly().program.instructions[pc];
  const InstructionInfo& info = *find_instruction(in.get(Field::kOp));
  if (info.access == Access::kVector && info.result == Result::kNone) {  // it stores
    const auto segment = setup_.segment(in.get(Field::kSeg));
    const std::uint64_t offset = std::uint64_t{in.get(Field::kOff)} * kLineBytes;
    std::vector<std::byte> bytes(4 * std::min<std::size_t>(in.get(Field::kLen), kShownElements));
    device_.peek(setup_.place(segment->address + offset +
                              std::uint64_t{lane_} * segment->lane_stride * kLineBytes),
                 bytes);
    const assembly::DataItem* item = setup_.data().find_at(in.get(Field::kSeg), offset);
    return fmt::format(
        "\n      {} ={}",
        item != nullptr ? item->name : fmt::format("b{} + {:#x}", in.get(Field::kSeg), offset),
        stored_elements(bytes, in.get(Field::kLen)));
  }
  const std::uint32_t vd = in.get(Field::kVd);
  const auto words = device_.register_words(vd, lane_);
  if (info.result == Result::kQ8) {
    return fmt::format("\n      v{}.q8 ={}, scale {}", vd,
                       q8_elements(words, 0, in.get(Field::kLen), kShownElements), scale_text(vd));
  }
  return fmt::format("\n      v{} ={}", vd,
                     fix_elements(words, 0, values_written(in), kShownElements)) +
         (info.access == Access::kTreeIn ? tree_paths(in) : "");
}

std::string Debugger::scale_text(std::uint32_t r) const {
  return fmt::format("{:.8g}{}", scale_value(device_.register_scale(r, lane_)),
                     device_.shows_scales() ? "" : " (golden's)");
}

// FFFIN's ways, "\n      tree 0: 0 1 4", of each lane.
std::string Debugger::tree_paths(const Instruction& in) const {
  const TreeShape trees = tree_shape(in);
  const std::size_t all = std::size_t{setup_.lanes()} * trees.trees;
  std::string text;
  for (std::size_t i = 0; i < std::min(all, kShownTrees); ++i) {
    const auto lane = static_cast<unsigned>(i / trees.trees);
    text += fmt::format("\n      {}{}", setup_.lanes() > 1 ? fmt::format("lane {}, ", lane) : "",
                        tree_path(trees, static_cast<std::uint32_t>(i % trees.trees),
                                  device_.register_words(in.get(Field::kVd), lane)));
  }
  return text + (all > kShownTrees ? "\n      .." : "");
}

std::uint32_t Debugger::find_line(const std::string& file, std::uint32_t line) const {
  const std::vector<assembly::ListingLine>& listing = setup_.assembly().listing;
  if (listing.empty()) throw Error("an assembled program has no lines: say *ADDRESS");
  for (std::uint32_t pc = 0; pc < listing.size(); ++pc) {
    const std::filesystem::path path(listing[pc].file);
    const bool here = file.empty()
                          ? listing[pc].file == listing_file(setup_.assembly(), setup_.path())
                          : path == file || path.filename() == file;
    if (here && listing[pc].line >= line) return pc;
  }
  throw Error("there is no instruction in line {} or below", line);
}

std::uint32_t Debugger::find_place(const std::string& text) const {
  const std::uint64_t count = setup_.assembly().program.instructions.size();
  if (text.starts_with('*')) return number(text.substr(1), "address", 0, count - 1);
  if (text.find_first_not_of("0123456789") == std::string::npos) {
    return find_line({}, number(text, "line", 1, 1u << 30));
  }
  if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    return find_line(text.substr(0, colon), number(text.substr(colon + 1), "line", 1, 1u << 30));
  }
  for (const assembly::Label& label : setup_.assembly().labels) {
    if (label.name != text) continue;
    if (label.address >= count) throw Error("no instruction stands behind label '{}'", text);
    return label.address;
  }
  throw Error("'{}' is no label, line or *ADDRESS", printable(text, 40));
}

void Debugger::print(const Words& arguments) {
  const std::string& text = only(arguments, "print takes one thing");
  if (!print_register(text)) print_data(text);
}

bool Debugger::print_register(const std::string& text) const {
  const auto what = parse_register(text);
  if (!what) return false;
  if (what->number >= capabilities_.registers) {
    throw Error("there is no v{}: the device has {} registers", what->number,
                capabilities_.registers);
  }
  if (what->part == RegisterText::Part::kScale) {
    show(fmt::format("v{}.scale = {}\n", what->number, scale_text(what->number)));
    return true;
  }
  const auto words = device_.register_words(what->number, lane_);
  const bool q8 = what->part == RegisterText::Part::kQ8;
  const std::size_t length = words.size() * (q8 ? 4 : 1);
  const auto [first, end] = range_in(what->range, length, text);
  const std::size_t most = what->range ? end - first : kPrintedElements;
  show(
      fmt::format("{} ={}{}\n", text,
                  q8 ? q8_elements(words, first, end, most) : fix_elements(words, first, end, most),
                  q8 ? fmt::format(", scale {}", scale_text(what->number)) : ""));
  return true;
}

void Debugger::print_data(const std::string& text) const {
  const NameText what = parse_name(text);
  const assembly::DataItem* item = setup_.data().find(what.name);
  if (item == nullptr) throw Error("'{}' is no register and no data", printable(text, 40));
  if (item->is_matrix()) {
    if (what.range) throw Error("'{}' is a matrix: print all of it", item->name);
    return show(matrix_rows(*item));
  }
  if (item->is_trees()) {
    if (what.range) throw Error("'{}' holds trees: print all of it", item->name);
    return show(fmt::format("{}{} =\n{}", item->name, assembly::size_text(*item),
                            assembly::node_lines(*item)));
  }
  const unsigned copies = setup_.placement().copies(*item);
  const auto elements = setup_.read_vector(
      [&](std::uint64_t at, std::span<std::byte> data) { device_.peek(at, data); }, *item,
      copies == 1 ? 0 : lane_);
  const auto [first, end] = range_in(what.range, elements.size(), text);
  show(vector_block(what.range ? text : fmt::format("{}[{}]", text, elements.size()),
                    std::span(elements).subspan(first, end - first)));
}

void Debugger::registers(const Words&) {
  for (unsigned r = 0; r < capabilities_.registers; ++r) {
    const auto words = device_.register_words(r, lane_);
    show(fmt::format("v{} ={}\n", r, fix_elements(words, 0, words.size(), kShownElements)));
  }
}

void Debugger::scales(const Words&) {
  for (unsigned r = 0; r < capabilities_.registers; ++r) {
    show(fmt::format("v{}.scale = {}\n", r, scale_text(r)));
  }
}

void Debugger::data(const Words&) {
  if (setup_.data().items.empty()) throw Error("the program carries no data");
  show(assembly::data_listing(setup_.data()));
}

void Debugger::segments(const Words&) {
  for (std::uint32_t number = 0; number < kSegments; ++number) {
    const auto segment = setup_.segment(number);
    if (!segment) continue;
    show(fmt::format("b{} at {:#x}, {:#x} bytes{}\n", number, segment->address, segment->bytes,
                     segment->lane_stride == 0
                         ? ""
                         : fmt::format(", a lane's copy every {:#x}",
                                       std::uint64_t{segment->lane_stride} * kLineBytes)));
  }
}

void Debugger::counters(const Words&) { show(counter_lines(device_.counters())); }

void Debugger::list(const Words& arguments) {
  const auto count = static_cast<std::uint32_t>(setup_.assembly().program.instructions.size());
  const std::uint32_t middle = arguments.empty()
                                   ? std::min(device_.pc(), count)
                                   : find_place(only(arguments, "list takes a place"));
  for (std::uint32_t pc = middle - std::min(middle, kListed);
       pc < std::min(count, middle + kListed + 1); ++pc) {
    const bool next = !ended_ && pc == device_.pc();
    show(fmt::format("{} {}\n",
                     next                          ? "->"
                     : breakpoints_.count(pc) != 0 ? " *"
                                                   : "  ",
                     source_line(pc)));
  }
}

void Debugger::choose_lane(const Words& arguments) {
  lane_ = number(only(arguments, "lane takes a number"), "lane", 0, setup_.lanes() - 1);
}

void Debugger::wave(const Words& arguments) {
  if (!hooks_.record) throw Error("there is no waveform: start with --backend rtl --wave FILE");
  const std::string& what = only(arguments, "wave takes on, off or steps");
  if (what != "on" && what != "off" && what != "steps") {
    throw Error("wave takes on, off or steps, not '{}'", printable(what, 40));
  }
  record_runs_ = what == "on";
  record_steps_ = what != "off";
  record(record_runs_);
}

void Debugger::help(const Words&) {
  for (const Command& command : commands()) {
    show(fmt::format("  {:<22} {}\n", fmt::format("{} {}", command.name, command.arguments),
                     command.help));
  }
  show(
      "A PLACE is a label, a line, FILE:LINE or *ADDRESS. Commands may be cut short (s, c, p v0); "
      "an empty line is the\n"
      "last command again. # begins a comment.\n");
}

void Debugger::quit(const Words&) { quit_ = true; }

}  // namespace sterna::cli
