// SPDX-License-Identifier: Apache-2.0
// A user's own program: it knows XRT and the two files that it is given, and nothing else of
// Sterna. It computes y = sigmoid(x / 2 + y) with asm/examples/vector.s, on a card or in emulation:
//
//   sterna asm asm/examples/vector.s -o vector.bin
//   sterna xclbin --target hw_emu -o sterna.hw_emu.xclbin
//   eval "$(sterna xclbin --env)"        # not for a card
//   plain_xrt sterna.hw_emu.xclbin vector.bin
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// The control registers and arguments that are needed here, from docs/isa.md.
constexpr std::uint32_t kRomAddress = 0x250, kRomData = 0x254;
constexpr std::uint32_t kStatus = 0x240, kMagic = 0x300, kCyclesLow = 0x400;
constexpr int kSegment0Base = 0, kSegment0Size = 1, kEntry = 48;

constexpr std::size_t kElements = 100;
constexpr std::size_t kLineElements = 16;  // memory is read and written in lines of 64 bytes
constexpr std::size_t kVector = (kElements + kLineElements - 1) / kLineElements * kLineElements;
constexpr double kOne = 1 << 24;  // numbers are 32 bits with 24 of them behind the point

struct Program {
  std::uint32_t entry = 0;
  std::vector<std::uint32_t> words;
};

// 8 characters, then ISA version, number of instructions, entry, CRC; then 16 bytes an instruction.
Program read_program(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t kHeader = 24;
  if (bytes.size() < kHeader || std::memcmp(bytes.data(), "STERNAPR", 8) != 0) {
    throw std::runtime_error(path + ": not a program of sterna asm");
  }
  Program program;
  std::memcpy(&program.entry, bytes.data() + 16, 4);
  program.words.resize((bytes.size() - kHeader) / 4);
  std::memcpy(program.words.data(), bytes.data() + kHeader, program.words.size() * 4);
  return program;
}

double input_x(std::size_t i) { return 0.25 * static_cast<double>(i) - 12; }
double input_y(std::size_t i) { return 1 - 0.02 * static_cast<double>(i); }

int run(const std::string& xclbin, const std::string& program_file) {
  const Program program = read_program(program_file);
  xrt::device device(0);
  const auto uuid = device.load_xclbin(xclbin);
  // Exclusive, for the registers that are no arguments.
  xrt::kernel kernel(device, uuid, "sterna", xrt::kernel::cu_access_mode::exclusive);
  if (kernel.read_register(kMagic) != 0x4E525453) throw std::runtime_error("this is no Sterna");

  kernel.write_register(kRomAddress, 0);
  for (const std::uint32_t word : program.words) kernel.write_register(kRomData, word);

  // x, then y.
  xrt::bo buffer(device, 2 * kVector * 4, kernel.group_id(kSegment0Base));
  auto* numbers = buffer.map<std::int32_t*>();
  std::memset(numbers, 0, buffer.size());
  for (std::size_t i = 0; i < kElements; ++i) {
    numbers[i] = static_cast<std::int32_t>(input_x(i) * kOne);
    numbers[kVector + i] = static_cast<std::int32_t>(input_y(i) * kOne);
  }
  buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE);

  xrt::run run(kernel);
  run.set_arg(kSegment0Base, buffer);
  run.set_arg(kSegment0Size, static_cast<std::uint32_t>(2 * kVector / kLineElements));
  run.set_arg(kEntry, program.entry);
  run.start();
  run.wait();
  const std::uint32_t status = kernel.read_register(kStatus);
  if (status != 0) throw std::runtime_error("status " + std::to_string(status));

  buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  double worst = 0;
  for (std::size_t i = 0; i < kElements; ++i) {
    const double wanted = 1 / (1 + std::exp(-(input_x(i) / 2 + input_y(i))));
    worst = std::max(worst, std::abs(numbers[kVector + i] / kOne - wanted));
  }
  std::printf("%zu elements, largest error %.6f, %u cycles\n", kElements, worst,
              kernel.read_register(kCyclesLow));
  return worst < 1e-3 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: plain_xrt FILE.xclbin PROGRAM.bin\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plain_xrt: %s\n", error.what());
    return 1;
  }
}
