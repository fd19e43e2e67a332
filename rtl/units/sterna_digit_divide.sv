// SPDX-License-Identifier: Apache-2.0
// Division of non-negative integers in base 16: four quotient bits a cycle, all 15 multiples of the denominator compared at once.
//
// Commands: start_i takes the denominator and rem_i, the numerator's upper part, which must be below it; its lower part is 0.
// step_i gives a digit, the most significant first.
// Handshake: none; without step_i digit_o is 0 and the remainder holds.
// Latency: step_i from two cycles after start_i on (the multiples are computed then); digit_o in the cycle of its step_i.
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

  logic [DenBits-1:0] den_q, rem_q, rem_d;
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

  logic [16:0]   fits;
  logic [Bits:0] left;  // negative where a multiple does not fit
  always_comb begin
    fits    = '0;
    left    = '0;
    digit_o = '0;
    rem_d   = '0;
    if (step_i) begin
      for (int unsigned m = 0; m < 16; m++) begin
        left    = {1'b0, rem_q, 4'b0} - {1'b0, multiple_q[m]};
        fits[m] = !left[Bits];
      end
      for (int unsigned m = 0; m < 16; m++) begin
        left = {1'b0, rem_q, 4'b0} - {1'b0, multiple_q[m]};
        if (fits[m] && !fits[m+1]) begin
          digit_o = digit_o | 4'(m);
          rem_d   = rem_d | left[DenBits-1:0];
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) rem_q <= rem_i;
    else if (step_i) rem_q <= rem_d;
  end
endmodule
