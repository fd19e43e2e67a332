// SPDX-License-Identifier: Apache-2.0
// The scalar step between the RMS unit's passes: the factor M / 2^T of the second pass (docs/numerics.md, NORM steps 3 and 4,
// QUANT steps 1 and 2). LIFT takes T of QUANT, from which the unit makes its own, and has an M that is always the same.
//
// Commands: start_i; sum_i or amax_i is stable until then, len_i, norm_i and lift_i for the whole instruction.
// Handshake: done_o is high for one cycle, two cycles before the last, so that a word that is read in the next cycle meets M
// just in time. With norm_i high the outputs are the factor of the last NORM, whatever QUANTs came between.
// Latency: M is valid in the cycle after the last, T before it; cycle 0 is that of start_i:
//
//   cycle   0 and 1      normalise the value, by 16 bits and by 4 and 1
//           2            the divider's multiples
//           3 to 10      NORM's quotient, four bits a cycle; QUANT's to 9: that is M; LIFT's last cycle is 4
//           4 to 16      NORM's root, two bits a cycle: M
`include "rtl/assertions.svh"

module sterna_rms_scalar #(
  parameter int unsigned LenBits = 14
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic               norm_i,  // NORM or NORML, else QUANT or LIFT
  input  logic               lift_i,
  input  logic [LenBits-1:0] len_i,
  input  logic [63:0]        sum_i,   // NORM: sum of squares and n * eps
  input  logic [30:0]        amax_i,  // QUANT: largest magnitude, at least 1
  output logic               done_o,
  output logic [25:0]        mantissa_o,  // M
  output logic [ 5:0]        shift_o      // T - 1
);
  localparam logic [4:0] Fine      = 5'd1;  // the second step of the normalisation
  localparam logic [4:0] Ready     = 5'd2;
  localparam logic [4:0] Divide    = 5'd3;
  localparam logic [4:0] Root      = 5'd4;
  localparam logic [4:0] Divided   = 5'd11;  // the root's operand goes on with zeros
  localparam logic [4:0] LastLift  = 5'd4;
  localparam logic [4:0] LastQuant = 5'd9;
  localparam logic [4:0] LastNorm  = 5'd16;

  logic [4:0] cycle_q, last;
  assign last = lift_i ? LastLift : norm_i ? LastNorm : LastQuant;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) cycle_q <= '0;
    else cycle_q <= (Fine & {5{start_i}}) | (cycle_q == '0 || cycle_q == last ? '0 : cycle_q + 5'd1);
    done_o <= rst_ni && cycle_q == last - 5'd3;
  end

  // ---------------------------------------------------------------- normalisation
  // v or amax, with z leading zeros. Only the upper 32 bits count in the end. v is 256 at least, which shows in its last 16 bits.
  // The lower half is the sum's or amax, which has no other.
  logic [46:0] coarse, coarse_q, fine;
  logic [ 5:0] zeros, zeros_q;
  logic [31:0] low;
  logic [15:0] lowest;
  always_comb begin
    low        = norm_i ? sum_i[31:0] : {1'b0, amax_i};
    lowest     = norm_i && sum_i[15:8] == '0 ? 16'd256 : low[15:0];
    zeros[5]   = !norm_i || sum_i[63:32] == '0;
    zeros[4]   = zeros[5] ? (norm_i ? sum_i[31:16] : {1'b0, amax_i[30:16]}) == '0 : sum_i[63:48] == '0;
    case (zeros[5:4])
      2'd0:    coarse = sum_i[63:17];
      2'd1:    coarse = sum_i[47:1];
      2'd2:    coarse = {low, 15'b0};
      default: coarse = {lowest, 31'b0};
    endcase
  end

  sterna_leading_zeros #(
    .Width(47)
  ) u_fine (
    .value_i(coarse_q),
    .zeros_o(zeros[3:0]),
    .value_o(fine)
  );

  // n, with y leading zeros: computed from the instruction's start on.
  logic [15:0] count, count_q;
  logic [ 3:0] count_zeros, count_zeros_q;

  sterna_leading_zeros #(
    .Width(16)
  ) u_count (
    .value_i(16'(len_i)),
    .zeros_o(count_zeros),
    .value_o(count)
  );

  // p makes NORM's T whole: 2 T = 62 + y - z + p.
  logic       odd;
  logic [6:0] twice;
  assign odd   = zeros_q[0] ^ count_zeros_q[0];
  assign twice = 7'd62 + 7'(count_zeros_q) - 7'(zeros_q) + 7'(odd);

  always_ff @(posedge clk_i) begin
    count_q       <= count;
    count_zeros_q <= count_zeros;
    if (start_i) begin
      coarse_q     <= coarse;
      zeros_q[5:4] <= {zeros[5] && norm_i, zeros[4]};
    end
    if (cycle_q == Fine) zeros_q[3:0] <= zeros[3:0];
  end

  // ---------------------------------------------------------------- quotient
  // Of 127 * 2^50 in 28 bits, or of nm * 2^(46 + p) in 32.
  logic [ 3:0] digit, digit_q;
  logic        dividing;
  logic [31:0] rem;
  always_comb begin
    if (!norm_i) rem = 32'd127 << 22;
    else rem = odd ? {1'b0, count_q, 15'b0} : {2'b0, count_q, 14'b0};
  end
  assign dividing = cycle_q >= Divide && cycle_q < Divided;

  sterna_digit_divide #(
    .DenBits(32)
  ) u_digit_divide (
    .clk_i,
    .start_i(cycle_q == Fine),
    .den_i  (fine[46:15]),
    .rem_i  (rem),
    .step_i (dividing),
    .digit_o(digit)
  );

  // The root goes on with zeros; QUANT's last digit stays.
  always_ff @(posedge clk_i) begin
    if (dividing || norm_i) digit_q <= dividing && !lift_i ? digit : '0;
  end

  // ---------------------------------------------------------------- root, and the factor
  logic [25:0] root;
  sterna_serial_sqrt #(
    .RootBits(26)
  ) u_serial_sqrt (
    .clk_i,
    .clear_i (cycle_q == Ready && norm_i),
    .step_i  (norm_i && cycle_q >= Root),
    .digits_i(digit_q),
    .root_o  (root)
  );

  logic [ 5:0] norm_shift_q;
  logic [25:0] mantissa_q;  // LIFT's, or QUANT's but for its last digit
  logic        is_root_q, is_quotient_q;  // M: norm_i, a cycle late, which is soon enough, and its complement for half of the bits
  always_ff @(posedge clk_i) begin
    is_root_q     <= norm_i;
    is_quotient_q <= !norm_i;
    if (norm_i && cycle_q == Ready) norm_shift_q <= twice[6:1] - 1'b1;
    shift_o <= norm_i ? norm_shift_q : 6'd49 - zeros_q;
    if (lift_i) mantissa_q <= 26'h200_0000;
    else if (dividing && !norm_i) mantissa_q <= {mantissa_q[21:4], digit_q, 4'd0};
  end
  assign mantissa_o = {is_quotient_q ? mantissa_q[25:13] : root[25:13], is_root_q ? root[12:0] : mantissa_q[12:0] | 13'(digit_q)};

  logic unused;
  assign unused = ^{fine[14:0], twice[0]};

  `STERNA_ASSERT(StartsWhenIdle, !start_i || cycle_q == '0)
endmodule
