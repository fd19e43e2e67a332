// SPDX-License-Identifier: Apache-2.0
#include "host/serial/bitstream.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "support/error.h"
#include "support/files.h"

namespace sterna::serial {
namespace {

constexpr const char* kLoader = "openFPGALoader";
// Behind the comments: what wakes the configuration logic, and its command that checks the FPGA's
// identity.
constexpr std::string_view kPreamble = "\xFF\xFF\xBD\xB3";
constexpr std::string_view kVerifyId("\xE2\0\0\0", 4);
constexpr std::size_t kVerifyWithin = 64;  // bytes behind the preamble
// Its last command starts the design; behind it nothing comes but filling.
constexpr std::string_view kProgramDone("\x5E\0\0\0", 4);
constexpr char kFilling = '\xFF';

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// What the loader said, in our words where we know what it means.
std::string reason(const std::string& output) {
  struct {
    const char* said;
    const char* meant;
  } const known[] = {
      {"device not found",
       "no board: is it plugged in? (`lsusb` should show an FT231X, 0403:6015)"},
      {"unable to open device", "no permission: the udev rule of docs/boards.md gives it"},
      {"LIBUSB_ERROR_ACCESS", "no permission: the udev rule of docs/boards.md gives it"},
      {"unable to claim", "another program uses the board's USB chip"},
      {"mismatch between target's idcode", "another board: its FPGA is not the bitstream's"},
  };
  for (const auto& one : known) {
    if (output.find(one.said) != std::string::npos) return one.meant;
  }
  const std::size_t end = output.find_last_not_of(" \r\n");
  if (end == std::string::npos) return "it says nothing";
  const std::size_t begin = output.find_last_of("\r\n", end);
  return printable(output.substr(begin == std::string::npos ? 0 : begin + 1,
                                 end - (begin == std::string::npos ? 0 : begin + 1) + 1),
                   200);
}

// Runs the loader; its output, and whether it was content.
std::pair<std::string, bool> run(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw Error("{}: {}", kLoader, std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, pipe[0]);
  ::posix_spawn_file_actions_addclose(&actions, pipe[1]);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, kLoader, &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  std::string output;
  std::array<char, 4096> piece;
  for (ssize_t count = 0; failed == 0;) {
    count = ::read(pipe[0], piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    output.append(piece.data(), static_cast<std::size_t>(count));
  }
  ::close(pipe[0]);
  if (failed == ENOENT) {
    throw Error("{} is not installed (Debian: apt-get install openfpgaloader)", kLoader);
  }
  if (failed != 0) throw Error("{}: {}", kLoader, std::strerror(failed));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) throw Error("{}: ended by signal {}", kLoader, WTERMSIG(status));
  return {output, WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

}  // namespace

const Board& find_board(const std::string& name) {
  std::string names;
  for (const Board& board : kBoards) {
    if (board.name == name) return board;
    names += (names.empty() ? "" : ", ") + std::string(board.name);
  }
  throw Error("there is no board '{}': {}", printable(name), names);
}

void check_bitstream(const std::filesystem::path& path, const Board& board) {
  const std::vector<std::byte> bytes = read_file(path);
  const std::string_view text = text_of(bytes);
  const std::size_t preamble = text.find(kPreamble);
  if (!text.starts_with(std::string_view("\xFF\0", 2)) || preamble == std::string_view::npos) {
    throw Error("{}: no bitstream of an ECP5", path.string());
  }
  const std::string_view comments = text.substr(0, preamble);
  constexpr std::string_view kPart = "Part: ";
  if (const std::size_t at = comments.find(kPart); at != std::string_view::npos) {
    const std::string_view rest = comments.substr(at + kPart.size());
    const std::string_view part(rest.begin(), std::find(rest.begin(), rest.end(), '\0'));
    // The same FPGA in another package has other pins: another board's.
    if (!part.starts_with(board.part) ||
        (part != board.part && part.find(board.package) == std::string_view::npos)) {
      throw Error("{}: for an {}, but a {} has an {} ({})", path.string(), printable(part, 60),
                  board.title, board.part, board.package);
    }
  }
  const std::string_view commands =
      text.substr(preamble + kPreamble.size()).substr(0, kVerifyWithin);
  const std::size_t verify = commands.find(kVerifyId);
  if (verify == std::string_view::npos || commands.size() < verify + kVerifyId.size() + 4) {
    throw Error("{}: does not say for which FPGA it is", path.string());
  }
  const std::uint32_t idcode = big_endian(commands.substr(verify + kVerifyId.size(), 4));
  if (idcode != board.idcode) {
    throw Error("{}: for an FPGA with IDCODE {:#010x}, but a {} has {:#010x}", path.string(),
                idcode, board.title, board.idcode);
  }
  if (!text.substr(0, text.find_last_not_of(kFilling) + 1).ends_with(kProgramDone)) {
    throw Error("{}: its last command is not the one that starts the design: truncated?",
                path.string());
  }
}

void load_bitstream(const std::filesystem::path& path, const Board& board) {
  const auto [output, loaded] =
      run({kLoader, "-b", std::string(board.loader), std::filesystem::absolute(path).string()});
  if (!loaded) throw Error("{}: {}", kLoader, reason(output));
}

}  // namespace sterna::serial
