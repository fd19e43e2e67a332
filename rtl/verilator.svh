// SPDX-License-Identifier: Apache-2.0
// What Verilator is told besides the language, and what RTL is shaped for its speed: docs/verilator.md has the reasons. All of
// it is nothing to other tools.
`ifndef STERNA_VERILATOR_SVH
`define STERNA_VERILATOR_SVH

// One copy of a module's code for all its instances. An input whose value differs between them is opaque: Verilator must not
// look through it, or it makes a copy for each.
`define STERNA_ONE_COPY /* verilator no_inline_module */
`define STERNA_OPAQUE /* verilator public_flat_rd */
// What the first instance of a row gets, of no use to it: in Verilator what the others get of the one before them, of the last one, as a constant would
// be another order of statements, and a copy of the code for it; elsewhere nothing.
`ifdef VERILATOR
`define STERNA_ALIKE(last, nothing) last
`else
`define STERNA_ALIKE(last, nothing) nothing
`endif

// State that the lockstep checker or the debugger reads between two cycles.
`define STERNA_VISIBLE /* verilator public_flat_rd */

// Signals that no waveform has: thousands of one kind, of which each takes its part of a build's time.
`define STERNA_UNTRACED_BEGIN /* verilator tracing_off */
`define STERNA_UNTRACED_END /* verilator tracing_on */

// Temporaries in a clocked process: blocking assignments, read only behind them in the same process, so no register comes of them.
`define STERNA_TEMPORARIES_BEGIN /* verilator lint_off BLKSEQ */
`define STERNA_TEMPORARIES_END /* verilator lint_on BLKSEQ */

// Vectors of which a build reads only some bits, and parameters that only assertions read.
`define STERNA_SOME_BITS_BEGIN /* verilator lint_off UNUSEDSIGNAL */
`define STERNA_SOME_BITS_END /* verilator lint_on UNUSEDSIGNAL */
`define STERNA_CHECKED_PARAMETERS_BEGIN /* verilator lint_off UNUSEDPARAM */
`define STERNA_CHECKED_PARAMETERS_END /* verilator lint_on UNUSEDPARAM */

// A port that the outside names as C++ names something else.
`define STERNA_RESERVED_NAME_BEGIN /* verilator lint_off SYMRSVDWORD */
`define STERNA_RESERVED_NAME_END /* verilator lint_on SYMRSVDWORD */

`endif
