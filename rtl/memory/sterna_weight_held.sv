// SPDX-License-Identifier: Apache-2.0
// Which words of a weight_banks may be popped, where its reader is: weight_count, and the register behind it.
//
// Commands: as weight_count.
// Handshake: valid_o[b], a register: word b is held, and those before it; kept_o and left_o, what it will be (weight_banks).
// Latency: a word counts from the cycle after its push on.
module sterna_weight_held #(
  parameter int unsigned BeatsPerStep = 2,
  parameter int unsigned Depth        = 16
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    push_i,
  input  logic                    pop_i,
  input  logic                    pop_two_i,
  output logic [BeatsPerStep-1:0] valid_o,
  output logic [BeatsPerStep-1:0] kept_o,
  output logic [BeatsPerStep-1:0] left_o
);
  sterna_weight_count #(
    .BeatsPerStep(BeatsPerStep),
    .Depth       (Depth)
  ) u_count (
    .clk_i,
    .rst_ni,
    .push_i,
    .pop_i,
    .pop_two_i,
    .kept_o,
    .left_o
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= '0;
    else valid_o <= pop_i ? left_o : kept_o;
  end
endmodule
