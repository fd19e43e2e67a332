// SPDX-License-Identifier: Apache-2.0
// sterna data: memory images for programs written by hand, from text and back.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "asm/data_text.h"
#include "host/cli/numbers.h"
#include "host/cli/verbs.h"
#include "isa/generated/isa.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::cli {
namespace {

struct DataOptions {
  std::string input;
  std::string output;
  std::uint32_t rows = 0, columns = 0;
  std::uint64_t seed = 1;
};

}  // namespace

void add_data_verb(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("data", "Make memory images from text, and print them");
  verb->require_subcommand(1);
  const auto o = std::make_shared<DataOptions>();

  const auto add = [&](const char* name, const char* help, const std::function<void()>& work) {
    CLI::App* kind = verb->add_subcommand(name, help);
    kind->callback(work);
    return kind;
  };
  const auto add_output = [&](CLI::App* kind) {
    kind->add_option("-o,--output", o->output, "File to write")->required();
  };

  CLI::App* vector = add("vector", "Text of numbers to a vector", [o] {
    write_file_atomically(o->output,
                          assembly::vector_from_text(read_text_file(o->input), o->input));
  });
  vector->add_option("text", o->input, "Numbers with blanks, line ends or commas between them")
      ->required();
  add_output(vector);

  CLI::App* matrix = add("matrix", "Text of + 0 - to a packed ternary matrix", [o] {
    write_file_atomically(o->output,
                          assembly::matrix_from_text(read_text_file(o->input), o->input).packed);
  });
  matrix->add_option("text", o->input, "A row a line")->required();
  add_output(matrix);

  CLI::App* random = add("random-matrix", "A packed ternary matrix of random weights", [o] {
    write_file_atomically(o->output, assembly::random_matrix(o->rows, o->columns, o->seed));
  });
  const auto size = whole_number<std::uint32_t>(1, kMaxVectorLength);
  random->add_option("rows", o->rows, "Rows")->required()->transform(size);
  random->add_option("columns", o->columns, "Columns")->required()->transform(size);
  random->add_option("--seed", o->seed, "The same seed gives the same matrix")
      ->transform(whole_number())
      ->capture_default_str();
  add_output(random);

  CLI::App* print = add("print", "Print a vector, an element a line", [o] {
    const MappedFile file(o->input);
    if (file.bytes().empty()) throw Error("{}: no elements", o->input);
    fmt::print("{}", assembly::vector_to_text(file.bytes(), o->input));
  });
  print->add_option("image", o->input, "Vector of 32-bit elements")->required();
}

}  // namespace sterna::cli
