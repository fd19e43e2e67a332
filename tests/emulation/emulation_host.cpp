// SPDX-License-Identifier: Apache-2.0
// A host program for the tests, which knows XRT only.
//
//   emulation_host XCLBIN KERNEL forever     reads a register without end
//   emulation_host XCLBIN KERNEL COUNT       opens, loads, checks and closes that often
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

constexpr std::uint32_t kMagic = 0x300;

void check(const xrt::kernel& kernel) {
  if (kernel.read_register(kMagic) != 0x4E525453) throw std::runtime_error("this is no Sterna");
}

void run(const std::string& xclbin, const std::string& name, const std::string& count) {
  const bool forever = count == "forever";
  for (int i = forever ? 1 : std::stoi(count); i > 0; --i) {
    xrt::device device(0);
    const auto uuid = device.load_xclbin(xclbin);
    const xrt::kernel kernel(device, uuid, name, xrt::kernel::cu_access_mode::exclusive);
    check(kernel);
    std::printf("loaded\n");
    std::fflush(stdout);
    if (forever) {
      while (true) check(kernel);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    run(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "emulation_host: %s\n", error.what());
    return 1;
  }
}
