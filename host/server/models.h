// SPDX-License-Identifier: Apache-2.0
// The models of a server, and who may come in: every answer that is made, waited for or read has a
// place, and there are only so many.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/server/api_error.h"
#include "host/server/served_model.h"
#include "host/server/worker.h"

namespace sterna::server {

struct Hosted {
  Hosted(ServedModel model, std::uint64_t chunk, const std::function<void()>& loaded)
      : served(std::move(model)), worker(served, chunk, loaded) {}

  const ServedModel served;
  Worker worker;
  unsigned places_taken = 0;  // of Models
};

class Models {
 public:
  // Loads all of them, each in a thread of its own; `loaded` is called there, when all are or one
  // cannot be. Of each model as many answers have places as the engine has sequences, and `queue`.
  Models(std::vector<ServedModel> models, std::uint64_t chunk, unsigned queue,
         std::function<void()> loaded);

  const std::list<Hosted>& all() const { return models_; }

  // Are all of them ready?
  bool ready() const;
  // Why one is not, and will not be; empty: no such thing happened.
  std::string failure() const;
  // Is the server going to end?
  bool drains() const;

  // The model of this name, the first for an empty one. Throws ApiError when there is none.
  Hosted& find(const std::string& name);

  // Places for so many answers, as long as what it returns lives. Throws ApiError while models are
  // loaded, once the server drains, for more than there can ever be, and when too few are free.
  std::shared_ptr<void> enter(Hosted& model, unsigned answers);

  // What those who come too late are told.
  static ApiError shutting_down();

  // Lets nobody in any more; `idle` is called, in any thread, once nobody is in.
  void drain(std::function<void()> idle);

 private:
  void leave(Hosted& model, unsigned answers);

  const unsigned queue_;
  mutable std::mutex mutex_;
  bool drains_ = false;
  unsigned places_taken_ = 0;
  std::function<void()> idle_;
  std::list<Hosted> models_;  // last: their threads use all the others
};

}  // namespace sterna::server
