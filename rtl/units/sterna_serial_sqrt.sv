// SPDX-License-Identifier: Apache-2.0
// Serial square root of a non-negative integer: root_o = floor(sqrt(operand)), two bits of the root a cycle.
//
// Commands: clear_i starts anew; step_i takes two base-4 digits of the operand, the most significant first, each of which gives a
// bit of the root. So a root can follow a division that yields its operand four bits a cycle, one cycle behind.
// Handshake: none; root_o holds until clear_i.
// Latency: root_o includes the bits of this cycle's step_i.
module sterna_serial_sqrt #(
  parameter int unsigned RootBits = 26
) (
  input  logic                clk_i,
  input  logic                clear_i,
  input  logic                step_i,
  input  logic [3:0]          digits_i,
  output logic [RootBits-1:0] root_o
);
  // Bring down a digit, try the digit 1 behind twice the root so far.
  logic [RootBits:0]   rem_q, rem_d;  // at most twice the root
  logic [RootBits-1:0] root_q, root_d;
  logic [RootBits+2:0] partial, trial;
  always_comb begin
    rem_d   = rem_q;
    root_d  = root_q;
    partial = '0;
    trial   = '0;
    if (step_i) begin
      for (int unsigned i = 0; i < 2; i++) begin
        partial = {rem_d, digits_i[2*(1-i)+:2]};
        trial   = {1'b0, root_d, 2'b01};
        rem_d   = (RootBits + 1)'(partial >= trial ? partial - trial : partial);
        root_d  = {root_d[RootBits-2:0], partial >= trial};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      rem_q  <= '0;
      root_q <= '0;
    end else if (step_i) begin
      rem_q  <= rem_d;
      root_q <= root_d;
    end
  end

  assign root_o = root_d;
endmodule
