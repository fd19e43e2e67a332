// SPDX-License-Identifier: Apache-2.0
// A program of somebody else's: the shipped model on golden, token by token, through the installed
// headers and library. usage: consumer MODEL PROMPT COUNT
#include <cstdio>
#include <string>

#include "asm/assembler.h"
#include "host/model/sentencepiece_model.h"
#include "host/model/tokenizer.h"
#include "host/runtime/device_engine.h"
#include "host/runtime/sampler.h"
#include "sim/golden/golden_device.h"

int main(int, char** argv) try {
  const sterna::model::SternaFile file(argv[1]);
  const auto tokenizer = sterna::model::make_tokenizer(file);
  sterna::runtime::DeviceEngine engine(sterna::golden::make_golden_device({}), file);
  std::uint32_t next = 0;
  for (const std::uint32_t token : tokenizer->encode(argv[2])) {
    next = sterna::runtime::greedy(predict(engine, token));
  }
  std::string text = argv[2];
  for (int left = std::stoi(argv[3]); left > 0; --left) {
    text += tokenizer->decode(next, false);
    next = sterna::runtime::greedy(predict(engine, next));
  }
  std::printf("%s\n", text.c_str());

  sterna::model::make_sentencepiece_model();  // loads the installed library
  const auto program = sterna::assembly::assemble_text("HALT\n", "inline", {}).program;
  return program.instructions.size() == 1 ? 0 : 1;
} catch (const sterna::Error& error) {
  std::fprintf(stderr, "consumer: %s\n", error.what());
  return 1;
}
