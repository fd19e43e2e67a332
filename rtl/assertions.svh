// Assertion macros, so that the modules need no ifdefs: checked under Verilator (--assert), nothing in synthesis.
// Both expect clk_i and rst_ni in scope; a macro's name becomes the assertion's.
`ifndef STERNA_ASSERTIONS_SVH
`define STERNA_ASSERTIONS_SVH

`ifdef VERILATOR
`define STERNA_ASSERT(name, property_expr) \
  name: assert property (@(posedge clk_i) disable iff (!rst_ni) (property_expr)) \
    else $fatal(1, "%m failed");

// A stream may not take back valid or change its payload before ready.
`define STERNA_ASSERT_STABLE(name, valid, ready, payload) \
  name: assert property (@(posedge clk_i) disable iff (!rst_ni) \
    ((valid) && !(ready) |=> (valid) && $stable(payload))) \
    else $fatal(1, "%m failed");
`else
`define STERNA_ASSERT(name, property_expr)
`define STERNA_ASSERT_STABLE(name, valid, ready, payload)
`endif

`endif
