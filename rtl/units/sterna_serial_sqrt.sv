// SPDX-License-Identifier: Apache-2.0
// Serial square root of a non-negative integer in base 4: root_o = floor(sqrt(operand)), two bits of the root a cycle, its three
// candidates compared at once.
//
// Commands: clear_i starts anew; step_i takes two base-4 digits of the operand, the most significant first, each of which gives a
// bit of the root. So a root can follow a division that yields its operand four bits a cycle, one cycle behind.
// Handshake: none; root_o holds until clear_i.
// Latency: a cycle from step_i to its bits in root_o.
module sterna_serial_sqrt #(
  parameter int unsigned RootBits = 26
) (
  input  logic                clk_i,
  input  logic                clear_i,
  input  logic                step_i,
  input  logic [3:0]          digits_i,
  output logic [RootBits-1:0] root_o
);
  localparam int unsigned Bits = RootBits + 5;

  // From a root r to 4 r + b: (4 r + b)^2 - (4 r)^2 is (8 r + b) b, which for b = 3 is 8 (3 r + 1) + 1.
  logic [RootBits:0]   rem_q;           // at most twice the root
  logic [RootBits-1:0] root_q;
  logic [RootBits+1:0] triple_q, triple;  // 3 r + 1
  logic [Bits-1:0]     partial;
  logic [Bits:0]       left1, left2, left3;  // negative where b does not fit
  logic                fits1, fits2, fits3;
  logic [1:0]          b;

  assign partial = {rem_q, digits_i};
  assign left1   = {1'b0, partial} - (Bits + 1)'({root_q, 3'b001});
  assign left2   = {1'b0, partial} - (Bits + 1)'({root_q, 4'b0100});
  assign left3   = {1'b0, partial} - (Bits + 1)'({triple_q, 3'b001});
  assign fits1   = !left1[Bits];
  assign fits2   = !left2[Bits];
  assign fits3   = !left3[Bits];
  assign b       = {fits2, fits2 ? fits3 : fits1};
  assign triple  = fits3 ? triple_q + 1'b1 : fits1 ? triple_q : triple_q - 1'b1;

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      rem_q    <= '0;
      root_q   <= '0;
      triple_q <= (RootBits + 2)'(1);
    end else if (step_i) begin
      rem_q    <= (RootBits + 1)'(fits2 ? (fits3 ? left3 : left2) : (fits1 ? left1 : (Bits + 1)'(partial)));
      root_q   <= {root_q[RootBits-3:0], b};
      triple_q <= {triple[RootBits-1:0], b[1], !b[0]};
    end
  end

  assign root_o = root_q;

  logic unused;
  assign unused = ^triple[RootBits+1:RootBits];
endmodule
