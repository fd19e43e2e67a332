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

  logic [DenBits-1:0] den_q, rem_q, not_rem_q, rem_d;  // the remainder twice, as it goes to all multiples
  logic [Bits-1:0]    den, multiple_q[16];
  logic               ready_q;
  assign den = Bits'(den_q);

  always_ff @(posedge clk_i) begin
    ready_q <= start_i;
    if (start_i) den_q <= den_i;
    if (ready_q) begin
      for (int unsigned m = 0; m < 16; m++) begin
        multiple_q[m] <= ((m & 8) != 0 ? den << 3 : '0) + ((m & 4) != 0 ? den << 2 : '0)
                       + ((m & 2) != 0 ? den << 1 : '0) + ((m & 1) != 0 ? den : '0);
      end
    end
  end

  // What the greatest multiple that fits leaves: of two, of four, and so on.
  logic [15:0]        fits;
  logic [Bits:0]      difference;  // negative where a multiple does not fit
  logic [DenBits-1:0] left[16];
  always_comb begin
    for (int unsigned m = 0; m < 16; m++) begin
      if (m < 8) difference = {1'b0, rem_q, 4'b0} - {1'b0, multiple_q[m]};
      else difference = ~({1'b1, not_rem_q, 4'b1111} + {1'b0, multiple_q[m]});
      fits[m] = !difference[Bits];
      left[m] = difference[DenBits-1:0];
    end
    for (int unsigned s = 1; s < 16; s *= 2) begin
      for (int unsigned m = 0; m < 16; m += 2 * s) left[m] = fits[m+s] ? left[m+s] : left[m];
    end
    rem_d = left[0];
  end

  always_ff @(posedge clk_i) begin
    if (ready_q || step_i) begin
      rem_q     <= ready_q ? rem_i : rem_d;
      not_rem_q <= ~(ready_q ? rem_i : rem_d);
    end
  end

  // The multiples that fit are the first ones: bit b is set from an odd multiple of 2^b to the next one.
  always_comb begin
    digit_o = '0;
    for (int unsigned b = 0; b < 4; b++) begin
      for (int unsigned m = 1 << b; m < 16; m += 2 << b) begin
        digit_o[b] = digit_o[b] || (fits[m] && (m + (1 << b) == 16 || !fits[4'(m + (1 << b))]));
      end
    end
  end
endmodule
