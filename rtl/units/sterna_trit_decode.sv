// SPDX-License-Identifier: Apache-2.0
// Decodes a beat of weights: for each row and each pair of neighbouring columns the code by which ternary_dot selects one of q0,
// q1, q0 + q1 and q0 - q1, or zero, and its sign.
//
// Handshake: none; load_i[s] loads stage s of three, load_i[0] with weights_i.
// Latency: three cycles, a beat a cycle.
//
// A byte holds five trits as a fraction in base three (docs/numerics.md, weights in memory): nine times the byte carries the first
// two digits, 0 to 8, out of it, and the rest goes on. A trit is digit - 1. Signs are relative: rel[p] = s[p] ^ s[p & (p - 1)]
// (ternary_dot), rel[0] = s[0]; with Chains those of pairs that are not the first of a chain are relative to that one (quad_dot). Shaped
// for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_trit_decode #(
  parameter int unsigned BeatBits = 512,
  parameter bit          Chains   = 1'b0,  // for quad_dot
  localparam int unsigned Columns  = BeatBits / 8,
  localparam int unsigned Pairs    = Columns / 2,
  localparam int unsigned Chain    = Pairs < 8 ? Pairs : 8,  // pairs of one of quad_dot's chains
  localparam int unsigned CodeBits = 20 * Pairs
) (
  input  logic                clk_i,
  input  logic [2:0]          load_i     `STERNA_OPAQUE,
  input  logic [BeatBits-1:0] weights_i  `STERNA_OPAQUE,  // byte c: column c of the five rows
  output logic [CodeBits-1:0] codes_o    // pair p, row r: bits 20*p + 4*r +: 4, {rel, nonzero, select (2 bits)}, or {rel, quad_add's}
);
  `STERNA_ONE_COPY

  logic [16*Columns-1:0] half_q;    // of each column the digits of rows 0 and 1, and the rest: 12 of 16 bits
  logic [16*Columns-1:0] digits_q;  // rows 0 and 1 together (4 bits), rows 2 and 3 (4), row 4 (2): 10 of 16 bits

  `STERNA_TEMPORARIES_BEGIN
  `STERNA_SOME_BITS_BEGIN
  logic [11:0] next;
  logic [9:0]  last, d;
  logic [1:0]  d0, d1, d2, d3;  // bits of two digits together, 0 to 8: of rows 0 and 1, and of rows 2 and 3
  logic [1:0]  zero0, plus0, zero1, plus1;  // the first digit's trit is 0, is 1; the second's
  logic [19:0] zero_a, plus_a, zero_b, plus_b;  // row r in bit 4*r
  logic [19:0] nonzero, both, second, sign;
  logic [CodeBits-1:0] minus;  // of pair p, row r: bit 20*p + 4*r
  `STERNA_SOME_BITS_END

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      for (int unsigned c = 0; c < Columns; c++) begin
        half_q[16*c+:16] <= {8'b0, weights_i[8*c+:8]} + {5'b0, weights_i[8*c+:8], 3'b0};
      end
    end
    if (load_i[1]) begin
      for (int unsigned c = 0; c < Columns; c++) begin
        next = {4'b0, half_q[16*c+:8]} + {1'b0, half_q[16*c+:8], 3'b0};
        last = {2'b0, next[7:0]} + {1'b0, next[7:0], 1'b0};
        digits_q[16*c+:16] <= {6'b0, last[9:8], next[11:8], half_q[16*c+8+:4]};
      end
    end
    if (load_i[2]) begin
      for (int unsigned p = 0; p < Pairs; p++) begin
        for (int unsigned k = 0; k < 2; k++) begin
          zero_a = zero_b;
          plus_a = plus_b;
          d      = digits_q[32*p+16*k+:10];
          d0     = {d[4], d[0]};
          d1     = {d[5], d[1]};
          d2     = {d[6], d[2]};
          d3     = {d[7], d[3]};
          zero0  = (d2 & ~d1) | (~d2 & d1 & d0);             // 3, 4, 5
          plus0  = d3 | (d2 & d1);                           // 6, 7, 8
          zero1  = (d2 & ~(d1 ^ d0)) | (~d2 & ~d1 & d0);     // 1, 4, 7
          plus1  = d3 | (d2 & ~d1 & d0) | (~d2 & d1 & ~d0);  // 2, 5, 8
          zero_b = {3'b0, d[8], 3'b0, zero1[1], 3'b0, zero0[1], 3'b0, zero1[0], 3'b0, zero0[0]};
          plus_b = {3'b0, d[9], 3'b0, plus1[1], 3'b0, plus0[1], 3'b0, plus1[0], 3'b0, plus0[0]};
        end
        // Select: 0 q0, 1 q1, 2 q0 + q1, 3 q0 - q1.
        nonzero = ~(zero_a & zero_b) & 20'h11111;
        both    = ~(zero_a | zero_b) & 20'h11111;
        second  = zero_a | (~zero_b & (plus_a ^ plus_b));
        minus[20*p+:20] = ((zero_a & ~zero_b & ~plus_b) | (~zero_a & ~plus_a)) & 20'h11111;
        sign = p == 0 ? minus[19:0] : minus[20*p+:20] ^ minus[20*(Chains && p % Chain != 0 ? p - p % Chain : p & (p - 1))+:20];
        if (Chains) begin  // q1 again, q1, q0 - q1
          codes_o[20*p+:20] <= (sign << 3) | ((both & ~second) << 2) | ((nonzero & ~(both & second)) << 1) | (nonzero & (both | ~second));
        end else begin
          codes_o[20*p+:20] <= (sign << 3) | (nonzero << 2) | (both << 1) | second;
        end
      end
    end
  end
  `STERNA_TEMPORARIES_END

  logic unused;
  assign unused = ^{half_q, digits_q};  // the gaps
endmodule
