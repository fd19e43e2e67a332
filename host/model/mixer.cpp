// SPDX-License-Identifier: Apache-2.0
#include "host/model/mixer.h"

#include "support/error.h"

namespace sterna::model {

std::vector<std::string> Mixer::entry_weights(std::uint32_t /*layer*/) const { return {}; }

const Mixer& mixer(TokenMixer kind) {
  switch (kind) {
    case TokenMixer::kHgrn:
      return hgrn_mixer();
  }
  throw Error("unknown token mixer");
}

const Mixer& mixer(ChannelMixer kind) {
  switch (kind) {
    case ChannelMixer::kGlu:
      return glu_mixer();
    case ChannelMixer::kFff:
      return fff_mixer();
    case ChannelMixer::kFffGlu:
      return fff_glu_mixer();
  }
  throw Error("unknown channel mixer");
}

}  // namespace sterna::model
