// Five trits from a byte: multiply by three, the carry out of the byte is the digit, the rest goes on
// (docs/numerics.md, weights in memory). A trit is digit - 1.
//
// Two digits in the first cycle (load_i[0]), three in the second (load_i[1]). A trit leaves as two bits, ready to select
// an activation: zero_o[r] and, meant only when that is low, plus_o[r].
module trit_decode (
  input  logic       clk_i,
  input  logic [1:0] load_i,
  input  logic [7:0] byte_i,
  output logic [4:0] zero_o,
  output logic [4:0] plus_o
);
  function automatic logic [9:0] triple(input logic [7:0] x);
    triple = {2'b0, x} + {1'b0, x, 1'b0};
  endfunction

  logic [9:0] t0, t1, t2, t3, t4;
  logic [1:0] digit0_q, digit1_q;
  logic [7:0] rest_q;

  assign t0 = triple(byte_i);
  assign t1 = triple(t0[7:0]);
  assign t2 = triple(rest_q);
  assign t3 = triple(t2[7:0]);
  assign t4 = triple(t3[7:0]);

  always_ff @(posedge clk_i) begin
    if (load_i[0]) begin
      digit0_q <= t0[9:8];
      digit1_q <= t1[9:8];
      rest_q   <= t1[7:0];
    end
    if (load_i[1]) begin
      zero_o <= {t4[8], t3[8], t2[8], digit1_q[0], digit0_q[0]};
      plus_o <= {t4[9], t3[9], t2[9], digit1_q[1], digit0_q[1]};
    end
  end

  logic unused;
  assign unused = ^t4[7:0];
endmodule
