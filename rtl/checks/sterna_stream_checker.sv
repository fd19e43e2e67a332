// SPDX-License-Identifier: Apache-2.0
// Checks a valid/ready stream: no valid right after reset, and neither valid nor payload changes before ready.
//
// Given: in a proof, the stream comes from outside and is assumed to obey.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_stream_checker #(
  parameter int unsigned Width = 1,
  `STERNA_CHECKED_PARAMETERS_BEGIN
  parameter bit          Given = 1'b0  // in a proof: the stream comes from outside, and is assumed to obey
  `STERNA_CHECKED_PARAMETERS_END
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             valid_i,
  input logic             ready_i,
  input logic [Width-1:0] payload_i
);

  logic             was_reset_q = 1'b0;
  logic             waiting_q;
  logic [Width-1:0] payload_q;

  always_ff @(posedge clk_i) begin
    was_reset_q <= !rst_ni;
    waiting_q   <= rst_ni && valid_i && !ready_i;
    if (valid_i && !ready_i) payload_q <= payload_i;
  end

  `STERNA_RULE(NoValidInReset, Given, !was_reset_q || !valid_i)
  `STERNA_RULE(ValidStays, Given, !waiting_q || valid_i)
  `STERNA_RULE(PayloadStays, Given, !waiting_q || payload_i == payload_q)

endmodule
