// SPDX-License-Identifier: Apache-2.0
// One element's arithmetic of the row-wise unit (docs/numerics.md).
//
// Commands: one of add_i .. set_i, held while an instruction is in the pipeline; one at a time, so that one multiplier and one
// parabola serve every operation, each at its own stages.
// Handshake: none. at_i[t] says that an element is in the pipeline at time t, where time 0 is the cycle in which a_i, b_i and c_i
// are valid; a register of time t+1 is loaded when at_i[t] is high and holds otherwise.
// Latency: y is loaded with y_en_i, which the unit raises at the instruction's time:
//
//   time          0      1     2      3     4     5     6     7     8     9     10    11    12
//   ADD SUB       read   a b   sum    y
//   MUL           read   a b   x y    prod  prod  mul   y
//   GATE          read   a b c b-c    x y   prod  prod  mul   y = c + mul
//   SIG           read   a     index  table c*dx  slope *dx   sum   sig   y
//   SILU          read   a     index  table c*dx  slope *dx   sum   sig   x y   prod  prod  mul    y
//   EXP           read   a     x y    prod  prod  index table c*dx  slope *dx   sum   shift exp    y
//
// Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_row_alu (
  input  logic        clk_i,
  input  logic [12:0] at_i,
  // The instruction; one is high, or none when the unit does something else.
  input  logic        add_i,
  input  logic        sub_i,
  input  logic        mul_i,
  input  logic        gate_i,
  input  logic        sig_i,
  input  logic        silu_i,
  input  logic        exp_i,
  input  logic        set_i,
  input  logic [31:0] imm_i,
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  input  logic [31:0] c_i,
  input  logic        y_en_i,  // load y, ...
  input  logic        keep_i,  // ... with the result, or with zero behind the vector's end
  output logic [31:0] y_o,
  output logic        saturated_o  // y, or an intermediate value, was clamped
);
  localparam logic [25:0] Log2E  = 26'd24204406;  // log2(e), 24 fractional bits
  localparam logic [31:0] FixMax = 32'h7FFF_FFFF;
  localparam logic [31:0] FixMin = 32'h8000_0000;
  localparam int unsigned F       = sterna_isa_pkg::FRACTION_BITS;
  localparam int unsigned DxBits  = F - 6;  // of fix: dx, the distance from the middle of a step of 1/64
  localparam int unsigned Excess  = 27 - F;  // fractional bits that the tables have more than fix
  localparam int unsigned SumBits = DxBits + 29;
  localparam logic [F:0]  One     = (F + 1)'(1) << F;

  `STERNA_TEMPORARIES_BEGIN

  // Operands, and a delay line for the one that an operation needs again at its end.
  logic [31:0]     a_q, b_q, c_q, first_q, gate_q, delayed;
  logic [32:0]     sum33;
  logic            first_saturated_q;

  always_ff @(posedge clk_i) begin
    if (at_i[0] && !set_i) begin
      a_q <= a_i;
      b_q <= b_i;
      c_q <= c_i;
    end
    if (at_i[1] && (add_i || sub_i || gate_i)) begin
      sum33 = {(gate_i ? b_q[31] : a_q[31]), (gate_i ? b_q : a_q)}
          + (gate_i ? ~{c_q[31], c_q} : sub_i ? ~{b_q[31], b_q} : {b_q[31], b_q}) + 33'(!add_i);
      first_q <= sum33[32] == sum33[31] ? sum33[31:0] : sum33[32] ? FixMin : FixMax;
      first_saturated_q <= sum33[32] != sum33[31];
      gate_q <= a_q;
    end
  end

  for (genvar t = 0; t < 7; t++) begin : gen_delay
    logic [31:0] word_q;
    if (t == 0) begin : gen_first
      always_ff @(posedge clk_i) if ((gate_i || silu_i) && at_i[1]) word_q <= gate_i ? c_q : a_q;
    end else begin : gen_next
      always_ff @(posedge clk_i) if ((gate_i || silu_i) && at_i[t+1]) word_q <= gen_delay[t-1].word_q;
    end
  end
  assign delayed = gate_i ? gen_delay[4].word_q : gen_delay[6].word_q;

  // Multiplier: operands, product in two stages (for the registers inside the DSP slices), rounded and saturated result.
  logic               x_en, product_en, product2_en, mul_en;
  logic signed [31:0] x_q, y_q;
  logic signed [63:0] product_q, product2_q;
  logic    [63-F:0]   rounded;
  logic        [31:0] mul_q;
  logic        [31:0] sig_q;
  logic               x_saturated_q, product_saturated_q, product2_saturated_q, mul_saturated_q;

  assign x_en        = gate_i ? at_i[2] : silu_i ? at_i[8] : at_i[1] && (mul_i || exp_i);
  assign product_en  = gate_i ? at_i[3] : silu_i ? at_i[9] : at_i[2] && (mul_i || exp_i);
  assign product2_en = gate_i ? at_i[4] : silu_i ? at_i[10] : at_i[3] && (mul_i || exp_i);
  assign mul_en      = gate_i ? at_i[5] : silu_i ? at_i[11] : at_i[4] && mul_i;

  always_ff @(posedge clk_i) begin
    if (x_en) begin
      x_q <= $signed(gate_i ? gate_q : silu_i ? delayed : a_q);
      y_q <= $signed(gate_i ? first_q : silu_i ? sig_q : exp_i ? 32'(Log2E) : b_q);
      x_saturated_q <= gate_i && first_saturated_q;
    end
    if (product_en) begin
      product_q           <= x_q * y_q;
      product_saturated_q <= x_saturated_q;
    end
    if (product2_en) begin
      product2_q           <= product_q;
      product2_saturated_q <= product_saturated_q;
    end
    if (mul_en) begin
      rounded = product2_q[63:F] + (64 - F)'(product2_q[F-1]);
      mul_q <= rounded[63-F:31] == {33 - F{rounded[31]}} ? rounded[31:0]
             : rounded[63-F] ? FixMin : FixMax;
      mul_saturated_q <= product2_saturated_q || rounded[63-F:31] != {33 - F{rounded[31]}};
    end
  end

  // Piecewise parabola, value + (slope + curve * dx) * dx: table index and dx; the three coefficients; curve * dx; the local
  // slope; delta, local slope * dx; sum. SIG and SILU take |a / 2^power|, with power in imm_i[3:0]; EXP takes x * log2(e), whose
  // integer part becomes a shift.
  logic               index_en, table_en, curve_en, slope_en, delta_en, sum_en, sig_en, exp_en;
  logic        [39:0] magnitude;  // of a / 2^power
  logic        [ 8:0] power;
  logic        [ 9:0] index_q;
  logic signed [DxBits-1:0] dx_q, dx2_q, dx3_q, dx4_q;
  logic        [26:0] sig_value;
  logic        [18:0] sig_slope;
  logic        [11:0] sig_curve;
  logic        [27:0] exp_value;
  logic        [21:0] exp_slope;
  logic        [14:0] exp_curve;
  logic signed [14:0] curve;
  logic        [27:0] value_q, value2_q, value3_q;
  logic        [21:0] slope_q;
  logic signed [23:0] slope2_q;
  logic signed [DxBits+14:0] curve_dx_q;
  logic signed [DxBits+23:0] delta_q;
  `STERNA_SOME_BITS_BEGIN
  logic        [ SumBits-1:0] sum;
  `STERNA_SOME_BITS_END
  logic        [28:0] sum_q;

  // What an element's last stages need: sign, past the table's end (SIG: one, EXP: largest), too small (EXP: zero), and the right
  // shift of EXP's result.
  typedef struct packed {
    logic       negative;
    logic       above;
    logic       below;
    logic [5:0] shift;
  } flags_t;
  flags_t flags1_q, flags2_q, flags3_q, flags4_q, flags5_q, flags6_q, flags7_q;

  assign index_en = exp_i ? at_i[4] : at_i[1] && (sig_i || silu_i);
  assign table_en = exp_i ? at_i[5] : at_i[2] && (sig_i || silu_i);
  assign curve_en = exp_i ? at_i[6] : at_i[3] && (sig_i || silu_i);
  assign slope_en = exp_i ? at_i[7] : at_i[4] && (sig_i || silu_i);
  assign delta_en = exp_i ? at_i[8] : at_i[5] && (sig_i || silu_i);
  assign sum_en   = exp_i ? at_i[9] : at_i[6] && (sig_i || silu_i);
  assign sig_en   = at_i[7] && (sig_i || silu_i);
  assign exp_en   = at_i[10] && exp_i;

  assign power     = product2_q[F+24+:9];
  assign curve     = exp_i ? $signed(exp_curve) : 15'($signed(sig_curve));

  always_ff @(posedge clk_i) begin
    if (index_en) begin
      magnitude = {(a_q[31] ? -a_q : a_q), 8'b0} >> {!imm_i[3], imm_i[2:0]};
      // dx is zero in the middle of the step: its sign is the inverted upper bit.
      index_q           <= exp_i ? 10'(product2_q[24+DxBits+:6]) : magnitude[DxBits+:10];
      dx_q              <= $signed(exp_i ? {!product2_q[24+DxBits-1], product2_q[24+:DxBits-1]}
                                         : {!magnitude[DxBits-1], magnitude[DxBits-2:0]});
      flags1_q.negative <= a_q[31];
      flags1_q.above    <= exp_i ? $signed(power) >= 9'sd7 : magnitude[39:F+4] != '0;
      flags1_q.below    <= $signed(power) < -9'sd25;
      flags1_q.shift    <= 6'd6 - power[5:0];
    end
    if (table_en) begin
      dx2_q    <= dx_q;
      flags2_q <= flags1_q;
    end
    if (curve_en) begin
      curve_dx_q <= curve * dx2_q;
      slope_q    <= exp_i ? exp_slope : 22'(sig_slope);
      value_q    <= exp_i ? exp_value : 28'(sig_value);
      dx3_q      <= dx2_q;
      flags3_q   <= flags2_q;
    end
    if (slope_en) begin
      slope2_q <= $signed({2'b0, slope_q}) + 24'(curve_dx_q >>> DxBits);
      value2_q <= value_q + (28'(!exp_i) << (Excess - 1));  // half of the last bit that stays, for SIG and SILU
      dx4_q    <= dx3_q;
      flags4_q <= flags3_q;
    end
    if (delta_en) begin
      delta_q  <= slope2_q * dx4_q;
      value3_q <= value2_q;
      flags5_q <= flags4_q;
    end
    if (sum_en) begin
      // EXP's half of the last bit that stays lies just below the value.
      sum = SumBits'({value3_q, exp_i, (DxBits - 1)'(0)}) + $unsigned(SumBits'(delta_q));
      sum_q    <= exp_i ? sum[DxBits+:29] : 29'(sum[SumBits-1:DxBits+Excess]);
      flags6_q <= flags5_q;
    end
  end

  sterna_sigmoid_rom u_sigmoid_rom (
    .clk_i,
    .en_i   (table_en && !exp_i),
    .addr_i (index_q),
    .value_o(sig_value),
    .slope_o(sig_slope),
    .curve_o(sig_curve)
  );

  sterna_exp2_rom u_exp2_rom (
    .clk_i,
    .en_i   (table_en && exp_i),
    .addr_i (index_q[5:0]),
    .value_o(exp_value),
    .slope_o(exp_slope),
    .curve_o(exp_curve)
  );

  // Last steps of these functions.
  logic [32:0] shifted_q;
  logic [31:0] exp_q;
  logic        exp_saturated_q;

  logic [F:0] sigmoid;  // of |a|, One at most

  always_ff @(posedge clk_i) begin
    if (sig_en) begin
      sigmoid = flags6_q.above ? One : sum_q[F:0];
      // One - sigmoid where a is negative: turn the bits below One's and add one.
      sig_q <= {{31 - F{1'b0}}, (sigmoid ^ {1'b0, {F{flags6_q.negative}}}) + (F + 1)'(flags6_q.negative)};
    end
    // One bit more than the result's, so that the round-up bit comes out of the shifter.
    if (exp_en) begin
      shifted_q <= {sum_q, 4'b0} >> flags6_q.shift;
      flags7_q  <= flags6_q;
    end
    if (exp_i && at_i[11]) begin
      exp_q <= flags7_q.below ? 32'd0
             : flags7_q.above || shifted_q[32] || &shifted_q[31:1] ? FixMax
             : shifted_q[32:1] + 32'(shifted_q[0]);
      exp_saturated_q <= !flags7_q.below && (flags7_q.above || shifted_q[32]);
    end
  end

  logic [32:0] gated;
  logic [31:0] result;
  logic        saturated;
  always_ff @(posedge clk_i) begin
    if (y_en_i) begin
      gated = {delayed[31], delayed} + {mul_q[31], mul_q};
      case (1'b1)
        add_i, sub_i:  result = first_q;
        gate_i:        result = gated[32] == gated[31] ? gated[31:0] : gated[32] ? FixMin : FixMax;
        mul_i, silu_i: result = mul_q;
        sig_i:         result = sig_q;
        exp_i:         result = exp_q;
        default:       result = imm_i;
      endcase
      case (1'b1)
        add_i, sub_i: saturated = first_saturated_q;
        gate_i:       saturated = mul_saturated_q || gated[32] != gated[31];
        mul_i:        saturated = mul_saturated_q;
        exp_i:        saturated = exp_saturated_q;
        default:      saturated = 1'b0;
      endcase
      y_o <= keep_i ? result : 32'd0;
      saturated_o <= keep_i && saturated;
    end
  end
  `STERNA_TEMPORARIES_END

  logic unused;
  assign unused = ^{at_i[12], flags7_q.negative, flags7_q.shift, product2_q[F-2:0]};
endmodule
