// SPDX-License-Identifier: Apache-2.0
// A model on a device, with golden beside it where every logit is to be compared.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/backends/backends.h"
#include "host/model/sterna_file.h"
#include "host/runtime/checked.h"
#include "host/runtime/session.h"

namespace sterna {

class RunningModel {
 public:
  // Makes the device and places the model on it. `check`: a step throws Error at the first logit
  // that differs from golden's. Throws what make_device and Session throw. The file is needed only
  // here.
  RunningModel(const SternaFile& file, BackendOptions backend, bool check);

  Stepper& stepper() { return checked_ ? static_cast<Stepper&>(*checked_) : *session_; }
  const Capabilities& capabilities() const { return session_->capabilities(); }
  bool checks() const { return checked_.has_value(); }
  std::string device_name() const { return device_->name(); }

  // What the RTL's memory and link have to say; empty for other devices.
  std::string platform_report() const;

 private:
  std::unique_ptr<Device> device_, golden_;
  std::optional<Session> session_, golden_session_;
  std::optional<CheckedStepper> checked_;
};

}  // namespace sterna
