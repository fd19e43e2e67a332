// SPDX-License-Identifier: Apache-2.0
// Any text either is a model's config.json, which comes through its own form unchanged and names
// tensors whose sizes can be counted, or is refused with one line.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "host/model/config.h"
#include "host/model/tensor.h"
#include "host/model/tensor_spec.h"
#include "support/error.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "config_fuzz: %s\n", what);
  std::abort();
}

void read(std::string_view text) {
  using namespace sterna::model;
  const ModelConfig config =
      parse_model_config(sterna::parse_json_object(text, "config.json"), "config.json");
  const sterna::Json json = to_json(config);
  require(to_json(parse_model_config(json, "config.json")) == json,
          "another model in its own form");
  if (config.layer_count() > 64) return;  // of time
  for (const TensorSpec& spec : model_tensors(config)) {
    require(element_count(spec.shape).has_value(), "a tensor that cannot be counted");
  }
  require(!config.has_trees() || config.fff.shape.elements() != 0, "trees without a path");
  require(longest_vector(config) >= config.hidden_size, "no vector as long as the model is wide");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read({reinterpret_cast<const char*>(data), size});
  } catch (const sterna::Error& error) {
    require(std::strchr(error.what(), '\n') == nullptr, "an error of several lines");
  }
  return 0;
}
