// SPDX-License-Identifier: Apache-2.0
// Assertion macros, so that the modules need no ifdefs: checked under Verilator, proved under Yosys (read_verilog -formal),
// nothing in synthesis. They are immediate assertions in clocked blocks, which is what both tools take; a macro's name becomes
// the assertion's. All expect clk_i and rst_ni in scope, and hold while rst_ni is high. STERNA_ASSERT and STERNA_ASSERT_STABLE
// cost time, so that only Verilator's --assert checks them; STERNA_RULE is checked in every simulation.
`ifndef STERNA_ASSERTIONS_SVH
`define STERNA_ASSERTIONS_SVH

// STERNA_RULE is a rule of a bus. `given` says that it binds what lies outside the design: a proof may then rely on it.
`ifdef VERILATOR
`define STERNA_CHECKED
`define STERNA_CHECK(name, expression) name: assert (expression) else $fatal(1, "%m failed");
`define STERNA_RULE(name, given, expression) \
  always @(posedge clk_i) begin \
    if (rst_ni && !(expression)) begin : name \
      $fatal(1, "%m: protocol violated"); \
    end \
  end
`endif
`ifdef FORMAL  // no labels: Yosys takes those of a generate loop's turns for one
`define STERNA_CHECKED
`define STERNA_CHECK(name, expression) assert (expression);
`define STERNA_RULE(name, given, expression) \
  always @(posedge clk_i) begin \
    if (rst_ni && (given)) assume (expression); \
    else if (rst_ni) assert (expression); \
  end
`endif

`ifdef STERNA_CHECKED
`define STERNA_ASSERT(name, expression) \
  always @(posedge clk_i) begin \
    if (rst_ni) begin \
      `STERNA_CHECK(name, expression) \
    end \
  end

// A stream may not take back valid or change its payload before ready.
`define STERNA_ASSERT_STABLE(name, valid, ready, payload) \
  always @(posedge clk_i) begin \
    if (rst_ni && $past(rst_ni) && $past((valid) && !(ready))) begin \
      `STERNA_CHECK(name, (valid) && (payload) == $past(payload)) \
    end \
  end
`else
`define STERNA_ASSERT(name, expression)
`define STERNA_RULE(name, given, expression)
`define STERNA_ASSERT_STABLE(name, valid, ready, payload)
`endif

`endif
