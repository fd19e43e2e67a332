// SPDX-License-Identifier: Apache-2.0
#include "host/cli/running_model.h"

#include "sim/rtl/rtl_device.h"

namespace sterna {

RunningModel::RunningModel(const SternaFile& file, BackendOptions backend, bool check) {
  backend.memory_bytes = session_bytes(file.header());
  device_ = make_device(backend);
  session_.emplace(*device_, file);
  if (!check) return;
  BackendOptions same;
  same.memory_bytes = backend.memory_bytes;
  same.channels = capabilities().channels;
  same.lanes = capabilities().lanes;
  golden_ = make_device(same);
  golden_session_.emplace(*golden_, file);
  checked_.emplace(*session_, *golden_session_);
}

std::string RunningModel::platform_report() const {
  const auto* rtl = dynamic_cast<const RtlDevice*>(device_.get());
  return rtl == nullptr ? "" : rtl->platform_report();
}

}  // namespace sterna
