// Devices by name: what --backend and --config choose.
#pragma once

#include <memory>
#include <string>

#include "host/device/device.h"

namespace sterna {

struct BackendOptions {
  std::string name = "golden";         // golden, rtl
  std::string configuration = "demo";  // of rtl: rtl/config/NAME.f
  bool lockstep = false;               // rtl: compare every instruction with golden
};

// Throws Error for a backend or a configuration that does not exist.
std::unique_ptr<Device> make_device(const BackendOptions& options);

}  // namespace sterna
