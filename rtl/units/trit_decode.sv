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
  // Functions, so that a simulator computes them only when a register is loaded.
  // The next digit, and the rest.
  function automatic logic [9:0] triple(input logic [7:0] x);
    triple = {2'b0, x} + {1'b0, x, 1'b0};
  endfunction

  // The rest, and the digits of rows 1 and 0.
  function automatic logic [11:0] first_two(input logic [7:0] x);
    logic [9:0] t0, t1;
    t0 = triple(x);
    t1 = triple(t0[7:0]);
    first_two = {t1[7:0], t1[9:8], t0[9:8]};
  endfunction

  // From that, plus (bits 9:5) and zero (bits 4:0) of the five rows.
  function automatic logic [9:0] all_five(input logic [11:0] x);
    logic [9:0] t2, t3;
    /* verilator lint_off UNUSEDSIGNAL */
    logic [9:0] t4;  // nobody needs the last rest
    /* verilator lint_on UNUSEDSIGNAL */
    t2 = triple(x[11:4]);
    t3 = triple(t2[7:0]);
    t4 = triple(t3[7:0]);
    all_five = {t4[9], t3[9], t2[9], x[3], x[1], t4[8], t3[8], t2[8], x[2], x[0]};
  endfunction

  logic [11:0] half_q;
  logic [ 9:0] trits_q;

  always_ff @(posedge clk_i) begin
    if (load_i[0]) half_q <= first_two(byte_i);
    if (load_i[1]) trits_q <= all_five(half_q);
  end

  assign zero_o = trits_q[4:0];
  assign plus_o = trits_q[9:5];
endmodule
