// SPDX-License-Identifier: Apache-2.0
// sterna info: what is in a .sterna file.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "host/cli/verbs.h"
#include "host/model/mixer.h"
#include "host/model/sterna_file.h"

namespace sterna::cli {
namespace {

double megabytes(std::uint64_t bytes) { return 1e-6 * static_cast<double>(bytes); }

// "6 x HGRN + GLU"; layers that are alike and follow one another count together.
std::string layer_list(const model::ModelConfig& model) {
  const auto halves = [](const model::LayerSpec& layer) {
    return fmt::format("{} + {}", model::mixer(layer.token_mixer).name(),
                       model::mixer(layer.channel_mixer).name());
  };
  std::string list;
  for (auto first = model.layers.begin(); first != model.layers.end();) {
    const auto end = std::find_if(first, model.layers.end(), [&](const model::LayerSpec& layer) {
      return halves(layer) != halves(*first);
    });
    list += fmt::format("{}{} x {}", list.empty() ? "" : ", ", end - first, halves(*first));
    first = end;
  }
  return list;
}

void print_model(const model::SternaFile& file) {
  const model::ModelConfig& m = file.header().model;
  const auto [weights, others] = model::parameters(file.header());
  fmt::print("model          d {}, layers {}, intermediate {}, vocabulary {}, eps {}\n",
             m.hidden_size, m.layer_count(), m.intermediate_size, m.vocab_size, m.rms_norm_eps);
  fmt::print("layers         {}\n", layer_list(m));
  if (m.has_trees()) {
    const TreeShape& trees = m.fff.shape;
    fmt::print("trees          {} of depth {} a layer: {} of {} nodes a token, activation {}{}\n",
               trees.trees, trees.depth, trees.trees * trees.levels(), trees.trees * trees.nodes(),
               model::name(m.fff.activation),
               m.fff.master_leaf_size == 0
                   ? ""
                   : fmt::format(", beside a GLU of {}", m.fff.master_leaf_size));
  }
  fmt::print("parameters     {:.2f} M: {:.2f} M ternary, {:.2f} M others\n",
             1e-6 * static_cast<double>(weights + others), 1e-6 * static_cast<double>(weights),
             1e-6 * static_cast<double>(others));
  fmt::print(
      "weights        {:.3f} bits each, read once a token{}\n",
      8.0 * static_cast<double>(file.section("weights").size()) / static_cast<double>(weights),
      m.has_trees() ? ", of trees what lies on a path" : "");
  const auto around = [](const char* what, const std::vector<std::uint32_t>& tokens) {
    return tokens.empty() ? "" : fmt::format(", prompts {} {}", what, fmt::join(tokens, " "));
  };
  fmt::print("tokenizer      {}{}{}{}\n", model::name(file.header().tokenizer),
             around("start with", file.header().frame.before),
             around("end with", file.header().frame.behind),
             m.eos_token_ids.empty()
                 ? ", no token ends a text"
                 : fmt::format(", {} ends a text", fmt::join(m.eos_token_ids, " or ")));
}

void print_program(const model::SternaFile& file) {
  const std::vector<Instruction> program = file.program();
  std::array<std::size_t, kInstructionSet.size()> counts{};
  std::size_t unknown = 0;
  for (const Instruction& instruction : program) {
    const InstructionInfo* info = find_instruction(instruction.get(Field::kOp));
    if (info == nullptr) {
      ++unknown;
    } else {
      ++counts[static_cast<std::size_t>(info - kInstructionSet.data())];
    }
  }
  fmt::print("program        {} instructions a token:", program.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) fmt::print(" {} {}", counts[i], kInstructionSet[i].mnemonic);
  }
  fmt::print("{}\n", unknown == 0 ? "" : fmt::format(" {} unknown", unknown));
  const model::Requirements& r = file.header().requirements;
  fmt::print(
      "requires       vector length {}, {} registers, ROM of {} instructions, ISA version {}{}\n",
      r.vector_length, r.registers, r.rom_depth, file.header().isa_version,
      r.fff == 0 ? "" : fmt::format(", capability FFF of {} trees", r.fff));
}

void print_places(const model::SternaFile& file) {
  std::uint64_t device = 0;
  for (const model::Segment& segment : file.header().segments) {
    fmt::print("segment {}      {:<10} {:>12} bytes{}\n", segment.index, segment.name,
               segment.bytes, segment.in_file ? "" : ", not in the file");
    device += segment.bytes;
  }
  for (const model::Section& section : file.header().sections) {
    fmt::print("section        {:<10} {:>12} bytes at {:>12}, crc32 {:08x}\n",
               printable(section.name), section.bytes, section.offset, section.crc32);
  }
  fmt::print("memory         {:.2f} MB on the device, {:.2f} MB in the file\n", megabytes(device),
             megabytes(file.file_bytes()));
  fmt::print("checksums      verified\n");
}

void info(const std::string& path) {
  const model::SternaFile file(path);
  fmt::print("file           {}, format version {}\n", path, model::kSternaVersion);
  print_model(file);
  print_program(file);
  print_places(file);
}

}  // namespace

void add_info_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("info", "Tell what is in a .sterna file, and verify it");
  const auto path = std::make_shared<std::string>();
  verb->add_option("model", *path, "A .sterna file")->required();
  verb->callback([path] { info(*path); });
}

}  // namespace sterna::cli
