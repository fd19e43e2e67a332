// SPDX-License-Identifier: Apache-2.0
// One register of a path that leads from die to die (sterna_die_tree): a module of its own, so that no tool merges its copies, constraints can place each,
// and the model of the clock knows where a net crosses (docs/timing.md).
//
// Handshake: valid only, never stalled. Data is loaded when one of the lowest Loads valid bits is set, so that idle data does not toggle; with Loads 0
// there is none.
// Latency: one cycle.
(* keep_hierarchy = "yes", dont_touch = "true" *)
module sterna_die_hop #(
  parameter int unsigned Valids = 1,
  parameter int unsigned Loads  = Valids,
  parameter int unsigned Width  = 1
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic [Valids-1:0] valid_i,
  input  logic [Width-1:0]  data_i,
  output logic [Valids-1:0] valid_o,
  output logic [Width-1:0]  data_o
);
  logic [Valids-1:0] valid_q = '0;  // a reset is on its way through here, too: it powers up as one (die_reset)

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= valid_i;
  end

  if (Loads == 0) begin : gen_no_data
    logic unused;
    assign unused = ^data_i;
    assign data_o = '0;
  end else begin : gen_data
    always_ff @(posedge clk_i) begin
      if (valid_i[Loads-1:0] != '0) data_o <= data_i;
    end
  end

  assign valid_o = valid_q;
endmodule
