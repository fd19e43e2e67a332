// SPDX-License-Identifier: Apache-2.0
#include "host/serial/port.h"

#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "support/error.h"
#include "support/files.h"

namespace sterna::serial {
namespace {

// The kernel's names of the rates.
const std::map<unsigned, speed_t> kRates = {
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {921600, B921600},   {1000000, B1000000}, {1500000, B1500000}, {2000000, B2000000},
    {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000}};

std::string why_not_open(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
      return "there is no such port (`sterna devices` lists those that there are)";
    case EACCES:
    case EPERM:
      return "no permission: the udev rule of docs/boards.md gives it, or the group of " + path;
    case EBUSY:
      return "another program uses it";
    case ENXIO:
    case ENODEV:
    case EIO:
      return "nothing is behind it (is the board plugged in?)";
    default:
      return std::strerror(error);
  }
}

int open_port(const std::string& path) {
  // Without O_NONBLOCK open() would wait for a modem's carrier.
  const int file = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) throw Error("serial: {}: {}", printable(path), why_not_open(path, errno));
  return file;
}

}  // namespace

Port::Port(std::string path, unsigned baud) : path_(std::move(path)), file_(open_port(path_)) {
  const auto refuse = [this](const std::string& what) {
    ::close(file_);
    throw Error("serial: {}: {}", printable(path_), what);
  };
  if (::isatty(file_) == 0) refuse("is no serial port");
  // Two ways in which programs respect each other: a lock, and the kernel's refusal of a second
  // open (which root passes).
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) refuse("another program uses it");
  ::ioctl(file_, TIOCEXCL);
  const auto rate = kRates.find(baud);
  termios settings{};
  if (rate == kRates.end() || ::tcgetattr(file_, &settings) != 0) {
    refuse(fmt::format("cannot run at {} baud", baud));
  }
  ::cfmakeraw(&settings);
  settings.c_cflag =
      (settings.c_cflag & ~static_cast<tcflag_t>(CRTSCTS | CSTOPB | PARENB)) | CLOCAL | CREAD;
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  ::cfsetspeed(&settings, rate->second);
  // tcsetattr() is content when it could do a part.
  if (::tcsetattr(file_, TCSANOW, &settings) != 0 || ::tcgetattr(file_, &settings) != 0 ||
      ::cfgetospeed(&settings) != rate->second) {
    refuse(fmt::format("cannot run at {} baud", baud));
  }
  // A USB chip would keep bytes back for up to 16 ms. Not every driver knows this; it works
  // without.
  serial_struct details{};
  if (::ioctl(file_, TIOCGSERIAL, &details) == 0) {
    details.flags |= ASYNC_LOW_LATENCY;
    ::ioctl(file_, TIOCSSERIAL, &details);
  }
  drop_input();
}

Port::~Port() { ::close(file_); }

void Port::gone(const char* what) const {
  throw Error("serial: {}: the port is gone: {} (was the cable pulled out?)", printable(path_),
              what);
}

Port::Ready Port::wait(bool or_write, std::chrono::milliseconds timeout) {
  pollfd state{file_, static_cast<short>(POLLIN | (or_write ? POLLOUT : 0)), 0};
  const int count = ::poll(&state, 1, static_cast<int>(timeout.count()));
  if (count < 0 && errno != EINTR) gone(std::strerror(errno));
  if (count <= 0) return {};
  // What came before the end is still to be read.
  if ((state.revents & POLLIN) == 0 && (state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
    gone("hung up");
  }
  return {(state.revents & POLLIN) != 0, (state.revents & POLLOUT) != 0};
}

std::size_t Port::read(std::span<std::byte> bytes) {
  // A terminal without input and one at its end read alike.
  if (!wait(false, std::chrono::milliseconds(0)).read) return 0;
  const ssize_t count = ::read(file_, bytes.data(), bytes.size());
  if (count > 0) return static_cast<std::size_t>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  gone(count == 0 ? "end of input" : std::strerror(errno));
}

std::size_t Port::write(std::span<const std::byte> bytes) {
  const ssize_t count = ::write(file_, bytes.data(), bytes.size());
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return 0;
  gone(std::strerror(errno));
}

void Port::drop_input() { ::tcflush(file_, TCIFLUSH); }

bool await_port(const std::string& path, std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kBetween{20};
  const auto end = Line::Clock::now() + timeout;
  while (::access(path.c_str(), R_OK | W_OK) != 0) {
    if ((errno != ENOENT && errno != EACCES) || Line::Clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetween);
  }
  return true;
}

}  // namespace sterna::serial
