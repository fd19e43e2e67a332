// SPDX-License-Identifier: Apache-2.0
// What every proof starts with: the clock's first edge finds the design in reset; later resets may come at any time.
`include "rtl/assertions.svh"

`define PROOF_RESET \
  logic first_q = 1'b1; \
  always @(posedge clk_i) first_q <= 1'b0; \
  always @* if (first_q) assume (!rst_ni);

// Looks at a signal inside the design: `PROOF_SEES([7:0], u_dut.count_q) declares \u_dut.count_q , which flattening joins to it.
// A name that the design does not have is an open wire: what is asserted of it then fails.
`define PROOF_SEES(range, path) (* hierconn *) wire range path ;

// An assertion that resets do not suspend, of what outlives them.
`define PROOF_ALWAYS(name, expression) \
  always @(posedge clk_i) begin \
    if (!first_q) assert (expression); \
  end
