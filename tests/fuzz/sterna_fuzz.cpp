// SPDX-License-Identifier: Apache-2.0
// Any bytes either are a .sterna file, of which everything can then be read, or are refused with
// one line. Checksums would keep a fuzzer at the door, so the frame's are set right first; bytes
// that start with '{' are taken for the header alone.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "host/model/sterna_file.h"
#include "host/model/sterna_format.h"
#include "support/error.h"

namespace {

using sterna::model::format::Prelude;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "sterna_fuzz: %s\n", what);
  std::abort();
}

void set_frame(std::vector<std::byte>& bytes) {
  if (bytes.size() < sizeof(Prelude)) return;
  Prelude prelude;
  std::memcpy(&prelude, bytes.data(), sizeof(prelude));
  prelude.magic = sterna::model::format::kMagic;
  prelude.version = sterna::model::kSternaVersion;
  prelude.file_bytes = bytes.size();
  if (prelude.header_offset <= bytes.size()) {
    const auto header = std::span(bytes).subspan(prelude.header_offset);
    prelude.header_bytes = header.size();
    prelude.header_crc32 = sterna::crc32(header);
  }
  prelude.crc32 = sterna::model::format::prelude_crc32(prelude);
  std::memcpy(bytes.data(), &prelude, sizeof(prelude));
}

void read_everything(const sterna::model::SternaFile& file) {
  for (const auto& matrix : file.header().matrices) {
    const auto read = file.matrix(matrix.name);
    require(read.trits.size() == std::size_t{read.rows} * read.cols, "a matrix of another size");
  }
  for (const auto& tensor : file.header().reference) {
    const auto read = file.reference(tensor.name);
    require(read.data.size() == read.rows() * read.cols() * sterna::model::dtype_bytes(read.dtype),
            "a tensor of another size");
  }
  require(file.program().size() == file.header().requirements.rom_depth, "a program cut short");
}

void open(std::span<const std::byte> input) {
  if (!input.empty() && input[0] == std::byte{'{'}) {
    const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
    const auto json = sterna::parse_json_object(text, "input");
    sterna::model::format::check_header(sterna::model::format::parse_header(json, "input"),
                                        "input");
    return;
  }
  std::vector<std::byte> bytes(input.begin(), input.end());
  set_frame(bytes);
  read_everything(sterna::model::SternaFile(bytes, "input"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    open(std::as_bytes(std::span(data, size)));
  } catch (const sterna::Error& error) {
    require(std::strchr(error.what(), '\n') == nullptr, "an error of several lines");
  }
  return 0;
}
