// SPDX-License-Identifier: Apache-2.0
// One lane of the Ternary MatMul unit: activation buffer, dot products, accumulators, and the result's words.
//
// Commands: control_i (ternary_pkg): start, load a word of va into the buffer, step. The buffer has zeros behind the vector's end,
// so that no dot product needs a mask. A step multiplies up to BeatsPerStep beats of every channel, each channel with a row group
// of its own, by the activations of its columns. With Fff also those of FFFIN and FFFOUT: FFFIN is TMATMUL up to the rescaled rows,
// which fff_pick takes; FFFOUT's sums are fff_out's, and are rescaled here.
// Handshake: none; all lanes run in lockstep and never stall, and ternary_matmul paces them. A lane that is not active ignores
// everything. done_o is high with the instruction's last write.
// Latency: codes_i two cycles after their step in control_i; 12 cycles from a group set's last step to its first five rows in the
// gearbox, then five rows a cycle in row order (fewer where a register word holds fewer). fff_i is there when the rows it speaks of
// are rescaled, 12 cycles from their set's last step on, all at once or as TMATMUL's; the first write eleven cycles after a record's last beat.
// With Quads, Chain - 2 more than 12.
// Quads: the dot products are ternary_quad's, of this lane and others: activations_o goes there, sums_i comes back.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_ternary_lane #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter bit          Fff          = 1'b0,  // it has FFFIN and FFFOUT
  parameter bit          Quads        = 1'b0,
  parameter int unsigned Buses        = 1,     // of FFFOUT's records: Channels, or one
  localparam int unsigned Trits        = sterna_isa_pkg::TRITS_PER_BYTE,     // rows of a group
  localparam int unsigned CodeBits     = 2 * Trits * BeatBits / 8,  // of a beat
  localparam int unsigned SumsBits     = 16 * Trits,                // likewise
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                                        active_i,   // stable while a program runs
  input  logic [sterna_ternary_pkg::CONTROL_BITS-1:0] control_i,  // sterna_ternary_pkg::control_t
  input  logic [Channels*BeatsPerStep*CodeBits-1:0]   codes_i,    // beat b of channel c: part c*BeatsPerStep + b

  output logic [BeatsPerStep*BeatBits-1:0]          activations_o,  // a cycle before their codes; byte c of beat b: column c, biased by 128
  input  logic [Channels*BeatsPerStep*SumsBits-1:0] sums_i,         // Chain + 3 cycles later

  input  logic [31:0]             scale_i,    // va's scale register, until done_o
  output logic                    rd_en_o,
  output logic [WordAddrBits-1:0] rd_addr_o,
  input  logic [BeatBits-1:0]     rd_data_i,  // a cycle after rd_en_o
  output logic                    wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  input  logic [sterna_ternary_pkg::FFF_BITS-1:0] fff_i,         // sterna_ternary_pkg::fff_t
  input  logic                                    fff_mine_i,    // its block is this lane's
  input  logic [Buses-1:0]                                 record_valid_i,
  input  logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record_i,       // sterna_ternary_pkg::record_t
  input  logic [Buses-1:0]                                 record_mine_i,  // it is for this lane
  input  logic [BeatBits-1:0]                              record_data_i,  // with one bus; else they are in the lowest bits of their channels' codes_i
  output logic                                    pick_valid_o,  // two cycles after its block
  output logic [3:0]                              pick_o,        // the way through the lane's last block

  output logic                    done_o,     // the instruction's last write
  output logic                    saturated_o // an element was clamped: of the last instruction, once it is done
);
  localparam int unsigned Columns      = BeatBits / 8;
  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned Words        = (VecLen * 8 / BeatBits + BeatsPerStep - 1) / BeatsPerStep;  // of the buffer
  localparam int unsigned WordBits     = Words > 1 ? $clog2(Words) : 1;
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned Chain        = Columns < 16 ? Columns / 2 : 8;       // quad_dot's
  localparam int unsigned Stages       = Quads ? Chain + 2 : 4;                // of the dot products
  localparam int unsigned AccBits      = 8 + $clog2(VecLen) + 1;               // 128 * VecLen, either sign
  localparam int unsigned GroupCycles  = (Trits + WordElems - 1) / WordElems;  // the gearbox needs for a group
  localparam int unsigned AtOnce       = Fff ? sterna_ternary_pkg::fff_at_once(WordElems, Channels) : 1;  // groups of FFFIN
  localparam int unsigned Blocked      = AtOnce < 3 ? AtOnce : 3;  // of them, those that a block has

  sterna_ternary_pkg::control_t control;
  logic                  start, load, step;
  sterna_ternary_pkg::fff_t     fff;
  assign control = control_i;
  assign start   = control.start && active_i;
  assign load    = control.load && active_i;
  assign step    = control.step && active_i;

  logic unused;  // of builds smaller than the largest, or without Fff
  assign unused = ^{control, fff, fff_mine_i, record_valid_i, record_i, record_mine_i, record_data_i};

  logic fffin_q, fffout_q;  // the instruction

  if (Fff) begin : gen_mode
    always_ff @(posedge clk_i) begin
      if (start) begin
        fffin_q  <= control.mode == sterna_ternary_pkg::MODE_FFFIN;
        fffout_q <= control.mode == sterna_ternary_pkg::MODE_FFFOUT;
      end
    end
  end else begin : gen_one_mode
    assign fffin_q  = 1'b0;
    assign fffout_q = 1'b0;
  end

  // ------------------------------------------------------------------------------------------------ activation buffer
  // Activations are biased by 128, as ternary_dot takes them. Word w lies in bank w mod BeatsPerStep. A row of an odd number of words ends in
  // zeros: of the word that is not there, which is a reset of what is read.
  logic               load_q;
  logic [9:0]         load_word_q;
  logic [Columns-1:0] load_keep_q;

  assign rd_en_o   = load;
  assign rd_addr_o = WordAddrBits'(control.load_word);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) load_q <= 1'b0;
    else load_q <= load;
    load_word_q <= control.load_word;
    load_keep_q <= control.load_keep[Columns-1:0];
  end

  logic [BeatsPerStep*BeatBits-1:0] activations;

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_bank
    (* ram_style = "distributed" *) logic [BeatBits-1:0] mem[Words];
    logic [BeatBits-1:0] word, word_q;
    logic                write;

    assign write = load_q && (BeatsPerStep == 1 || load_word_q[0] == 1'(b));

    `STERNA_TEMPORARIES_BEGIN
    always_ff @(posedge clk_i) begin
      if (write) begin
        for (int unsigned c = 0; c < Columns; c++) begin
          word[8*c+:8] = (rd_data_i[8*c+:8] & {8{load_keep_q[c]}}) ^ 8'h80;
        end
        mem[WordBits'(load_word_q / 10'(BeatsPerStep))] <= word;
      end
    end
    `STERNA_TEMPORARIES_END
    always_ff @(posedge clk_i) begin
      if (b != 0 && control.step_one) word_q <= {Columns{8'h80}};
      else if (step) word_q <= mem[WordBits'(control.step_word)];
    end
    assign activations[BeatBits*b+:BeatBits] = word_q;
  end

  assign activations_o = activations;

  // ------------------------------------------------------------------------------------------------------ dot products
  // Bit t: a step is in the pipeline t + 1 cycles after control: bit 0 the buffer's word, bit 1 its pairs and the codes, then the
  // stages of the adder trees, last the sum of the step's beats.
  localparam int unsigned End = Stages + 2;
  logic [End:0] valid_q, first_q, last_q;
  logic [2*End+1:0] turn_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[End-1:0], step};
    first_q <= {first_q[End-1:0], control.first};
    last_q  <= {last_q[End-1:0], control.last};
    turn_q  <= {turn_q[2*End-1:0], control.turn};
  end

  logic [Channels*BeatsPerStep*SumsBits-1:0]  sums;

  if (Quads) begin : gen_shared_dots
    logic unused_codes;
    assign unused_codes = ^codes_i;
    assign sums         = sums_i;
  end else begin : gen_dots
    logic [BeatsPerStep*4*BeatBits-1:0] candidates;
    logic                               unused_quads;
    assign unused_quads = ^sums_i;

    for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_pairs
      sterna_ternary_pairs #(
        .BeatBits(BeatBits)
      ) u_ternary_pairs (
        .clk_i,
        .load_i       (valid_q[0]),
        .activations_i(activations[BeatBits*b+:BeatBits]),
        .candidates_o (candidates[4*BeatBits*b+:4*BeatBits])
      );
    end

    for (genvar d = 0; d < Channels * BeatsPerStep; d++) begin : gen_dot
      sterna_ternary_dot #(
        .BeatBits(BeatBits)
      ) u_ternary_dot (
        .clk_i,
        .load_i      (valid_q[4:1]),
        .codes_i     (codes_i[CodeBits*d+:CodeBits]),
        .candidates_i(candidates[4*BeatBits*(d%BeatsPerStep)+:4*BeatBits]),
        .sums_o      (sums[SumsBits*d+:SumsBits])
      );
    end
  end

  // ------------------------------------------------------------------------------------------------------ accumulators
  logic [Channels*Trits*AccBits-1:0] accs;
  logic                          set_valid_q;  // accs holds a group set's sums
  logic [1:0]                    set_turn_q;   // of which channel the first are

  for (genvar a = 0; a < Channels * Trits; a++) begin : gen_acc
    localparam int unsigned First = SumsBits * (a / Trits * BeatsPerStep) + 16 * (a % Trits);  // the sum of the channel's first beat
    localparam int unsigned Last  = First + SumsBits * (BeatsPerStep - 1);
    logic [15:0]        beats_q;  // {carry in, two's complement}
    logic [AccBits-1:0] acc_q;
    // Inverting a sum's top bit removes its bias. The operands' lowest bit is there for the carry in.
    `STERNA_TEMPORARIES_BEGIN
    `STERNA_SOME_BITS_BEGIN
    logic [14:0]      last;
    logic [15:0]      beats;
    logic [AccBits:0] all;
    `STERNA_SOME_BITS_END
    always_ff @(posedge clk_i) begin
      if (valid_q[End-1]) begin
        last    = BeatsPerStep == 1 ? '0 : {sums[Last+:14] ^ 14'h2000 ^ {14{sums[Last+15]}}, sums[Last+15]};
        beats   = {{2{!sums[First+13]}}, sums[First+:13], 1'b1} ^ {{15{sums[First+15]}}, 1'b0};
        beats   = beats + {last[14], last};
        beats_q <= {sums[First+15], beats[15:1]};
      end
      if (valid_q[End]) begin
        all   = {{(AccBits - 15) {beats_q[14]}}, beats_q[14:0], beats_q[15]} + {first_q[End] ? AccBits'(0) : acc_q, 1'b1};
        acc_q <= all[AccBits:1];
      end
    end
    `STERNA_TEMPORARIES_END
    assign accs[AccBits*a+:AccBits] = acc_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) set_valid_q <= 1'b0;
    else set_valid_q <= valid_q[End] && last_q[End];
    set_turn_q <= turn_q[2*End+:2];
  end

  // ----------------------------------------------------------------------------------------------- five rows at a time
  // A group set's sums move to results_q, which shifts out a row group at a time, group 0 first, while the accumulators go on; FFFIN's
  // AtOnce of them.
  // ternary_matmul keeps the last steps of two group sets far enough apart. Row groups behind the matrix's end are dropped, those
  // that are still to come when the next instruction starts with them (eight channels have seven, of three cycles each in words of
  // two elements); FFFIN's sets hold whole blocks, and fff_pick knows which groups are none.
  localparam int unsigned SetBits = $clog2(Channels + 1);
  localparam int unsigned Held    = Blocked * Trits;                               // sums that are rescaled at once, of FFFIN and FFFOUT
  localparam int unsigned Moved   = (Channels > 1 ? Channels - 1 : Channels) * Trits;  // sums that move down
  logic [Channels*Trits*AccBits-1:0] in_order, results_q;
  logic [SetBits-1:0]            groups_q, groups_d;  // still in results_q
  logic [1:0]                    pause_q, pause_d;    // cycles until the gearbox takes the next
  logic [LenBits-1:0]            rows_left_q;
  logic [Trits-1:0]              keep_rows;
  logic                          send_q, group_valid;  // send_q: a group goes, known ahead, as much hangs on it
  logic                          out_valid;  // FFFOUT's sums, a register word of them
  logic [WordElems*AccBits-1:0]  out_accs;
  logic [WordElems-1:0]          out_keep;

  if (Fff && Channels > 1) begin : gen_turn
    always_comb begin
      in_order = accs;
      for (int unsigned g = 0; g < Channels && g < 3; g++) begin  // no block has a fourth group, and TMATMUL's do not turn
        for (int unsigned t = 1; t < Channels; t++) begin
          if (set_turn_q == 2'(t)) in_order[Trits*AccBits*g+:Trits*AccBits] = accs[Trits*AccBits*((g+t)%Channels)+:Trits*AccBits];
        end
      end
    end
  end else begin : gen_no_turn
    logic unused_turn;
    assign unused_turn = ^set_turn_q;
    assign in_order    = accs;
  end

  assign groups_d    = set_valid_q ? (AtOnce > 1 && fffin_q ? SetBits'(1) : SetBits'(Channels)) : groups_q - SetBits'(send_q);
  assign pause_d     = send_q ? 2'(GroupCycles - 1) : pause_q - 2'(pause_q != '0);
  assign group_valid = send_q && (fffin_q || rows_left_q != '0);

  always_ff @(posedge clk_i) begin
    // The highest bits stay as they are: zeros would be a reset, which out_valid would be late for.
    if (set_valid_q) results_q <= in_order;
    else if (out_valid) results_q[0+:Held*AccBits] <= (Held * AccBits)'(out_accs);
    else if (send_q && Channels > 1) results_q[Moved*AccBits-1:0] <= results_q[Channels*Trits*AccBits-1-:Moved*AccBits];
    if (start) rows_left_q <= LenBits'(control.rows);
    else if (send_q) rows_left_q <= rows_left_q > LenBits'(Trits) ? rows_left_q - LenBits'(Trits) : '0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || start) begin
      groups_q <= '0;
      pause_q  <= '0;
      send_q   <= 1'b0;
    end else begin
      groups_q <= groups_d;
      pause_q  <= pause_d;
      send_q   <= groups_d != '0 && pause_d == '0;
    end
  end

  for (genvar r = 0; r < Trits; r++) begin : gen_row
    assign keep_rows[r] = rows_left_q > LenBits'(r);
  end

  // FFFOUT fills a register word a cycle: of its sums, too, as many as FFFIN's are in results_q, the others beside it.
  localparam int unsigned Sums = Fff && WordElems > Trits ? WordElems : Trits;
  logic                    rescaled_next, saturated;
  logic                    word_valid_q;
  logic [Sums*AccBits-1:0] rescale_accs;
  logic [Sums-1:0]         word_keep_q, rescale_keep, clamped;
  logic [Sums*32-1:0]      elements;

  assign rescale_accs[Held*AccBits-1:0] = results_q[Held*AccBits-1:0];
  assign rescale_keep = fffout_q ? word_keep_q : fffin_q ? Sums'({Held{1'b1}}) : Sums'(keep_rows);

  if (Sums > Held) begin : gen_word
    logic [(Sums-Held)*AccBits-1:0] rest_q;
    always_ff @(posedge clk_i) begin
      if (out_valid) rest_q <= out_accs[Sums*AccBits-1:Held*AccBits];
    end
    assign rescale_accs[Sums*AccBits-1:Held*AccBits] = rest_q;
  end

  always_ff @(posedge clk_i) begin
    word_valid_q <= rst_ni && out_valid;
    if (out_valid) word_keep_q <= Sums'(out_keep);
  end

  sterna_ternary_rescale #(
    .AccBits(AccBits),
    .Sums   (Sums)
  ) u_ternary_rescale (
    .clk_i,
    .rst_ni,
    .start_i    (start),
    .imm_i      (control.imm),
    .scale_i,
    .valid_i    (group_valid || word_valid_q),
    .accs_i     (rescale_accs),
    .keep_i     (rescale_keep),
    .next_o     (rescaled_next),
    .elements_o (elements),
    .clamped_o  (clamped),
    .count_i    (!fffin_q),  // fff_pick knows which are on a path
    .saturated_o(saturated)
  );

  // ------------------------------------------------------------------------------------------------- Fast Feedforward
  logic         quad_next, quad_push, no_quad_push, quad_saturated;
  logic [127:0] quad;

  always_comb begin
    fff       = fff_i;
    fff.block = fff.block && active_i;
  end

  if (Fff) begin : gen_fff
    logic [Buses*BeatBits-1:0] records;

    if (Buses == 1) begin : gen_one_bus
      assign records = record_data_i;
    end else begin : gen_buses
      for (genvar b = 0; b < Buses; b++) begin : gen_bus
        assign records[BeatBits*b+:BeatBits] = codes_i[BeatsPerStep*CodeBits*b+:BeatBits];
      end
    end

    sterna_fff_pick #(
      .AtOnce(AtOnce),
      .Groups(Blocked)
    ) u_fff_pick (
      .clk_i,
      .rst_ni,
      .start_i    (start),
      .fff_i      (fff),
      .mine_i     (fff_mine_i),
      .elements_i (elements[Held*32-1:0]),
      .clamped_i  (clamped[Held-1:0]),
      .pick_valid_o,
      .pick_o,
      .next_o     (quad_next),
      .push_o     (quad_push),
      .no_push_o  (no_quad_push),
      .quad_o     (quad),
      .saturated_o(quad_saturated)
    );

    sterna_fff_out #(
      .BeatBits(BeatBits),
      .VecLen  (VecLen),
      .AccBits (AccBits),
      .Buses   (Buses)
    ) u_fff_out (
      .clk_i,
      .rst_ni,
      .active_i,
      .start_i    (start),
      .rows_i     (control.rows),
      .load_i     (load_q),
      .load_word_i(load_word_q),
      .load_data_i(rd_data_i),
      .valid_i    (record_valid_i),
      .record_i,
      .mine_i     (record_mine_i),
      .data_i     (records),
      .valid_o    (out_valid),
      .sums_o     (out_accs),
      .keep_o     (out_keep)
    );
  end else begin : gen_no_fff
    assign pick_valid_o   = 1'b0;
    assign pick_o         = '0;
    assign quad_next      = 1'b0;
    assign quad_push      = 1'b0;
    assign no_quad_push   = 1'b1;
    assign quad           = '0;
    assign quad_saturated = 1'b0;
    assign out_valid      = 1'b0;
    assign out_accs       = '0;
    assign out_keep       = '0;
  end

  assign saturated_o = saturated || quad_saturated;

  logic unused_sums;  // more than five, or than a build without Fff has
  assign unused_sums = ^{clamped, out_accs, out_keep};

  // ------------------------------------------------------------------------------------------------------------ result
  // A row group goes to the gearbox, or a quad of FFFIN, or a whole word of FFFOUT. FFFIN's elements are a multiple of four.
  logic                  any_q, push_q, whole_q;
  logic [LenBits-1:0]    rows_pending_q;  // rows not in the gearbox yet
  logic                  few_q;           // Trits or fewer: the next push is the last
  logic                  flush, flush_q;  // the last group is
  logic                  word_next, done_q;
  logic [WordAddrBits:0] words_q;         // of the result, not complete yet
  logic [WordAddrBits-1:0] write_q;

  assign done_o = done_q;
  assign flush  = !done_o && (flush_q || ((push_q || !no_quad_push) && few_q));

  always_ff @(posedge clk_i) begin
    if (start) begin
      rows_pending_q <= LenBits'(control.rows);
      few_q          <= (control.rows <= 16'(Trits));
      words_q        <= (WordAddrBits + 1)'((32'(control.rows) + 32'd15) / 16 * WordsPerLine);
      write_q        <= '0;
    end else begin
      // Not used after the last.
      if (push_q) begin
        rows_pending_q <= rows_pending_q - LenBits'(Trits);
        few_q          <= (rows_pending_q <= LenBits'(2 * Trits));
      end
      if (!no_quad_push) begin
        rows_pending_q <= rows_pending_q - LenBits'(4);
        few_q          <= (rows_pending_q <= LenBits'(Trits + 4));
      end
      if (word_next) words_q <= words_q - 1'b1;
      if (wr_en_o) write_q <= write_q + 1'b1;
    end
    flush_q <= rst_ni && !start && flush;
    done_q  <= rst_ni && !start && word_next && words_q == (WordAddrBits + 1)'(1);
    any_q   <= rst_ni && ((rescaled_next && !fffin_q) || quad_next);
    push_q  <= rst_ni && rescaled_next && !fffin_q && !fffout_q;
    whole_q <= rst_ni && rescaled_next && fffout_q;
  end

  // After the last group the gearbox is flushed with zeros, until the result's last line is complete.
  sterna_ternary_gearbox #(
    .BeatBits(BeatBits)
  ) u_ternary_gearbox (
    .clk_i,
    .rst_ni,
    .clear_i     (start),
    .any_i       (any_q),
    .push_i      (push_q),
    .elements_i  (elements[Trits*32-1:0]),
    .quad_push_i (quad_push),
    .no_quad_push_i(no_quad_push),
    .quad_i      (quad),
    .whole_i     (whole_q),
    .whole_word_i(BeatBits'(elements)),
    .flush_i     (flush),
    .word_next_o (word_next),
    .word_valid_o(wr_en_o),
    .word_o      (wr_data_o)
  );

  assign wr_addr_o = write_q;

  `STERNA_ASSERT(SendsWhatIsLeft, send_q == (groups_q != '0 && pause_q == '0))
  `STERNA_ASSERT(KnowsTheLast, !active_i || flush_q || !(push_q || !no_quad_push) || few_q == (rows_pending_q <= LenBits'(Trits)))
endmodule
