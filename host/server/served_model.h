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
  // Called in the thread that the engine will work in; may take long. Once, unless an engine that
  // has failed is of no use any more: a board that was reset has lost the model.
  std::function<std::unique_ptr<engine::Engine>()> make_engine;
  bool renewed_after_failure = false;
};

}  // namespace sterna::server
