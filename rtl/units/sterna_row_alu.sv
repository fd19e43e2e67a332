// SPDX-License-Identifier: Apache-2.0
// One element's arithmetic of the row-wise unit (docs/numerics.md).
//
// Commands: one of add_i .. exp_i, held while an instruction is in the pipeline; one at a time, so that one multiplier and one
// parabola serve every operation, each at its own stages.
// Handshake: none. load_i loads the registers of a stage, its bits named below; what is not loaded holds.
// Latency: the unit raises the bits of load_i at the instruction's times, time 0 being the cycle in which a_i, b_i and c_i are valid:
//
//   time          0      1     2      3     4      5      6      7      8     9     10    11    12    13
//   ADD SUB       read   a b   sum    y
//   RELU          read   a     a      y = max(a, 0)
//   MUL           read   a b   x y    prod  prod   mul    y
//   GATE          read   b c a b-c    x y   prod   prod   mul   y = c + mul
//   SIG           read   a     index  table coeffs curve  slope  step   sum   sig   y
//   SILU GELU     read   a     index  table coeffs curve  slope  step   sum   sig   x y   prod  prod  mul, then y
//   EXP           read   a     x y    prod  prod   index  table  coeffs curve slope step  sum   shift exp, then y
//
// What only some operations have for y is cleared as an instruction starts (load_t's clear), so that y is the OR of them all, without
// a multiplexer; and a number is clamped in front of the next addition, whose look-up tables have inputs left, or by the values that round it.
// Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_row_alu (
  input  logic        clk_i,
  // The instruction; one is high, or none for a MUL, or when the unit does something else.
  input  logic        add_i,
  input  logic        sub_i,
  input  logic        gate_i,
  input  logic        sig_i,
  input  logic        silu_i,  // or GELU, with phi_i
  input  logic        phi_i,
  input  logic        relu_i,
  input  logic        exp_i,
  input  logic [ 3:0] power_i,  // SIG, SILU and GELU: of two, signed, that a is divided by
  input  logic [31:0] fill_i,   // SET: the result; else zero
  input  logic [sterna_row_pkg::LOAD_BITS-1:0] load_i,  // sterna_row_pkg::load_t
  input  logic [31:0] a_i,  // GATE: b, c and a
  input  logic [31:0] b_i,
  input  logic [31:0] c_i,
  input  logic        keep_i,  // y is the result, or zero behind the vector's end
  // A step's parabola, from sterna_parabola_rom: its address, valid with load_i's lookup, and the word a cycle later.
  output logic [10:0] parabola_addr_o,
  input  logic [64:0] parabola_i,  // curve, signed; slope; value
  output logic [31:0] y_o,
  output logic        saturated_o  // y, or an intermediate value, was clamped
);
  localparam logic [25:0] Log2E  = 26'd24204406;  // log2(e), 24 fractional bits
  localparam logic [31:0] FixMax = 32'h7FFF_FFFF;
  localparam logic [31:0] FixMin = 32'h8000_0000;
  localparam int unsigned F       = sterna_isa_pkg::FRACTION_BITS;
  localparam int unsigned DxBits  = F - 6;  // of fix: dx, the distance from the middle of a step of 1/64
  localparam int unsigned HighBits = (36 - F) / 4;  // a quarter of what is past the sigmoid's table
  localparam int unsigned Excess  = 27 - F;  // fractional bits that the tables have more than fix
  localparam logic [F:0]  One     = (F + 1)'(1) << F;

  sterna_row_pkg::load_t load;
  assign load = load_i;

  `STERNA_TEMPORARIES_BEGIN

  // Operands; GATE's come as those of b - c and the factor a. Delay lines for those that an operation needs again at its end: SILU and
  // RELU a, GATE c, which is added.
  logic [31:0]     a_q, b_q, factor_q, first_q, gate_q, addend_q;
  logic [32:0]     sum33;
  logic            first_saturated_q;

  always_ff @(posedge clk_i) begin
    if (load.operands) begin
      a_q      <= a_i;
      b_q      <= b_i;
      factor_q <= c_i;
    end
    if (load.first) begin
      sum33 = {a_q[31], a_q} + (add_i ? {b_q[31], b_q} : ~{b_q[31], b_q}) + 33'(!add_i);
      first_q <= sum33[32] == sum33[31] ? sum33[31:0] : sum33[32] ? FixMin : FixMax;
      first_saturated_q <= sum33[32] != sum33[31];
      gate_q <= factor_q;
    end
  end

  for (genvar t = 0; t < sterna_row_pkg::DELAYS; t++) begin : gen_delay
    logic [31:0] word_q;
    if (t == 0) begin : gen_first
      always_ff @(posedge clk_i) if (load.delay[0]) word_q <= a_q;
    end else begin : gen_next
      always_ff @(posedge clk_i) if (load.delay[t]) word_q <= gen_delay[t-1].word_q;
    end
  end
  for (genvar t = 0; t < sterna_row_pkg::ADDENDS - 1; t++) begin : gen_addend
    logic [31:0] word_q;
    if (t == 0) begin : gen_first
      always_ff @(posedge clk_i) if (load.addend[0]) word_q <= b_q;
    end else begin : gen_next
      always_ff @(posedge clk_i) if (load.addend[t]) word_q <= gen_addend[t-1].word_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (load.clear) addend_q <= '0;
    else if (load.addend[sterna_row_pkg::ADDENDS-1]) addend_q <= gen_addend[sterna_row_pkg::ADDENDS-2].word_q;
  end

  // Multiplier: x * y as two products of x's lower 26 bits and its upper six, rounded in the first; their sum, to be clamped by the
  // signs of x and y where it does not fit.
  logic        [31:0] x_q, y_q;
  logic signed [26:0] x_low;
  logic signed [34:0] y_wide;
  logic signed [47:0] half;  // of the last bit that stays
  logic signed [61:0] low, high;
  logic        [36:0] upper;    // of the product, from bit 26 on, but for a second sign
  logic    [62-F:0]   rounded;  // EXP's is rounded down
  logic        [31:0] mul_q;       // not clamped yet
  logic        [31:0] sig_q;
  logic               x_saturated_q, product_saturated_q, product2_saturated_q, mul_saturated_q;
  logic               negative_q, negative2_q, negative3_q, fits, clamp_q;
  assign x_low  = $signed({1'b0, x_q[25:0]});
  assign y_wide = 35'($signed(y_q));
  assign half   = $signed(48'(!exp_i) << (F - 1));

  sterna_multiply u_low (
    .clk_i,
    .load_i   (load.product),
    .a_i      (x_low),
    .b_i      (y_wide),
    .c_i      (half),
    .product_o(low)
  );
  sterna_multiply u_high (
    .clk_i,
    .load_i   (load.product),
    .a_i      (27'($signed(x_q[31:26]))),
    .b_i      (y_wide),
    .c_i      ('0),
    .product_o(high)
  );

  always_ff @(posedge clk_i) begin
    if (load.x) begin
      x_q <= gate_i ? gate_q : silu_i ? gen_delay[7].word_q : a_q;
      y_q <= gate_i ? first_q : silu_i ? sig_q : exp_i ? 32'(Log2E) : b_q;
      x_saturated_q <= gate_i && first_saturated_q;
    end
    if (load.product[0]) begin
      product_saturated_q <= x_saturated_q;
      negative_q          <= x_q[31] ^ y_q[31];
    end
    if (load.product[1]) begin
      product2_saturated_q <= product_saturated_q;
      negative2_q          <= negative_q;
    end
    if (load.mul) begin
      upper   = $unsigned(37'(low >>> 26)) + high[36:0];
      rounded = {upper, low[25:F]};
      fits    = rounded[62-F:31] == {32 - F{rounded[31]}};
      mul_q   <= rounded[31:0];
      clamp_q <= !fits;
      negative3_q     <= negative2_q;
      mul_saturated_q <= product2_saturated_q || !fits;
    end
    if (load.clear) begin
      mul_q           <= '0;
      clamp_q         <= 1'b0;
      mul_saturated_q <= 1'b0;
    end
  end

  // Piecewise parabola, value + (slope + curve * dx) * dx: table index and dx; the three coefficients; curve * dx, and the local
  // slope, slope + curve * dx; the step from the value, slope * dx, and the sum of both. SIG, SILU and GELU take |a / 2^power|,
  // with power in power_i; EXP takes x * log2(e), whose integer part becomes a shift.
  logic        [39:0] magnitude;  // of a / 2^power
  logic        [36:0] upper2;
  logic    [62-F:0]   exponent;
  logic        [ 8:0] power;
  logic        [ 9:0] index_q;
  logic signed [DxBits-1:0] dx_q, dx2_q, dx3_q, dx4_q, dx5_q;
  logic        [14:0] curve_q;
  logic        [27:0] value_q, value2_q, value3_q, value4_q;
  logic        [21:0] slope_q, slope2_q;
  `STERNA_SOME_BITS_BEGIN
  logic signed [47:0] slope, slope_base, sum, sum_base;  // with DxBits fractional bits more than what they are added to
  `STERNA_SOME_BITS_END

  // What an element's last stages need: sign, past the table's end (SIG, GELU: one, EXP: largest), too small (EXP: zero), and the right
  // shift of EXP's result.
  typedef struct packed {
    logic       negative;
    logic       above;
    logic       below;
    logic [4:0] shift;
  } flags_t;
  logic [3:0] high_q;  // past the table's end by one of these parts of the magnitude
  flags_t flags1_q, flags2_q, flags3_q, flags4_q, flags5_q, flags6_q, flags7_q, flags8_q;

  always_ff @(posedge clk_i) begin
    if (load.index) begin
      magnitude = {(a_q ^ {32{a_q[31]}}) + 32'(a_q[31]), 8'b0} >> {!power_i[3], power_i[2:0]};
      upper2    = $unsigned(37'(low >>> 26)) + high[36:0];
      exponent  = {upper2, low[25:F]};
      power     = exponent[F+:9];
      // dx is zero in the middle of the step: its sign is the inverted upper bit.
      index_q           <= exp_i ? 10'(exponent[DxBits+:6]) : magnitude[DxBits+:10];
      dx_q              <= $signed(exp_i ? {!exponent[DxBits-1], exponent[DxBits-2:0]}
                                         : {!magnitude[DxBits-1], magnitude[DxBits-2:0]});
      flags1_q.negative <= a_q[31];
      flags1_q.above    <= exp_i && $signed(power) >= 9'sd7;
      for (int unsigned p = 0; p < 4; p++) high_q[p] <= !exp_i && magnitude[F+4+p*HighBits+:HighBits] != '0;
      flags1_q.below    <= $signed(power) < -9'sd25;
      flags1_q.shift    <= 5'd6 - power[4:0];  // of what is neither above nor below
    end
    if (load.lookup) begin
      dx2_q    <= dx_q;
      flags2_q <= flags1_q;
      if ((phi_i && index_q[9]) || high_q != '0) flags2_q.above <= 1'b1;  // Phi's table ends at 8, the sigmoid's at 16
    end
    if (load.coefficients) begin
      {curve_q, slope_q, value_q} <= parabola_i;
      dx3_q    <= dx2_q;
      flags3_q <= flags2_q;
    end
    if (load.slope[0]) begin
      slope2_q <= slope_q;
      value2_q <= value_q;
      dx4_q    <= dx3_q;
      flags4_q <= flags3_q;
    end
    if (load.slope[1]) begin
      value3_q <= value2_q;
      dx5_q    <= dx4_q;
      flags5_q <= flags4_q;
    end
    if (load.sum[0]) begin
      value4_q <= value3_q;
      flags6_q <= flags5_q;
    end
    if (load.sum[1]) flags7_q <= flags6_q;
  end

  // The tables' places in the ROM: the sigmoid's from 0, Phi's from 1,024, exp2's from 1,536 on.
  assign parabola_addr_o = exp_i ? {5'b11000, index_q[5:0]} : phi_i ? {2'b10, index_q[8:0]} : {1'b0, index_q};

  // EXP's half of the last bit that stays lies just below the value.
  assign slope_base = $signed(48'(slope2_q) << DxBits);
  assign sum_base   = $signed(48'({value4_q, exp_i, (DxBits - 1)'(0)}));

  sterna_product_sum u_slope (
    .clk_i,
    .load_i(load.slope),
    .a_i   (27'($signed(curve_q))),
    .b_i   (18'(dx3_q)),
    .c_i   (slope_base),
    .sum_o (slope)
  );

  sterna_product_sum u_sum (
    .clk_i,
    .load_i(load.sum),
    .a_i   (27'($signed(slope[DxBits+:24]))),
    .b_i   (18'(dx5_q)),
    .c_i   (sum_base),
    .sum_o (sum)
  );

  // Last steps of these functions. 2^fraction is less than two, after rounding, too (268,435,443 of 2^28 at most), so a power that is not
  // above fits.
  logic [31:0] shifted_q;  // by all but the shift's uppermost bit
  logic [31:0] exponential;
  logic [30:0] exp_q;
  logic        exp_saturated_q;

  logic [F:0] sigmoid;  // of |a|, One at most, rounded down
  logic       one;      // to be added: to round up, or to negate

  always_ff @(posedge clk_i) begin
    if (load.sig) begin
      sigmoid = flags7_q.above ? One : sum[DxBits+Excess+:F+1];
      one     = (!flags7_q.above && sum[DxBits+Excess-1]) ^ flags7_q.negative;
      // One - sigmoid where a is negative: turn the bits below One's and add one, unless that would be rounded up.
      sig_q <= {{31 - F{1'b0}}, (sigmoid ^ {1'b0, {F{flags7_q.negative}}}) + (F + 1)'(one)};
    end
    // One bit more than the result's, so that the round-up bit comes out of the shifter.
    if (load.exp[0]) begin
      shifted_q <= {sum[DxBits+:28], 4'b0} >> flags7_q.shift[3:0];
      flags8_q  <= flags7_q;
    end
    if (load.exp[1]) begin
      exponential = (flags8_q.shift[4] ? shifted_q >> 16 : shifted_q) & ~{32{flags8_q.below}};
      exp_q <= 31'(exponential[0] && !flags8_q.above) + (exponential[31:1] | {31{flags8_q.above}});
      exp_saturated_q <= flags8_q.above;
    end
    if (load.clear) begin
      exp_q           <= '0;
      exp_saturated_q <= 1'b0;
    end
  end

  logic [31:0] mul;
  logic [32:0] gated;     // GATE's sum; of the others with a product the product alone
  logic        overflow;  // of it
  logic [31:0] result;
  logic        saturated;
  always_ff @(posedge clk_i) begin
    if (load.y) begin
      mul      = !clamp_q ? mul_q : negative3_q ? FixMin : FixMax;
      gated    = {addend_q[31], addend_q} + {mul[31], mul};
      overflow = gated[32] != gated[31];
      result   = (!overflow ? gated[31:0] : addend_q[31] ? FixMin : FixMax)  // the addends have one sign
               | (first_q & {32{add_i || sub_i}})
               | (sig_q & {32{sig_i}})
               | {1'b0, exp_q}
               | (gen_delay[0].word_q & {32{relu_i && !gen_delay[0].word_q[31]}})
               | fill_i;
      saturated = mul_saturated_q || overflow || exp_saturated_q || ((add_i || sub_i) && first_saturated_q);
      y_o <= keep_i ? result : 32'd0;
      saturated_o <= keep_i && saturated;
    end
  end
  `STERNA_TEMPORARIES_END

  logic unused;
  assign unused = ^{flags8_q.negative, flags8_q.shift[3:0], low[F-1:0], high[61:37]};
endmodule
