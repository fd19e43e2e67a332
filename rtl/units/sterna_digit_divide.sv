// SPDX-License-Identifier: Apache-2.0
// Division of non-negative integers in base 16: four quotient bits a cycle, all 15 multiples of the denominator compared at once.
//
// Commands: start_i takes the denominator; the cycle after takes rem_i, the numerator's upper part, which must be below it; its
// lower part is 0. step_i gives a digit, the most significant first: how many multiples fit.
// Handshake: none; without step_i the remainder holds.
// Latency: step_i from two cycles after start_i on (the multiples are computed before); digit_o in the cycle of its step_i.
module sterna_digit_divide #(
  parameter int unsigned DenBits = 32
) (
  input  logic               clk_i,
  input  logic               start_i,
  input  logic [DenBits-1:0] den_i,
  input  logic [DenBits-1:0] rem_i,
  input  logic               step_i,
  output logic [3:0]         digit_o
);
  localparam int unsigned Bits = DenBits + 4;

  logic [DenBits-1:0] den_q, not_rem_q, rem_d;  // ~the remainder, which goes to all multiples
  logic [Bits-1:0]    den, multiple[16];
  logic [DenBits-1:0] upper_q[16];              // the multiples, but for their last four bits,
  logic [3:0]         below_q[16];              // of whose taking away this is left, as a remainder's last four are 0,
  logic [15:0]        borrow_q;                 // and maybe a borrow
  logic               ready_q;
  assign den = Bits'(den_q);

  always_comb begin
    for (int unsigned m = 0; m < 16; m++) begin
      multiple[m] = ((m & 8) != 0 ? den << 3 : '0) + ((m & 4) != 0 ? den << 2 : '0)
                  + ((m & 2) != 0 ? den << 1 : '0) + ((m & 1) != 0 ? den : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    ready_q <= start_i;
    if (start_i) den_q <= den_i;
    if (ready_q) begin
      for (int unsigned m = 0; m < 16; m++) begin
        upper_q[m]  <= multiple[m][Bits-1:4];
        below_q[m]  <= -multiple[m][3:0];
        borrow_q[m] <= multiple[m][3:0] != '0;
      end
    end
  end

  // What the greatest multiple that fits leaves: of two, of four, and so on.
  localparam int unsigned Half = DenBits / 2;
  logic [15:0]        fits, exceeds;  // !fits: of the two bits behind the sum's each has a net of its own, and each drives half of what is left
  logic [DenBits+2:0] sum;            // the complement of what a multiple leaves: an addition, whose first operand needs no look-up table
  logic [DenBits-1:0] left[16];
  always_comb begin
    for (int unsigned m = 0; m < 16; m++) begin
      sum        = {2'b00, upper_q[m], borrow_q[m]} + {2'b01, not_rem_q, 1'b1};
      fits[m]    = sum[DenBits+1];
      exceeds[m] = sum[DenBits+2];
      left[m]    = {~sum[DenBits-4:1], below_q[m]};
    end
    for (int unsigned s = 1; s < 16; s *= 2) begin
      for (int unsigned m = 0; m < 16; m += 2 * s) begin
        left[m] = {fits[m+s] ? left[m+s][DenBits-1:Half] : left[m][DenBits-1:Half],
                   exceeds[m+s] ? left[m][Half-1:0] : left[m+s][Half-1:0]};
      end
    end
    rem_d = left[0];
  end

  always_ff @(posedge clk_i) begin
    if (ready_q || step_i) not_rem_q <= ~(ready_q ? rem_i : rem_d);
  end

  // The multiples that fit are the first ones: bit b is set from an odd multiple of 2^b to the next one.
  always_comb begin
    digit_o = '0;
    for (int unsigned b = 0; b < 4; b++) begin
      for (int unsigned m = 1 << b; m < 16; m += 2 << b) begin
        digit_o[b] = digit_o[b] || (fits[m] && (m + (1 << b) == 16 || exceeds[4'(m + (1 << b))]));
      end
    end
  end
endmodule
