// SPDX-License-Identifier: Apache-2.0
// The [serial] table of the definition, and the boards.
#include "isa/generator/toml_table.h"

namespace sterna::isagen {
namespace {

void read_codes(const toml::value& root, const std::string& kind, std::vector<StatusDef>& list) {
  Unique<std::string> names;
  Unique<unsigned> codes;
  for (const toml::value& table : tables(root, kind)) {
    only_keys(table, {"name", "code", "doc"});
    // A reply's command has both in one byte.
    const StatusDef code = {text(table, "name"), number(table, "code", 0, 15), text(table, "doc")};
    names.add(get(table, "name"), code.name, "the name", kind + " " + code.name);
    codes.add(get(table, "code"), code.code, "the code", kind + " " + code.name);
    list.push_back(code);
  }
}

}  // namespace

void read_serial(const toml::value& root, Definition& isa) {
  const toml::value& table = get(root, "serial");
  const std::vector<std::string> names = {"version",       "request_sync", "reply_sync",
                                          "header_bytes",  "max_payload",  "window",
                                          "identity_bytes"};
  only_keys(table, {"version", "request_sync", "reply_sync", "header_bytes", "max_payload",
                    "window", "identity_bytes", "command", "result"});
  for (const std::string& name : names) {
    isa.serial.constants.push_back({name, number(table, name, 1, 1 << 16)});
  }
  read_codes(table, "command", isa.serial.commands);
  read_codes(table, "result", isa.serial.results);
}

void read_boards(const toml::value& root, Definition& isa) {
  Unique<std::string> names;
  for (const toml::value& table : tables(root, "board")) {
    only_keys(table, {"name", "title", "configuration", "part", "package", "speed", "idcode",
                      "memory_bytes", "baud", "loader"});
    BoardDef board;
    board.name = text(table, "name");
    board.title = text(table, "title");
    board.configuration = text(table, "configuration");
    board.part = text(table, "part");
    board.package = text(table, "package");
    board.idcode = number(table, "idcode", 1, 0xFFFFFFFF);
    board.memory_bytes = number(table, "memory_bytes", 4096, 1 << 30);
    board.baud = number(table, "baud", 9600, 12'000'000);
    board.loader = text(table, "loader");
    names.add(get(table, "name"), board.name, "the name", "board " + board.name);
    if (board.name.size() > 8) fail(get(table, "name"), "'{}' has more than 8 letters", board.name);
    isa.boards.push_back(board);
  }
}

}  // namespace sterna::isagen
