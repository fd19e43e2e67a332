// SPDX-License-Identifier: Apache-2.0
// What stands in for this folder where XRT was not installed at build time.
#include "host/xrt/emulation.h"
#include "host/xrt/xrt_device.h"
#include "support/error.h"

namespace sterna::card {
namespace {

[[noreturn]] void refuse() {
  throw Error(
      "this sterna was built without XRT: install libxrt-dev and uuid-dev (or AMD's XRT), then "
      "build again");
}

}  // namespace

std::unique_ptr<Device> make_xrt_device(const XrtOptions&) { refuse(); }
std::vector<XrtCard> xrt_cards() { refuse(); }
std::string xrt_version() { return {}; }

void require_emulation() { refuse(); }
std::vector<EnvironmentVariable> shared_emulation_environment(bool) { refuse(); }
std::vector<EnvironmentVariable> private_emulation_environment() { refuse(); }
std::string shell_exports(const std::vector<EnvironmentVariable>&) { refuse(); }
std::vector<std::byte> make_emulation_xclbin(const std::string&, const std::string&,
                                             std::uint64_t) {
  refuse();
}
std::filesystem::path write_emulation_xclbin(const std::filesystem::path&, const std::string&,
                                             const std::string&, std::uint64_t) {
  refuse();
}

}  // namespace sterna::card
