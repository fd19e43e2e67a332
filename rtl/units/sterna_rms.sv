// SPDX-License-Identifier: Apache-2.0
// Root Mean Square unit: NORM, NORML, LIFT and QUANT, two passes over a register (docs/numerics.md).
//
// Commands: NORM, NORML and LIFT read va and, in the second pass, the weight vb; QUANT reads va, packs four words into one and
// writes vd's scale. The first pass finds the sum of squares or the largest magnitude, a scalar step makes a factor of it, the
// second pass multiplies. A word is read before it is overwritten, so vd may be any source. A hit in rms_reuse skips the first
// pass: a NORM reuses the last NORM's factor, a QUANT the largest magnitude of what the last NORM wrote.
// Handshake: start_i while ready_o, done_o with the last write. Words are taken where rd_ready_i is high for every stream in use
// (vector chaining), and asked for again where not; writes are never stalled. due_o: a product that takes QUANT's words, and hears of it
// as late as Ahead says, finds each of them written; it may start before done_o.
// Latency: NORM and NORML 2 W + 33 cycles for W words (a hit: W + 10), QUANT 2 W + 20 (W + 17), LIFT 2 W + 18.
`include "rtl/verilator.svh"

module sterna_rms #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  parameter int unsigned Ahead    = 0,  // from due_o to the product's first read twice as many cycles, and six: LaneStages
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         clear_i,  // a program starts
  input  logic         start_i,
  output logic         ready_o,
  input  logic         factor_hit_i,  // instr_i is a NORM whose factor is that of the last one (rms_reuse)
  input  logic         amax_hit_i,    // a QUANT whose largest magnitude is that of what the last NORM wrote
  input  logic [127:0] instr_i,
  output logic         done_o,
  output logic         due_o,    // at most once an instruction

  input  logic [1:0]                rd_ready_i,  // the word at rd_addr_o has been written
  input  logic                      rd_complete_i,  // all of va has been
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

  // A bit each, one at most, in this order: the first pass, a wait for the last word's sum or maximum, one for the factor, the second pass,
  // and a wait for the last write.
  localparam int unsigned States = 5;
  localparam int unsigned Reduce = 1;
  localparam int unsigned Scalar = 2;

  // ---------------------------------------------------------------- instruction
  logic [sterna_isa_pkg::FIELD_OP_BITS-1:0] op;
  logic [LenBits-1:0]   len, len_q;
  logic [31:0]          lines, q8_lines;
  logic [LenBits-5:0]   last_sixteen;  // line of the last element
  logic [LenBits-5:0]   last_line;  // that is read in the second pass: a QUANT reads whole words of its own
  logic [CountBits-1:0] last_read_q;  // the last word that is read in this pass
  logic [CountBits-1:0] reads_q;   // in the second
  logic [CountBits-1:0] writes_q;  // words whose write is still to come
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
  assign last_sixteen = (LenBits - 4)'((len - 1'b1) >> 4);
  assign last_line    = last_sixteen | {{LenBits - 6{1'b0}}, {2{quant}}};

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
      reads_q    <= CountBits'(32'(last_line) * WordsPerLine + WordsPerLine - 1);
    end
  end

  assign factor_hit = start_i && factor_hit_i;
  assign amax_hit   = start_i && amax_hit_i;

  // ---------------------------------------------------------------- control
  logic [States-1:0]     state_q, leaves, enters;  // leaves: its next state follows
  logic [CountBits-1:0]  read_q;
  logic [WordAddrBits-1:0] write_q;
  logic                  reading_q, reads_both_q, read, read_last, both_q, reduced, scalar_start, scalar_done;
  logic                  write, last_q;        // a write in the next cycle; the last one in this
  logic                  due;
  logic                  first_q, second_q;    // the pass
  logic [ResultTime-1:0] at_q, at_d;           // at_q[t]: a word is in the pipeline (rms_lane, then rms_reduce) at time t
  logic [2:0]            idle_q, waits_q;      // no word is before SumTime, before MaxTime, anywhere: what is waited for, [0] by NORM and NORML
  logic [1:0]            quarter_q;            // of a QUANT's word, that comes at Q8Time - 1
  logic [3:0]            begun_q;              // bit i: an instruction started i + 1 cycles ago

  assign read         = reading_q && rd_ready_i[0] && (rd_ready_i[1] || !both_q);
  assign read_last    = read && read_q == last_read_q;
  assign write        = second_q && (quant_q ? at_q[Q8Time-1] && quarter_q == 2'd3 : at_q[NormTime-1]);
  assign reduced      = (idle_q & waits_q) != '0;
  assign scalar_start = state_q[Reduce] && reduced;
  assign leaves       = state_q & {last_q, read_last, scalar_done, reduced, read_last};
  assign enters       = {1'b0, factor_hit, 1'b0, amax_hit, start_i && !factor_hit && !amax_hit};

  // Cleared between the passes, and at the start: the last instruction may have been a QUANT, whose words are done before a NORM's.
  // What a NORM has left is on its way to the maximum, for a QUANT that hits it, and comes to nothing else.
  assign at_d = (start_i && !quant) || scalar_done ? '0 : {at_q[ResultTime-2:0], read};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= '0;
      first_q   <= 1'b0;
      second_q  <= 1'b0;
      both_q    <= 1'b0;
      reads_both_q <= 1'b0;
      reading_q <= 1'b0;
      at_q      <= '0;
      begun_q   <= '0;
      wr_en_o   <= 1'b0;
      last_q    <= 1'b0;
      scale_en_o <= 1'b0;
    end else begin
      state_q   <= (state_q & ~leaves) | leaves << 1 | enters;  // masks: a word read comes late for an enable
      wr_en_o   <= write;
      last_q    <= write && writes_q == CountBits'(1);
      first_q   <= (start_i && !factor_hit) || (first_q && !scalar_done);
      second_q  <= factor_hit || scalar_done || (second_q && !last_q);
      both_q    <= factor_hit || (!quant_q && scalar_done) || (both_q && !last_q);  // the weight is read, too
      reading_q <= (start_i && !amax_hit) || scalar_done || (reading_q && !read_last);
      reads_both_q <= factor_hit || (!quant_q && scalar_done) || (reads_both_q && !read_last);
      at_q      <= at_d;
      begun_q   <= {begun_q[2:0], start_i};
      scale_en_o <= quant_q && scalar_start;
    end
    idle_q <= {at_d == '0, at_d[MaxTime-1:0] == '0, at_d[SumTime-1:0] == '0};
    if (start_i) waits_q <= {amax_hit, (quant || lift) && !amax_hit, !quant && !lift};
  end

  always_ff @(posedge clk_i) begin
    // A hit that skips the first pass is a NORM, which reads as many in both.
    if (start_i) last_read_q <= CountBits'(lines * WordsPerLine - 1);
    else if (scalar_done) last_read_q <= reads_q;
    if (!reading_q) read_q <= '0;
    else if (read) read_q <= read_q + 1'b1;
    if (start_i) write_q <= '0;
    else if (wr_en_o) write_q <= write_q + 1'b1;
    if (start_i) writes_q <= CountBits'((quant ? q8_lines : lines) * WordsPerLine);
    else if (write) writes_q <= writes_q - 1'b1;
  end

  // Once va is complete, the second pass of a QUANT goes on without a stall. The k-th word that it writes can be read from cycle 4 k + 10 on,
  // counted from its first read; the product reads it in cycle due + 6 + 2 * Ahead + k. The last word decides.
  localparam int unsigned DueBits = CountBits + 3;
  logic [DueBits-1:0] late_q, due_read_q;  // due is the cycle behind that word's read,
  logic               soon_q;            // or that of the first one
  logic               waits_due_q;       // it has not been due

  assign due  = waits_due_q && rd_complete_i && ((scalar_done && soon_q) || (second_q && reading_q && DueBits'(read_q) >= due_read_q));

  always_ff @(posedge clk_i) begin
    if (begun_q[0]) late_q <= DueBits'(writes_q) + DueBits'({writes_q, 1'b0});
    if (begun_q[1]) begin  // long before the second pass
      due_read_q <= late_q > DueBits'(2 * Ahead) ? late_q - DueBits'(2 * Ahead) : '0;
      soon_q     <= late_q + 1'b1 <= DueBits'(2 * Ahead);
    end
    due_o       <= rst_ni && due;
    waits_due_q <= rst_ni && (start_i ? quant : waits_due_q && !due);
  end

  // Elements behind the vector's end are read as zero, so their results are zero, too. left_q counts from the word at rd_addr_o, and
  // goes below zero at the end.
  logic signed [LenBits:0] left_q;
  logic [WordElems-1:0] keep_q;
  always_ff @(posedge clk_i) begin
    if (start_i) left_q <= $signed({1'b0, len});
    else if (read) left_q <= left_q - $signed((LenBits + 1)'(WordElems));
    else if (!reading_q) left_q <= $signed({1'b0, len_q});  // for the second pass
    for (int unsigned e = 0; e < WordElems; e++) keep_q[e] <= left_q > $signed((LenBits + 1)'(e));
  end

  // A word sets off the stages of its pass, one by one (rms_lane, then rms_reduce).
  sterna_rms_pkg::load_t load_q, load_d;
  logic [2:0]            sum_load_q, max_load_q;
  logic                  max_clear;
  always_comb begin
    load_d           = '0;
    load_d.x         = at_d[0];
    load_d.weight    = at_d[3:0];
    load_d.scale     = second_q ? at_d[2:1] : 2'b0;
    load_d.shift     = second_q && at_d[3];
    load_d.q8        = second_q && quant_q && at_d[4];
    load_d.factors   = first_q ? !largest_q && at_d[1] : !quant_q && at_d[4];
    load_d.product   = {load_q.product[0], load_q.factors};
    load_d.square    = first_q && load_q.product[1];
    load_d.norm      = !first_q && load_q.product[1];
    load_d.magnitude = first_q ? largest_q && at_d[1] : !largest_q && at_d[NormTime];
  end

  // Of the first pass, or of what a NORM writes, for a QUANT that may hit it.
  assign max_clear = begun_q[0] && !amax_hit_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      load_q     <= '0;
      sum_load_q <= '0;
      max_load_q <= '0;
    end else begin
      load_q     <= load_d;
      sum_load_q <= {sum_load_q[1:0], load_q.square};
      max_load_q <= max_clear ? '0 : {max_load_q[1:0], load_q.magnitude};
    end
  end

  // ---------------------------------------------------------------- elements
  logic [32*WordElems-1:0] magnitudes;
  logic [50*WordElems-1:0] squares;
  logic [8*WordElems-1:0]  q8;
  logic [BeatBits-1:0]     norm;
  logic [25:0]             mantissa;
  logic [5:0]              shift_q, scalar_shift;
  logic [WordElems-1:0]    saturated;

  // LIFT's power, for its own second pass and for the NORMLs behind it. QUANT's shift is 49 - lz(amax).
  logic signed [4:0] power_q, power;
  logic signed [6:0] wanted;
  assign wanted   = 7'sd48 - $signed({1'b0, scalar_shift}) - $signed({3'b0, headroom_q});
  assign power    = norml_q ? power_q : 5'sd0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) power_q <= '0;
    else if (lift_q && second_q) power_q <= wanted > 7'sd9 ? 5'sd9 : wanted < -7'sd15 ? -5'sd15 : $signed(wanted[4:0]);
    shift_q <= lift_q ? $unsigned(6'(7'sd24 - 7'(power_q))) : scalar_shift;
  end

  for (genvar e = 0; e < WordElems; e++) begin : gen_lane
    sterna_rms_lane u_rms_lane (
      .clk_i,
      .load_i     (load_q),
      .first_i    (first_q),
      .mantissa_i (mantissa),
      .shift_i    (shift_q),
      .keep_i     (keep_q[e]),
      .x_i        (rd_data_i[32*e+:32]),
      .w_i        (rd_data_i[BeatBits+32*e+:32]),
      .magnitude_o(magnitudes[32*e+:32]),
      .square_o   (squares[50*e+:50]),
      .q8_o       (q8[8*e+:8]),
      .norm_o     (norm[32*e+:32]),
      .saturated_o(saturated[e])
    );
  end

  // ---------------------------------------------------------------- first pass: sum and maximum
  logic [63:0] sum_q;
  logic [30:0] max_q;

  // NORM's sum starts from n * eps, NORML's from that times 2^(2 power), set before the first word's squares arrive.
  `STERNA_SOME_BITS_BEGIN
  logic signed [61:0] epsilon;
  `STERNA_SOME_BITS_END
  logic [59:0] epsilon_q;
  logic [5:0]  down_q;

  logic signed [26:0] count;
  logic signed [34:0] eps;
  assign count = $signed(27'(len_q));
  assign eps   = $signed(35'(eps_q));

  sterna_multiply u_epsilon (
    .clk_i,
    .load_i   (begun_q[1:0]),
    .a_i      (count),
    .b_i      (eps),
    .c_i      ('0),
    .product_o(epsilon)
  );

  always_ff @(posedge clk_i) begin
    down_q    <= $unsigned(6'(7'sd18 - 7'(power) - 7'(power)));
    epsilon_q <= {epsilon[45:0], 14'b0} >> down_q;
  end

  sterna_rms_reduce #(
    .Elems(WordElems)
  ) u_rms_reduce (
    .clk_i,
    .max_clear_i  (max_clear),
    .max_load_i   (max_load_q),
    .magnitudes_i (magnitudes),
    .max_o        (max_q),
    .sum_set_i    (begun_q[3]),
    .sum_i        (64'(epsilon_q)),
    .sum_load_i   (sum_load_q),
    .squares_i    (squares),
    .sum_o        (sum_q)
  );

  sterna_rms_scalar #(
    .LenBits(LenBits)
  ) u_rms_scalar (
    .clk_i,
    .rst_ni,
    .start_i   (scalar_start),
    .norm_i    (waits_q[0]),
    .lift_i    (lift_q),
    .len_i     (len_q),
    .sum_i     (sum_q),
    .amax_i    (max_q),
    .done_o    (scalar_done),
    .mantissa_o(mantissa),
    .shift_o   (scalar_shift)
  );

  // ---------------------------------------------------------------- second pass: words out
  logic                            packing_q;
  logic [BeatBits-8*WordElems-1:0] packed_q;

  always_ff @(posedge clk_i) begin
    packing_q <= second_q && quant_q && at_q[Q8Time-1];
    if (!rst_ni || start_i) quarter_q <= '0;
    else if (second_q && quant_q && at_q[Q8Time-1]) quarter_q <= quarter_q + 1'b1;
    if (packing_q) packed_q <= {q8, packed_q[BeatBits-8*WordElems-1:8*WordElems]};
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) saturated_o <= 1'b0;
    else if (!quant_q && wr_en_o && saturated != '0) saturated_o <= 1'b1;
  end

  assign ready_o    = state_q == '0;
  assign done_o     = last_q;
  assign rd_en_o    = {reads_both_q, reading_q};
  assign rd_addr_o  = {2{read_q[WordAddrBits-1:0]}};
  assign wr_addr_o  = write_q;
  assign wr_data_o  = quant_q ? {q8, packed_q} : norm;
  assign scale_o    = {1'b0, max_q};
  assign scalar_o   = state_q[Scalar];
  assign wait_o     = reading_q && !read;

  logic unused;
  assign unused = ^instr_i;  // register fields are the register file's
endmodule
