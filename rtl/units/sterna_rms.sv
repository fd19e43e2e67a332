// SPDX-License-Identifier: Apache-2.0
// Root Mean Square unit: NORM, NORML, LIFT and QUANT, two passes over a register (docs/numerics.md).
//
// Commands: NORM, NORML and LIFT read va and, in the second pass, the weight vb; QUANT reads va, packs four words into one and
// writes vd's scale. The first pass finds the sum of squares or the largest magnitude, a scalar step makes a factor of it, the
// second pass multiplies. A word is read before it is overwritten, so vd may be any source. A hit in rms_reuse skips the first
// pass: a NORM reuses the last NORM's factor, a QUANT the largest magnitude of what the last NORM wrote.
// Handshake: start_i while ready_o, done_o with the last write. Words are taken where rd_ready_i is high for every stream in use
// (vector chaining), and asked for again where not; writes are never stalled.
// Latency: NORM and NORML 2 W + 33 cycles for W words (a hit: W + 10), QUANT 2 W + 20 (W + 15), LIFT 2 W + 15.
module sterna_rms #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         clear_i,  // a program starts
  input  logic         start_i,
  output logic         ready_o,
  input  logic         other_write_i,  // another unit of the lane starts instr_i, which writes its vd
  input  logic [127:0] instr_i,
  output logic         done_o,

  input  logic [1:0]                rd_ready_i,  // the word at rd_addr_o has been written
  output logic [1:0]                rd_en_o,
  output logic [2*WordAddrBits-1:0] rd_addr_o,
  input  logic [2*BeatBits-1:0]     rd_data_i,
  output logic                      wr_en_o,
  output logic [WordAddrBits-1:0]   wr_addr_o,
  output logic [BeatBits-1:0]       wr_data_o,

  output logic        scale_en_o,  // QUANT: amax, for vd's scale register; at the latest with done_o
  output logic [31:0] scale_o,

  output logic scalar_o,  // stalled by its serial division or root
  output logic wait_o,    // stalled: a source's word has not been written
  output logic saturated_o  // an element was clamped: of the last instruction, from the cycle after done_o on
);
  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned CountBits    = WordAddrBits + 1;
  localparam int unsigned Q8Time       = 5;   // when a word has become q8
  localparam int unsigned NormTime     = 8;   // NORM's result
  localparam int unsigned SumTime      = 8;   // when a word's squares are in the sum
  localparam int unsigned MaxTime      = 5;   // when a word's magnitudes are in the maximum
  localparam int unsigned ResultTime   = 12;  // when those of NORM's result are

  localparam logic [2:0] Idle   = 3'd0;
  localparam logic [2:0] First  = 3'd1;
  localparam logic [2:0] Reduce = 3'd2;  // wait for the last word's sum or maximum
  localparam logic [2:0] Scalar = 3'd3;  // wait for the factor
  localparam logic [2:0] Second = 3'd4;
  localparam logic [2:0] Drain  = 3'd5;  // wait for the last write

  // ---------------------------------------------------------------- instruction
  logic [sterna_isa_pkg::FIELD_OP_BITS-1:0] op;
  logic [LenBits-1:0]   len, len_q;
  logic [31:0]          lines, q8_lines;
  logic [CountBits-1:0] words_q;   // read in the first pass
  logic [CountBits-1:0] reads_q;   // read in the second
  logic [CountBits-1:0] writes_q;
  logic [31:0]          eps_q;
  logic [3:0]           headroom_q;
  logic                 quant, quant_q;
  logic                 lift, lift_q, norml_q;
  logic                 largest_q;  // the first pass finds the largest magnitude
  logic                 factor_hit, amax_hit, amax_hit_q;

  assign op       = instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::FIELD_OP_BITS];
  assign quant    = op == sterna_isa_pkg::OP_QUANT;
  assign lift     = op == sterna_isa_pkg::OP_LIFT;
  assign len      = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign lines    = (32'(len) + 32'd15) / 16;
  assign q8_lines = (32'(len) + 32'd63) / 64;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      quant_q    <= quant;
      lift_q     <= lift;
      norml_q    <= op == sterna_isa_pkg::OP_NORML;
      largest_q  <= quant || lift;
      headroom_q <= instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:4];
      amax_hit_q <= amax_hit;
      len_q      <= len;
      eps_q      <= instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
      words_q    <= CountBits'(lines * WordsPerLine);
      reads_q    <= CountBits'((quant ? 4 * q8_lines : lines) * WordsPerLine);
      writes_q   <= CountBits'((quant ? q8_lines : lines) * WordsPerLine);
    end
  end

  sterna_rms_reuse #(
    .LenBits(LenBits)
  ) u_rms_reuse (
    .clk_i,
    .rst_ni,
    .start_i,
    .other_write_i,
    .instr_i,
    .factor_hit_o(factor_hit),
    .amax_hit_o  (amax_hit)
  );

  // ---------------------------------------------------------------- control
  logic [2:0]            state_q, state_d;
  logic [CountBits-1:0]  read_q, read_d, write_q, write_d;
  logic                  reading, read, both, last, reduced, scalar_start, scalar_done;
  logic                  first, second;
  logic [ResultTime-1:0] at_q;  // at_q[t]: a word is in the pipeline (rms_lane, then rms_reduce) at time t

  assign first        = state_q == First || state_q == Reduce || state_q == Scalar;
  assign second       = state_q == Second || state_q == Drain;
  assign reading      = state_q == First || state_q == Second;
  assign both         = state_q == Second && !quant_q;  // the weight is read, too
  assign read         = reading && rd_ready_i[0] && (rd_ready_i[1] || !both);
  assign read_d       = read_q + 1'b1;
  assign write_d      = write_q + 1'b1;
  assign last         = wr_en_o && write_d == writes_q;
  assign scalar_start = state_q == Reduce && reduced;

  always_comb begin
    if (!largest_q) reduced = at_q[SumTime-1:0] == '0;
    else if (!amax_hit_q) reduced = at_q[MaxTime-1:0] == '0;
    else reduced = at_q == '0;
  end

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = factor_hit ? Second : amax_hit ? Reduce : First;
      First:   if (read && read_d == words_q) state_d = Reduce;
      Reduce:  if (scalar_start) state_d = Scalar;
      Scalar:  if (scalar_done) state_d = Second;
      Second:  if (read && read_d == reads_q) state_d = Drain;
      default: if (last) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      at_q    <= '0;
    end else begin
      state_q <= state_d;
      at_q    <= start_i && !amax_hit ? '0 : {at_q[ResultTime-2:0], read};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!reading) read_q <= '0;
    else if (read) read_q <= read_d;
    if (start_i) write_q <= '0;
    else if (wr_en_o) write_q <= write_d;
  end

  // Elements behind the vector's end are read as zero, so their results are zero, too.
  logic [LenBits-1:0]   left_q;
  logic [WordElems-1:0] keep;
  always_ff @(posedge clk_i) begin
    if (at_q[0]) left_q <= left_q > LenBits'(WordElems) ? left_q - LenBits'(WordElems) : '0;
    else if (read_q == '0) left_q <= len_q;  // a pass begins
  end
  for (genvar e = 0; e < WordElems; e++) begin : gen_keep
    assign keep[e] = left_q > LenBits'(e);
  end

  // ---------------------------------------------------------------- elements
  logic [31*WordElems-1:0] magnitudes;
  logic [50*WordElems-1:0] squares;
  logic [8*WordElems-1:0]  q8;
  logic [BeatBits-1:0]     norm;
  logic [25:0]             mantissa, scalar_mantissa;
  logic [5:0]              shift, scalar_shift;
  logic [WordElems-1:0]    saturated;

  // LIFT's power, for its own second pass and for the NORMLs behind it. QUANT's shift is 49 - lz(amax).
  logic signed [4:0] power_q, power;
  logic signed [6:0] wanted;
  assign wanted   = 7'sd48 - $signed({1'b0, scalar_shift}) - $signed({3'b0, headroom_q});
  assign power    = norml_q ? power_q : 5'sd0;
  assign mantissa = lift_q ? 26'h200_0000 : scalar_mantissa;
  assign shift    = lift_q ? $unsigned(6'(7'sd24 - 7'(power_q))) : scalar_shift;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) power_q <= '0;
    else if (lift_q && state_q == Scalar) power_q <= wanted > 7'sd9 ? 5'sd9 : wanted < -7'sd15 ? -5'sd15 : $signed(wanted[4:0]);
  end

  for (genvar e = 0; e < WordElems; e++) begin : gen_lane
    sterna_rms_lane u_rms_lane (
      .clk_i,
      .at_i       (at_q[NormTime:0]),
      .first_i    (first),
      .quant_i    (quant_q),
      .mantissa_i (mantissa),
      .shift_i    (shift),
      .keep_i     (keep[e]),
      .x_i        (rd_data_i[32*e+:32]),
      .w_i        (rd_data_i[BeatBits+32*e+:32]),
      .magnitude_o(magnitudes[31*e+:31]),
      .square_o   (squares[50*e+:50]),
      .q8_o       (q8[8*e+:8]),
      .norm_o     (norm[32*e+:32]),
      .saturated_o(saturated[e])
    );
  end

  // ---------------------------------------------------------------- first pass: sum and maximum
  logic [63:0] sum_q;
  logic [30:0] max_q;
  logic [2:0]  max_load;

  // The maximum is of QUANT's first pass or NORM's second, whose last words may still be in the pipeline when the QUANT that hits
  // it is in Reduce.
  always_comb begin
    if (first != largest_q) max_load = 3'b0;
    else if (largest_q && !amax_hit_q) max_load = at_q[MaxTime-1 -: 3];
    else max_load = at_q[ResultTime-1 -: 3];
  end

  // NORM's sum starts from n * eps, NORML's from that times 2^(2 power), set before the first word's squares arrive.
  logic [45:0] epsilon_q, epsilon2_q;
  logic [59:0] epsilon3_q;
  logic [5:0]  down;
  logic [3:0]  begun_q;
  assign down = $unsigned(6'(7'sd18 - 7'(power) - 7'(power)));
  always_ff @(posedge clk_i) begin
    epsilon_q  <= 46'(len_q) * 46'(eps_q);
    epsilon2_q <= epsilon_q;
    epsilon3_q <= {epsilon2_q, 14'b0} >> down;
    begun_q    <= rst_ni ? {begun_q[2:0], start_i} : '0;
  end

  sterna_rms_reduce #(
    .Elems(WordElems)
  ) u_rms_reduce (
    .clk_i,
    .max_clear_i  (start_i && !amax_hit),
    .max_load_i   (max_load),
    .magnitudes_i (magnitudes),
    .max_o        (max_q),
    .sum_set_i    (begun_q[3]),
    .sum_i        (64'(epsilon3_q)),
    .sum_load_i   (first && !largest_q ? at_q[SumTime-1 -: 3] : 3'b0),
    .squares_i    (squares),
    .sum_o        (sum_q)
  );

  sterna_rms_scalar #(
    .LenBits(LenBits)
  ) u_rms_scalar (
    .clk_i,
    .rst_ni,
    .start_i   (scalar_start),
    .quant_i   (largest_q),
    .len_i     (len_q),
    .sum_i     (sum_q),
    .amax_i    (max_q),
    .done_o    (scalar_done),
    .mantissa_o(scalar_mantissa),
    .shift_o   (scalar_shift)
  );

  // ---------------------------------------------------------------- second pass: words out
  logic                            packing, packed_last;
  logic [1:0]                      quarter_q;
  logic [BeatBits-8*WordElems-1:0] packed_q;
  assign packing     = second && quant_q && at_q[Q8Time];
  assign packed_last = packing && quarter_q == 2'd3;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) quarter_q <= '0;
    else if (packing) quarter_q <= quarter_q + 1'b1;
    if (packing) packed_q <= {q8, packed_q[BeatBits-8*WordElems-1:8*WordElems]};
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if (!quant_q && wr_en_o && saturated != '0) saturated_o <= 1'b1;
  end

  assign ready_o    = state_q == Idle;
  assign done_o     = last;
  assign rd_en_o    = {both, reading};
  assign rd_addr_o  = {2{read_q[WordAddrBits-1:0]}};
  assign wr_en_o    = quant_q ? packed_last : second && at_q[NormTime];
  assign wr_addr_o  = write_q[WordAddrBits-1:0];
  assign wr_data_o  = quant_q ? {q8, packed_q} : norm;
  assign scale_en_o = quant_q && scalar_start;
  assign scale_o    = {1'b0, max_q};
  assign scalar_o   = state_q == Scalar;
  assign wait_o     = reading && !read;

  logic unused;
  assign unused = ^instr_i;  // register fields are the register file's
endmodule
