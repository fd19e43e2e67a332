// One element's arithmetic of the row-wise unit, pipelined, an element a cycle (docs/numerics.md).
//
// One instruction at a time is in the pipe, so one multiplier and one interpolator serve every operation, each in the
// order that its instruction needs. at_i[t] says that an element is in the pipe at time t, where time 0 is the cycle in
// which a_i, b_i and c_i are valid; a register of time t+1 is loaded when at_i[t] is high and is kept still otherwise.
//
//   time          0      1     2      3     4     5     6     7     8     9     10
//   ADD SUB       read   a b   sum    y
//   MUL           read   a b   x y    prod  prod  mul   y
//   GATE          read   a b c b-c    x y   prod  prod  mul   y = c + mul
//   SIG           read   a     index  table lerp  sum   sig   y
//   SILU          read   a     index  table lerp  sum   sig   x y   prod  prod  mul   y
//   EXP           read   a     x y    prod  prod  index table lerp  sum   shift exp   y
module row_alu (
  input  logic        clk_i,
  input  logic [10:0] at_i,
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
  input  logic        keep_i,  // ... with the result, or with zero beyond the vector's end
  output logic [31:0] y_o
);
  localparam logic [25:0] Log2E  = 26'd24204406;  // log2(e), 24 fractional bits
  localparam logic [31:0] FixMax = 32'h7FFF_FFFF;
  localparam logic [31:0] FixMin = 32'h8000_0000;
  localparam logic [16:0] One    = 17'h1_0000;

  function automatic logic [31:0] sat33(input logic [32:0] x);
    sat33 = x[32] == x[31] ? x[31:0] : x[32] ? FixMin : FixMax;
  endfunction

  // Operands, and the delay of the one that an operation needs once more at its end.
  logic [31:0]     a_q, b_q, c_q, first_q, gate_q, delayed;
  logic [5*32-1:0] delay_q;  // latest in the lowest bits

  always_ff @(posedge clk_i) begin
    if (at_i[0] && !set_i) begin
      a_q <= a_i;
      b_q <= b_i;
      c_q <= c_i;
    end
    if (at_i[1] && (add_i || sub_i || gate_i)) begin
      first_q <= sat33(
          {(gate_i ? b_q[31] : a_q[31]), (gate_i ? b_q : a_q)} + (
              gate_i ? ~{c_q[31], c_q} : sub_i ? ~{b_q[31], b_q} : {b_q[31], b_q}
          ) + 33'(!add_i));
      gate_q <= a_q;
    end
    if (gate_i || silu_i) begin
      if (at_i[1]) delay_q[31:0] <= gate_i ? c_q : a_q;
      for (int unsigned t = 1; t < 5; t++) begin
        if (at_i[t+1]) delay_q[32*t+:32] <= delay_q[32*(t-1)+:32];
      end
    end
  end
  assign delayed = delay_q[4*32+:32];

  // Multiplier: operands, product in two stages (for the registers inside the DSP slices), rounded and saturated result.
  logic               x_en, product_en, product2_en, mul_en;
  logic signed [31:0] x_q, y_q;
  logic signed [63:0] product_q, product2_q;
  logic        [47:0] rounded;
  logic        [31:0] mul_q;
  logic        [31:0] sig_q;

  assign x_en        = gate_i ? at_i[2] : silu_i ? at_i[6] : at_i[1] && (mul_i || exp_i);
  assign product_en  = gate_i ? at_i[3] : silu_i ? at_i[7] : at_i[2] && (mul_i || exp_i);
  assign product2_en = gate_i ? at_i[4] : silu_i ? at_i[8] : at_i[3] && (mul_i || exp_i);
  assign mul_en      = gate_i ? at_i[5] : silu_i ? at_i[9] : at_i[4] && mul_i;

  assign rounded = product2_q[63:16] + 48'(product2_q[15]);

  always_ff @(posedge clk_i) begin
    if (x_en) begin
      x_q <= gate_i ? gate_q : silu_i ? delayed : a_q;
      y_q <= gate_i ? first_q : silu_i ? sig_q : exp_i ? 32'(Log2E) : b_q;
    end
    if (product_en) product_q <= x_q * y_q;
    if (product2_en) product2_q <= product_q;
    if (mul_en) begin
      mul_q <= rounded[47:31] == {17{rounded[31]}} ? rounded[31:0] : rounded[47] ? FixMin : FixMax;
    end
  end

  // Interpolator: table index and the way to the next entry, entry and step, step times way, sum.
  // SIG and SILU take |a|; EXP takes x * log2(e), whose integer part becomes a shift.
  logic        index_en, table_en, lerp_en, sum_en, sig_en, exp_en;
  logic [31:0] magnitude;
  logic [16:0] power;
  logic [ 8:0] index_q;
  logic [11:0] way_q, way2_q;
  logic [19:0] sig_value;
  logic [12:0] sig_delta;
  logic [24:0] exp_value;
  logic [16:0] exp_delta;
  logic [24:0] value_q;
  logic [28:0] step_q;
  logic [37:0] sum;
  logic [25:0] sum_q;

  // Facts about the element that its last stages need: sign, beyond the table's end (SIG: one, EXP: largest), too
  // small (EXP: zero), and the shift to the right of EXP's result.
  typedef struct packed {
    logic       negative;
    logic       above;
    logic       below;
    logic [5:0] shift;
  } facts_t;
  facts_t facts1_q, facts2_q, facts3_q, facts4_q, facts5_q;

  assign index_en = exp_i ? at_i[4] : at_i[1] && (sig_i || silu_i);
  assign table_en = exp_i ? at_i[5] : at_i[2] && (sig_i || silu_i);
  assign lerp_en  = exp_i ? at_i[6] : at_i[3] && (sig_i || silu_i);
  assign sum_en   = exp_i ? at_i[7] : at_i[4] && (sig_i || silu_i);
  assign sig_en   = at_i[5] && (sig_i || silu_i);
  assign exp_en   = at_i[8] && exp_i;

  assign magnitude = a_q[31] ? -a_q : a_q;  // 2^31 is beyond the table, as 2^31 - 1 is
  assign power     = product2_q[56:40];

  always_ff @(posedge clk_i) begin
    if (index_en) begin
      index_q            <= exp_i ? 9'(product2_q[39:32]) : magnitude[19:11];
      way_q              <= exp_i ? product2_q[31:20] : {1'b0, magnitude[10:0]};
      facts1_q.negative <= a_q[31];
      facts1_q.above    <= exp_i ? $signed(power) >= 17'sd15 : magnitude >= 32'h000C_0000;
      facts1_q.below    <= $signed(power) < -17'sd18;
      facts1_q.shift    <= 6'd14 - power[5:0];
    end
    if (table_en) begin
      way2_q   <= way_q;
      facts2_q <= facts1_q;
    end
    if (lerp_en) begin
      value_q  <= exp_i ? exp_value : 25'(sig_value);
      step_q   <= (exp_i ? 29'(exp_delta) : 29'(sig_delta)) * 29'(way2_q);
      facts3_q <= facts2_q;
    end
    if (sum_en) begin
      sum_q    <= exp_i ? sum[37:12] : 26'(sum[37:15]);
      facts4_q <= facts3_q;
    end
  end

  sigmoid_rom u_sigmoid_rom (
    .clk_i,
    .en_i   (table_en && !exp_i),
    .addr_i (index_q),
    .value_o(sig_value),
    .delta_o(sig_delta)
  );

  exp2_rom u_exp2_rom (
    .clk_i,
    .en_i   (table_en && exp_i),
    .addr_i (index_q[7:0]),
    .value_o(exp_value),
    .delta_o(exp_delta)
  );

  assign sum = (exp_i ? {1'b0, value_q, 12'h800} : {2'b0, value_q, 11'h0} + 38'h4000) + 38'(step_q);

  // Last steps of the interpolated functions.
  logic [32:0] shifted_q;
  logic [31:0] exp_q;

  logic [16:0] sigmoid;  // of |a|
  assign sigmoid = facts4_q.above ? One : sum_q[16:0];

  always_ff @(posedge clk_i) begin
    if (sig_en) begin
      sig_q <= {15'b0, facts4_q.negative ? One - sigmoid : sigmoid};
    end
    // One bit more than the result's, so that the round-up bit comes out of the shifter.
    if (exp_en) begin
      shifted_q  <= {sum_q, 7'b0} >> facts4_q.shift;
      facts5_q <= facts4_q;
    end
    if (exp_i && at_i[9]) begin
      exp_q <= facts5_q.below ? 32'd0
             : facts5_q.above || shifted_q[32] || &shifted_q[31:1] ? FixMax
             : shifted_q[32:1] + 32'(shifted_q[0]);
    end
  end

  logic [31:0] result;
  always_comb begin
    case (1'b1)
      add_i, sub_i:  result = first_q;
      gate_i:        result = sat33({delayed[31], delayed} + {mul_q[31], mul_q});
      mul_i, silu_i: result = mul_q;
      sig_i:         result = sig_q;
      exp_i:         result = exp_q;
      default:       result = imm_i;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (y_en_i) y_o <= keep_i ? result : 32'd0;
  end

  logic unused;
  assign unused = ^{sum[11:0], facts5_q.negative, facts5_q.shift, product2_q[63:57], product2_q[19:0]};
endmodule
