// SPDX-License-Identifier: Apache-2.0
// A model that the server is to serve.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/engine/engine.h"
#include "host/model/config.h"
#include "host/model/tokenizer.h"

namespace sterna::server {

struct ServedModel {
  std::string name;  // what requests call it
  model::ModelConfig config;
  std::unique_ptr<model::Tokenizer> tokenizer;
  // Called once, in the thread that the engine will work in; may take long.
  std::function<std::unique_ptr<engine::Engine>()> make_engine;
};

}  // namespace sterna::server
