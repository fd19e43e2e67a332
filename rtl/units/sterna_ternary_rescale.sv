// SPDX-License-Identifier: Apache-2.0
// Rescales sums, a row group's five or more, to fix elements: out = sat32(rs(acc * mult, 12)), zero for rows behind the matrix's end.
//
// Commands: start_i takes the immediate and, a cycle later, va's scale: mult is computed once an instruction, in seven cycles,
// before a first sum can come (13 cycles). valid_i takes a group.
// Handshake: none; never stalled.
// Latency: three cycles from valid_i to elements_o, a group a cycle.
module sterna_ternary_rescale #(
  parameter int unsigned AccBits = 22,
  parameter int unsigned Sums    = sterna_isa_pkg::TRITS_PER_BYTE
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  input  logic [31:0]          imm_i,      // with start_i
  input  logic [31:0]          scale_i,    // a cycle after start_i
  input  logic                 valid_i,
  input  logic [Sums*AccBits-1:0] accs_i,  // signed
  input  logic [Sums-1:0]      keep_i,     // with valid_i: rows of the matrix
  output logic                 next_o,      // elements_o are there in the next cycle
  output logic [Sums*32-1:0]   elements_o,
  output logic [Sums-1:0]      clamped_o,  // which of them were clamped
  input  logic                 count_i,     // stable: clamped elements count
  output logic                 saturated_o  // mult was clamped, or an element that counts, since start_i
);
  localparam int unsigned MantissaBits = sterna_isa_pkg::SCALE_MANTISSA_BITS;
  localparam int unsigned ExponentBits = sterna_isa_pkg::SCALE_EXPONENT_BITS;
  localparam int unsigned MinExponent  = sterna_isa_pkg::MIN_SCALE_EXPONENT;
  localparam int unsigned ProductBits  = 31 + MantissaBits;

  // mult = min(2^32 - 1, rs(amax * wm, we - 12)). we is at least MinExponent, so that the round-up bit comes out of the shifter.
  // The product is of two halves of amax, a DSP slice or two apiece.
  localparam int unsigned LowBits = 17;
  logic [5:0]  step_q;
  logic [MantissaBits-1:0] mantissa_q;
  logic [ExponentBits-1:0] shift_q;
  logic [30:0] scale_q;
  logic [MantissaBits+LowBits-1:0]    part_low_q;
  logic [MantissaBits+30-LowBits:0]   part_high_q;
  logic [ProductBits-1:0]  product_q, shifted_q, halved_q;
  logic [31:0] multiplier_q;
  logic        beyond;  // mult is clamped

  assign beyond = |halved_q[ProductBits-1:32];

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      mantissa_q <= imm_i[MantissaBits-1:0];
      shift_q    <= imm_i[MantissaBits+:ExponentBits] - ExponentBits'(MinExponent);
    end
    if (step_q[0]) scale_q <= scale_i[30:0];
    if (step_q[1]) begin
      part_low_q  <= scale_q[LowBits-1:0] * mantissa_q;
      part_high_q <= scale_q[30:LowBits] * mantissa_q;
    end
    if (step_q[2]) product_q <= ProductBits'(part_low_q) + {part_high_q, LowBits'(0)};
    if (step_q[3]) shifted_q <= product_q >> shift_q;
    if (step_q[4]) halved_q <= {1'b0, shifted_q[ProductBits-1:1]} + ProductBits'(shifted_q[0]);
    if (step_q[5]) multiplier_q <= beyond ? '1 : halved_q[31:0];
  end

  logic [2:0] valid_q;
  logic [Sums-1:0] keep_q, keep2_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      step_q  <= '0;
      valid_q <= '0;
    end else begin
      step_q  <= {step_q[4:0], start_i};
      valid_q <= {valid_q[1:0], valid_i};
    end
  end
  assign next_o = valid_q[1];
  always_ff @(posedge clk_i) begin
    if (valid_i) keep_q <= keep_i;
    if (valid_q[0]) keep2_q <= keep_q;
  end

  logic [Sums-1:0] clamped;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if ((step_q[5] && beyond) || (valid_q[2] && count_i && clamped_o != '0)) saturated_o <= 1'b1;
  end

  // Two products with half the multiplier each: a DSP slice apiece.
  for (genvar r = 0; r < Sums; r++) begin : gen_sum
    logic signed [AccBits-1:0]  acc;
    logic signed [AccBits+16:0] low_q, high_q;
    logic signed [AccBits+32:0] sum_q;
    logic [AccBits+20:0]        rounded;
    logic                       fits;
    logic                       unused_low;
    assign unused_low = ^sum_q[11:0];

    assign acc     = $signed(accs_i[AccBits*r+:AccBits]);
    assign rounded = sum_q[AccBits+32:12];
    assign clamped[r] = keep2_q[r] && !fits;
    assign fits    = rounded[AccBits+20:31] == {AccBits - 10{rounded[31]}};

    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        low_q  <= acc * $signed({1'b0, multiplier_q[15:0]});
        high_q <= acc * $signed({1'b0, multiplier_q[31:16]});
      end
      if (valid_q[0]) begin
        sum_q <= (AccBits + 33)'(low_q) + $signed({high_q, 16'h800});
      end
      if (valid_q[1]) begin
        elements_o[32*r+:32] <= !keep2_q[r] ? 32'd0
            : fits ? rounded[31:0] : {rounded[AccBits+20], {31{!rounded[AccBits+20]}}};
        clamped_o[r] <= clamped[r];
      end
    end
  end

  logic unused;
  assign unused = ^{imm_i[31:MantissaBits+ExponentBits], scale_i[31]};
endmodule
