// SPDX-License-Identifier: Apache-2.0
// Engines by name: what predicts the tokens of a model.
#pragma once

#include <filesystem>
#include <memory>

#include "host/backends/backends.h"
#include "host/engine/engine.h"
#include "host/model/sterna_file.h"

namespace sterna::backends {

// golden, rtl and xrt place the model on a device that make_device makes, with memory for it unless
// options.memory_bytes says how much; float is the oracle, with options.lanes sequences. With
// options.ranks this is rank 0, and the others must follow(). Where options.check asks for it,
// every result is compared with golden's. Throws Error for a backend that does not exist, and what
// making the device and placing the model throw. The file is needed only here.
std::unique_ptr<engine::Engine> make_engine(const model::SternaFile& file,
                                            const BackendOptions& options);

// The same for the model at a path: a .sterna file or, for float, the folder of a checkpoint, too.
std::unique_ptr<engine::Engine> make_engine(const std::filesystem::path& model,
                                            const BackendOptions& options);

// With options.ranks, on a rank other than 0: takes part in what the engine computes that rank 0
// makes of the same file and options, until that engine ends. Throws Error where either of them
// cannot make its engine.
void follow(const model::SternaFile& file, const BackendOptions& options);

}  // namespace sterna::backends
