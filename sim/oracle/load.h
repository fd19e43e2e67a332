// SPDX-License-Identifier: Apache-2.0
// The float oracle's weights from either form of a model.
#pragma once

#include "host/model/checkpoint.h"
#include "host/model/sterna_file.h"
#include "sim/oracle/float_model.h"

namespace sterna::oracle {

// Both give the same weights for a checkpoint and what was compiled from it. Throw Error for
// tensors with NaN or infinite values.
FloatModelWeights load_float_model(const model::Checkpoint& checkpoint);
FloatModelWeights load_float_model(const model::SternaFile& file);

}  // namespace sterna::oracle
