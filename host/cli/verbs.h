// SPDX-License-Identifier: Apache-2.0
// The verbs of the sterna command. Each adds its subcommand, with a callback that does the work and
// throws sterna::Error when it cannot; CLI::RuntimeError(code) ends the command silently with that
// exit code.
#pragma once

namespace CLI {
class App;
}

namespace sterna::cli {

void add_asm_verb(CLI::App& app);
void add_disasm_verb(CLI::App& app);
void add_data_verb(CLI::App& app);
void add_compile_verb(CLI::App& app);
void add_info_verb(CLI::App& app);
void add_run_verb(CLI::App& app);
void add_serve_verb(CLI::App& app);
void add_bench_verb(CLI::App& app);
void add_report_verb(CLI::App& app);
void add_eval_verb(CLI::App& app);
void add_bert_verb(CLI::App& app);
void add_sim_verb(CLI::App& app);
void add_debug_verb(CLI::App& app);
void add_dram_verb(CLI::App& app);
void add_xclbin_verb(CLI::App& app);
void add_program_verb(CLI::App& app);
void add_devices_verb(CLI::App& app);
void add_completion_verb(CLI::App& app);
void add_man_verb(CLI::App& app);  // hidden

}  // namespace sterna::cli
