// SPDX-License-Identifier: Apache-2.0
// Logits of the oracle and of golden, for compare_with_pytorch.py, and what golden held on the way
// to them, for small_vectors.py.
//
//   model_logits MODEL float|double|golden|vectors IDS OUT
//   model_logits FOLDER compile OUT
//
// MODEL is a checkpoint's folder or (golden: only) a .sterna file, IDS are separated by commas,
// sequences by slashes; OUT is little-endian [positions, vocab], float32 or, for double, float64.
// vectors: for each position and layer the state, the gated product and the SwiGLU product as
// golden holds them, int32. compile makes a .sterna file.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "host/engine/engine.h"
#include "host/model/compiler.h"
#include "host/runtime/device_engine.h"
#include "sim/golden/golden_device.h"
#include "sim/oracle/load.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::oracle {
namespace {

using Sequences = std::vector<std::vector<std::uint32_t>>;

FloatModelWeights load(const std::string& path) {
  return std::filesystem::is_directory(path) ? load_float_model(model::Checkpoint(path))
                                             : load_float_model(model::SternaFile(path));
}

std::unique_ptr<engine::Engine> make(const std::string& path, const std::string& what) {
  if (what == "float") return std::make_unique<FloatModel>(load(path));
  if (what == "double") return std::make_unique<BasicFloatModel<double>>(load(path));
  if (what == "golden") {
    return std::make_unique<runtime::DeviceEngine>(golden::make_golden_device({}),
                                                   model::SternaFile(path));
  }
  throw Error("{} is none of float, double, golden, vectors", what);
}

template <typename Real>
void run(engine::Engine& engine, const Sequences& sequences, AtomicFile& out) {
  for (const auto& ids : sequences) {
    engine.reset(0);
    for (const std::uint32_t id : ids) {
      const auto logits = engine::predict(engine, id);
      const std::vector<Real> row(logits.begin(), logits.end());
      out.write(std::as_bytes(std::span(row)));
    }
  }
}

void run_vectors(const std::string& path, const Sequences& sequences, AtomicFile& out) {
  std::vector<std::int32_t> normed;
  golden::GoldenOptions options;
  options.observer = [&](const golden::Step& step) {
    if (step.registers.empty()) return;
    const auto words = step.registers[0].words.first(step.instruction.get(Field::kLen));
    switch (static_cast<Opcode>(step.instruction.get(Field::kOp))) {
      case Opcode::kNorm:
        normed.assign(words.begin(), words.end());
        break;
      case Opcode::kNorml:  // of the gated product, which g's norm gave
        out.write(std::as_bytes(std::span(normed)));
        break;
      case Opcode::kScan:
      case Opcode::kMul:
        out.write(std::as_bytes(words));
        break;
      default:
        break;
    }
  };
  runtime::DeviceEngine engine(golden::make_golden_device(options), model::SternaFile(path));
  for (const auto& ids : sequences) {
    engine.reset(0);
    for (const std::uint32_t id : ids) engine::predict(engine, id);
  }
}

void run(const std::string& path, const std::string& what, const Sequences& sequences,
         AtomicFile& out) {
  if (what == "vectors") return run_vectors(path, sequences, out);
  const auto engine = make(path, what);
  if (what == "double") return run<double>(*engine, sequences, out);
  run<float>(*engine, sequences, out);
}

Sequences parse_sequences(const std::string& text) {
  Sequences sequences;
  std::istringstream lists(text);
  for (std::string list; std::getline(lists, list, '/');) {
    std::istringstream ids(list);
    auto& sequence = sequences.emplace_back();
    for (std::string id; std::getline(ids, id, ',');) {
      sequence.push_back(static_cast<std::uint32_t>(std::stoul(id)));
    }
  }
  return sequences;
}

}  // namespace
}  // namespace sterna::oracle

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  try {
    if (args.size() == 3 && args[1] == "compile") {
      sterna::model::compile_model(args[0], args[2]);
    } else if (args.size() == 4) {
      sterna::AtomicFile out(args[3]);
      sterna::oracle::run(args[0], args[1], sterna::oracle::parse_sequences(args[2]), out);
      out.commit();
    } else {
      throw sterna::Error(
          "usage: MODEL float|double|golden|vectors IDS OUT, or FOLDER compile OUT");
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "model_logits: %s\n", error.what());
    return 1;
  }
}
