// SPDX-License-Identifier: Apache-2.0
#include "host/cli/program_setup.h"

#include <algorithm>
#include <set>
#include <utility>

#include "asm/data_text.h"
#include "host/cli/device_options.h"
#include "host/cli/numbers.h"
#include "host/program/program.h"
#include "host/xclbin/memory_map.h"
#include "support/error.h"

namespace sterna::cli {

void add_repeated_option(CLI::App& verb, const char* name, std::vector<std::string>& values,
                         const std::string& help) {
  verb.add_option(name, values, help + " (may be repeated)")->allow_extra_args(false);
}

void add_program_options(CLI::App& verb, ProgramOptions& options) {
  verb.add_option("program", options.program, "Assembly source, or a program file of sterna asm")
      ->required();
  add_repeated_option(verb, "--input", options.inputs,
                      "NAME[@LANE]=NUMBERS|FILE: other values for an .input of the program, in one "
                      "lane's copy or in all: 1,2.5 or a text file");
  add_repeated_option(verb, "--load", options.loads, "ADDRESS=FILE: put a file into memory");
  add_repeated_option(verb, "--seg", options.segments,
                      "NUMBER=ADDRESS:BYTES[:STRIDE]: place a segment, with a copy for each lane "
                      "every STRIDE bytes; without it those of the program lie one behind the "
                      "other, and in a program that has none segment 0 is all of memory");
  add_repeated_option(verb, "--token", options.tokens,
                      "[LANE=]ID: token id that EMB reads, in lane 0 without LANE");
  verb.add_option("--active-lanes", options.active_lanes,
                  "Lanes that take part; golden has as many unless --lanes says another number")
      ->capture_default_str()
      ->transform(whole_number<unsigned>(1, kMaxLanes));
  verb.add_flag("--prefill", options.prefill,
                "The lanes are consecutive positions of one sequence");
  verb.add_option_function<std::string>(
      "--memory-bytes",
      [&options](const std::string& text) {
        options.memory_bytes = parse_address(text, "--memory-bytes");
        if (options.memory_bytes == 0 || options.memory_bytes > xclbin::kMaxBankBytes) {
          throw Error("--memory-bytes: {:#x} is not in 1..{:#x}", options.memory_bytes,
                      xclbin::kMaxBankBytes);
        }
      },
      fmt::format("Bytes of each channel's memory, that of channel c from c times as much on "
                  "({:#x}; {:#x} at most, a card's)",
                  options.memory_bytes, xclbin::kMaxBankBytes));
}

ProgramSetup::ProgramSetup(const ProgramOptions& options)
    : options_(options),
      assembly_(assembly::load_assembly(std::filesystem::path(options.program))) {
  if (options.prefill && options.active_lanes == 1) {
    throw Error("--prefill is about the order of several lanes: it needs --active-lanes");
  }
  std::set<unsigned> seen;
  for (const std::string& text : options.tokens) {
    tokens_.push_back(parse_token(text));
    const unsigned lane = tokens_.back().lane;
    if (lane >= lanes()) throw Error("--token: lane {} takes no part: see --active-lanes", lane);
    if (!seen.insert(lane).second) throw Error("--token: lane {} twice", lane);
  }
  seen.clear();
  for (const std::string& text : options.segments) {
    const SegmentArgument s = parse_segment(text);
    if (!seen.insert(s.number).second) throw Error("--seg: segment {} twice", s.number);
    asked_.push_back({s.number, s.address, s.bytes, s.lane_stride});
  }
  for (const std::string& text : options.loads) add_load(parse_load(text));
  for (const std::string& text : options.inputs) add_input(read_input(text));
}

void ProgramSetup::add_load(const LoadArgument& argument) {
  Load load{argument.address, MappedFile(argument.file)};
  const std::uint64_t bytes = load.file.bytes().size();
  if (bytes == 0) throw Error("--load: {}: the file is empty", argument.file);
  for (const Load& other : loads_) {
    const bool apart = load.address < other.address
                           ? other.address - load.address >= bytes
                           : load.address - other.address >= other.file.bytes().size();
    if (!apart) throw Error("--load: {} bytes at {:#x} are loaded twice", bytes, load.address);
  }
  loads_.push_back(std::move(load));
}

// One lane's values may stand beside those of all lanes, and stand above them.
void ProgramSetup::add_input(Input input) {
  for (const Input& other : inputs_) {
    if (input.item != other.item || input.lane != other.lane) continue;
    throw Error("--input: '{}' twice{}", input.item->name,
                input.lane ? fmt::format(" in lane {}", *input.lane) : "");
  }
  inputs_.insert(input.lane ? inputs_.end() : inputs_.begin(), std::move(input));
}

ProgramSetup::Input ProgramSetup::read_input(const std::string& text) const {
  const InputArgument argument = parse_input(text);
  const assembly::DataItem* item = data().find(argument.name);
  if (item == nullptr || !item->input) {
    throw Error("--input: '{}' is no .input of {}", printable(argument.name), options_.program);
  }
  if (argument.lane && *argument.lane >= lanes()) {
    throw Error("--input: lane {} takes no part: see --active-lanes", *argument.lane);
  }
  if (argument.lane && !data().segments[item->segment].per_lane) {
    throw Error("--input: the lanes share '{}', which is not in a segment that is per_lane",
                item->name);
  }
  Input input{item, argument.lane, {}};
  const std::string source = argument.is_file ? argument.value : "--input " + argument.name;
  const std::string contents = argument.is_file ? read_text_file(argument.value) : argument.value;
  if (item->is_matrix()) {
    assembly::TextMatrix matrix = assembly::matrix_from_text(contents, source);
    if (matrix.rows != item->rows || matrix.columns != item->columns) {
      throw Error("{}: {} x {} elements, '{}' has {} x {}", source, matrix.rows, matrix.columns,
                  item->name, item->rows, item->columns);
    }
    input.image = std::move(matrix.packed);
    return input;
  }
  if (item->is_trees()) {
    const bool in = item->kind == assembly::DataKind::kTreeIn;
    const assembly::TextNodes nodes = assembly::nodes_from_text(contents, source, in);
    const std::uint64_t count = std::uint64_t{item->trees.trees} * item->trees.nodes();
    if (nodes.biases.size() != count || nodes.columns != item->columns) {
      throw Error("{}: {} nodes of {} trits, '{}' has {} of {}", source, nodes.biases.size(),
                  nodes.columns, item->name, count, item->columns);
    }
    input.image = in ? pack_tree_in(item->trees, nodes.trits, nodes.columns, nodes.biases)
                     : pack_tree_out(item->trees, nodes.trits, nodes.columns);
    return input;
  }
  const std::vector<std::uint32_t> elements = assembly::elements_from_text(contents, source);
  if (elements.size() != item->columns) {
    throw Error("{}: {} numbers, '{}' has {} elements", source, elements.size(), item->name,
                item->columns);
  }
  input.image = assembly::vector_image(elements);
  return input;
}

void ProgramSetup::fit(const Capabilities& capabilities, bool shared) {
  if (lanes() > capabilities.lanes) {
    throw Error("--active-lanes {}: there are {}", lanes(), capabilities.lanes);
  }
  channels_ = capabilities.channels;
  rom_depth_ = capabilities.rom_depth;
  check_capabilities(capabilities);
  for (const program::PlacedSegment& segment : asked_) {
    if (shared) check_range("--seg", segment.address, segment.bytes);
  }
  for (const Load& load : loads_) check_range("--load", load.address, load.file.bytes().size());
  placement_.emplace(data(), program::DataPlacement::Memory{channels_, memory_bytes(), lanes()},
                     asked_);
  segments_.clear();
  if (data().empty()) segments_.push_back({0, 0, memory_bytes(), 0});
  for (const program::PlacedSegment& segment : placement_->segments()) {
    check_range("--seg", segment.address, segment.bytes);
    segments_.push_back(segment);
  }
  segments_.insert(segments_.end(), asked_.begin(), asked_.end());
}

void ProgramSetup::check_capabilities(const Capabilities& capabilities) const {
  const std::vector<Instruction>& program = assembly_.program.instructions;
  for (std::size_t pc = 0; pc < program.size(); ++pc) {
    const std::string_view needed = capability(program[pc]);
    if (needed.empty() || capabilities.fff != 0) continue;  // FFF is all that can be missing
    throw Error("{}: {} at pc {} needs the capability {}, which the device does not have", path(),
                find_instruction(program[pc].get(Field::kOp))->mnemonic, pc, needed);
  }
}

void ProgramSetup::check_range(const char* option, std::uint64_t address,
                               std::uint64_t bytes) const {
  for (std::uint64_t channel = 0; channel < channels_; ++channel) {
    const std::uint64_t begin = channel * memory_bytes();
    const bool inside = address >= begin && address - begin <= memory_bytes() &&
                        bytes <= memory_bytes() - (address - begin);
    if (inside) return;
  }
  throw Error("{}: {} bytes at {:#x} do not fit {} of {:#x} bytes (see --memory-bytes)", option,
              bytes, address, channels_ == 1 ? "the memory" : "a channel's memory", memory_bytes());
}

void ProgramSetup::load(Device& device, Clear clear) {
  bases_.clear();
  for (unsigned c = 0; c < channels_; ++c) {
    bases_.push_back(alloc_channel(device, c));
    if (clear == Clear::kAll) {
      device.upload(bases_.back(), std::vector<std::byte>(memory_bytes()));
    }
  }
  if (clear == Clear::kSegments) {
    for_each_reachable_part([&](std::uint64_t address, std::uint64_t bytes) {
      device.upload(address, std::vector<std::byte>(bytes));
    });
  }
  write_all(device);
}

std::uint64_t ProgramSetup::alloc_channel(Device& device, unsigned channel) const {
  try {
    return device.alloc(memory_bytes(), channel);
  } catch (const Error& error) {
    throw Error("--memory-bytes {:#x}: {}: {}", memory_bytes(), device.name(), error.what());
  }
}

void ProgramSetup::reload(SteppedDevice& device) const {
  std::vector<std::byte> part;
  for_each_reachable_part([&](std::uint64_t address, std::uint64_t bytes) {
    part.resize(bytes);
    device.peek(address, part);
    const auto used = [](std::byte byte) { return byte != std::byte{}; };
    if (std::none_of(part.begin(), part.end(), used)) return;
    device.upload(address, std::vector<std::byte>(bytes));
  });
  write_all(device);
}

// Of segments that go beyond the memory what lies in it.
template <typename Work>
void ProgramSetup::for_each_reachable_part(Work work) const {
  constexpr std::uint64_t kPart = 1 << 16;
  for (const program::PlacedSegment& segment : segments_) {
    const std::uint64_t channel = segment.address / memory_bytes();
    if (channel >= channels_) continue;
    const std::uint64_t copies = std::uint64_t{lanes() - 1} * segment.lane_stride * kLineBytes;
    const std::uint64_t room = (channel + 1) * memory_bytes() - segment.address;
    const std::uint64_t bytes = std::min(room, std::min(room, segment.bytes) + copies);
    for (std::uint64_t at = 0; at < bytes; at += kPart) {
      work(place(segment.address + at), std::min(kPart, bytes - at));
    }
  }
}

void ProgramSetup::write_all(Device& device) const {
  const auto write = [&](std::uint64_t address, std::span<const std::byte> bytes) {
    device.upload(place(address), bytes);
  };
  placement_->write_all(write);
  for (const Input& input : inputs_) placement_->write(*input.item, input.image, input.lane, write);
  for (const Load& l : loads_) write(l.address, l.file.bytes());
  // Where a program lacks its HALT, what an earlier one left behind it is not to be executed.
  std::vector<Instruction> instructions = assembly_.program.instructions;
  if (instructions.size() < rom_depth_) instructions.emplace_back();
  program::load_program(device, instructions);
  device.write_register(reg::kEntry, assembly_.program.entry);
  for (const TokenArgument& t : tokens_) device.write_register(reg::token(t.lane), t.id);
  const std::uint64_t mask = ~std::uint64_t{0} >> (kMaxLanes - lanes());
  device.write_register(reg::kLaneMaskLo, static_cast<std::uint32_t>(mask));
  device.write_register(reg::kLaneMaskHi, static_cast<std::uint32_t>(mask >> 32));
  device.write_register(reg::kPrefill, options_.prefill ? 1 : 0);
  for (const program::PlacedSegment& s : segments_) {
    program::set_segment(device, s.number, place(s.address), s.bytes);
    device.write_register(reg::seg_lane_stride(s.number), s.lane_stride);
  }
}

std::uint64_t ProgramSetup::place(std::uint64_t address) const {
  const std::uint64_t channel = memory_bytes() == 0 ? 0 : address / memory_bytes();
  if (channel >= bases_.size()) return bases_.front() + address;
  return bases_[channel] + (address - channel * memory_bytes());
}

std::optional<program::PlacedSegment> ProgramSetup::segment(std::uint32_t number) const {
  const auto found = std::find_if(segments_.rbegin(), segments_.rend(),
                                  [&](const auto& segment) { return segment.number == number; });
  return found == segments_.rend() ? std::nullopt : std::optional(*found);
}

std::vector<std::uint32_t> ProgramSetup::read_vector(const Read& read,
                                                     const assembly::DataItem& item,
                                                     unsigned lane) const {
  std::vector<std::byte> bytes(item.image.size());
  read(place(placement_->address(item, lane)), bytes);
  std::vector<std::uint32_t> elements = assembly::vector_elements(bytes);
  elements.resize(item.columns);
  return elements;
}

}  // namespace sterna::cli
