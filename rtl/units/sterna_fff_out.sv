// SPDX-License-Identifier: Apache-2.0
// FFFOUT in one lane: the sums of the records on the lane's paths, each node's trits times its element of va.
//
// Commands: start_i, with the rows of the result; load_i, a word of va; then the records' beats on the buses (sterna_ternary_pkg::record_t),
// those of this lane with mine_i: 16 outputs of four nodes in each 128 bits, which are multiplied by the record's quad, four
// elements of va, and added to the outputs' sums. With the beats that say last, whosever they are, the outputs' sums are
// complete, and go out. A word's first beat may be any record's, but words' first beats come in their order.
// Handshake: none; never stalled, a beat a cycle, of one bus, one in four that says last, with others between: Parts register words go out. A quad's word must have been loaded.
// Latency: the first sums_o five cycles after a beat of the last record, then a register word's a cycle; behind the rows keep_o is 0
// until the last line is complete. They come out of a multiplexer behind registers.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_fff_out #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  parameter int unsigned AccBits  = 22,  // of a sum as it leaves
  parameter int unsigned Buses    = 1,
  localparam int unsigned WordElems = BeatBits / 32
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                active_i,     // stable while a program runs; where it is not high beats come to nothing
  input  logic                start_i,
  input  logic [15:0]         rows_i,       // with start_i

  input  logic                load_i,
  input  logic [9:0]          load_word_i,
  input  logic [BeatBits-1:0] load_data_i,  // q8

  input  logic [Buses-1:0]                                 valid_i,
  input  logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record_i,
  input  logic [Buses-1:0]                                 mine_i,    // the beat is for this lane
  input  logic [Buses*BeatBits-1:0]                        data_i,

  output logic                         valid_o,
  output logic [WordElems*AccBits-1:0] sums_o,
  output logic [WordElems-1:0]         keep_o    // which of them are rows of the result
);
  localparam int unsigned Levels       = sterna_isa_pkg::TREE_BLOCK_LEVELS;
  localparam int unsigned MostElems    = Levels * (sterna_isa_pkg::MAX_TREE_DEPTH / Levels + 1) * sterna_isa_pkg::MAX_TREES;
  localparam int unsigned VaElems      = VecLen < MostElems ? VecLen : MostElems;  // of va at most
  localparam int unsigned SumBits      = 8 + $clog2(VaElems) + 1;                  // 128 * VaElems, either sign
  localparam int unsigned Outputs      = BeatBits / 8;    // of a beat
  localparam int unsigned Parts        = Outputs / WordElems;  // register words of it
  localparam int unsigned PartBits     = $clog2(Parts);
  localparam int unsigned QuadBits     = 8 * Levels;
  localparam int unsigned WordQuads    = BeatBits / QuadBits;
  localparam int unsigned AtBits       = $clog2(WordQuads);
  localparam int unsigned QuadWords    = VaElems / (BeatBits / 8);
  localparam int unsigned QuadWordBits = QuadWords > 1 ? $clog2(QuadWords) : 1;
  localparam int unsigned Words        = VecLen / Outputs;  // of sums
  localparam int unsigned WordBits     = Words > 1 ? $clog2(Words) : 1;
  localparam int unsigned LenBits      = $clog2(VecLen + 1);
  localparam int unsigned LeftBits     = $clog2(VecLen / WordElems + 1);

  // ------------------------------------------------------------------------------------------------------------ its bus
  localparam int unsigned RecordBits = sterna_ternary_pkg::RECORD_BITS;
  localparam int unsigned IndexBits  = Buses > 1 ? $clog2(Buses) : 1;
  sterna_ternary_pkg::record_t fff;
  logic [Buses-1:0]            mine, takes;
  logic [IndexBits-1:0]        index;
  logic                        record;
  logic [BeatBits-1:0]         data;

  // Of another lane's last record nothing is added.
  always_comb begin
    index = '0;
    for (int unsigned b = 0; b < Buses; b++) begin
      takes[b] = valid_i[b] && (mine_i[b] || record_i[RecordBits*b+RecordBits-1]);
      if (takes[b]) index = index | IndexBits'(b);
    end
  end
  assign mine   = valid_i & mine_i;
  assign record = takes != '0;
  assign fff    = Buses == 1 ? record_i[RecordBits-1:0] : record_i[RecordBits*index+:RecordBits];
  assign data   = Buses == 1 ? data_i[BeatBits-1:0] : data_i[BeatBits*index+:BeatBits];

  // ------------------------------------------------------------------------------------------------------ time of a beat
  // Bit t: a beat is t + 1 cycles behind its bus: bit 0 its quad's word, bit 1 what two nodes may come to, bit 2 sums of two nodes, bit 3
  // of all four and what the outputs' sums were.
  logic [3:0] valid_q;
  logic [3:0] last_q;   // of the last record
  logic [2:0] first_q;  // bit t: t + 2 cycles behind; its outputs have no sums yet
  logic       mine_q, first;
  logic [WordBits-1:0] word1_q, word2_q;
  logic [WordBits:0]   summed_q;  // words that have sums
  logic                drain_q;   // sums go out, behind the result's end, too
  logic                drain, out_q;
  logic [LeftBits-1:0] left_q;    // register words of the result to come

  assign first = mine_q && {1'b0, word1_q} == summed_q;

  // Beats behind the result's end may still be on their way when the next instruction starts.
  logic clear;
  assign clear = !rst_ni || start_i || !active_i;

  always_ff @(posedge clk_i) begin
    if (clear) begin
      valid_q <= '0;
      last_q  <= '0;
      drain_q <= 1'b0;
      out_q   <= 1'b0;
    end else begin
      valid_q <= {valid_q[2:0], record};
      last_q  <= {last_q[2:0], record && fff.last};
      drain_q <= drain;
      out_q   <= drain && left_q != '0;
    end
    if (clear) summed_q <= '0;
    else summed_q <= summed_q + (WordBits + 1)'(valid_q[0] && first);
    first_q            <= {first_q[1:0], first};
    mine_q             <= mine != '0;
    {word2_q, word1_q} <= {word1_q, WordBits'(fff.word)};
  end

  // ------------------------------------------------------------------------------------------------------------- quads
  (* ram_style = "distributed" *) logic [BeatBits-1:0] quads[QuadWords];
  logic [BeatBits-1:0]          quads_q;
  logic [AtBits-1:0]           at_q;
  logic [QuadBits-1:0]         quad;

  always_ff @(posedge clk_i) begin
    if (load_i) quads[QuadWordBits'(load_word_i)] <= load_data_i;
  end
  always_ff @(posedge clk_i) begin
    if (record) begin
      quads_q <= quads[QuadWordBits'(fff.quad / 8'(WordQuads))];
      at_q    <= AtBits'(fff.quad);
    end
  end
  assign quad = quads_q[QuadBits*at_q+:QuadBits];

  // What nodes 0 and 1, and 2 and 3, of any output come to, but for a sign: one element, the other, their sum, or their difference.
  logic [8:0] one_q[2], other_q[2], both_q[2], difference_q[2];

  for (genvar p = 0; p < 2; p++) begin : gen_choices
    logic [8:0] one, other;
    assign one   = {quad[16*p+7], quad[16*p+:8]};
    assign other = {quad[16*p+15], quad[16*p+8+:8]};
    always_ff @(posedge clk_i) begin
      if (valid_q[0]) begin
        one_q[p]        <= one;
        other_q[p]      <= other;
        both_q[p]       <= one + other;
        difference_q[p] <= one - other;
      end
    end
  end

  // ------------------------------------------------------------------------------------------------------------ records
  logic [BeatBits-1:0] data_q;

  always_ff @(posedge clk_i) if (record) data_q <= data;

  // Signs are relative to the first node of a sum that is not zero, so that none costs an adder of its own; the sum over all nodes gets
  // that of the first pair. Operands' lowest bits are there for the carry in.
  logic [WordBits-1:0]        read_q;   // word of the sums
  logic [WordBits-1:0]        write_q;
  logic                       again_q;  // the word is that of the beat before, which its memory does not have yet
  logic [Outputs*SumBits-1:0] sums_q;   // with the last record's last beat
  logic [Outputs*SumBits-1:0] read_sums_q, new_sums, last_sums_q;

  // Block RAM where there are words enough for it.
  `STERNA_CHECKED_PARAMETERS_BEGIN
  localparam RamStyle = Words >= 64 ? "block" : "distributed";
  `STERNA_CHECKED_PARAMETERS_END
  (* ram_style = RamStyle *) logic [Outputs*SumBits-1:0] mem[Words];

  always_ff @(posedge clk_i) begin
    if (valid_q[3]) mem[write_q] <= new_sums;
  end
  always_ff @(posedge clk_i) begin
    if (valid_q[2]) read_sums_q <= mem[read_q];
  end
  always_ff @(posedge clk_i) begin
    if (valid_q[1]) read_q <= word2_q;
    if (valid_q[2]) write_q <= read_q;
    again_q <= valid_q[3] && write_q == read_q;
  end

  for (genvar o = 0; o < Outputs; o++) begin : gen_output
    localparam int unsigned At = 128 * (o / 16) + 2 * (o % 16);  // node k: 32 * k from there

    logic [1:0]      pair_both_q, pair_second_q, pair_zero_q, pair_negative_q;  // of nodes 0 and 1, and of 2 and 3
    logic [8:0]      pair_q[2];
    logic            minus_q, minus2_q, relative_q;
    logic [9:0]      record_q;  // one's complement
    logic [SumBits-1:0] old_sum;  // the sum without this beat
    `STERNA_SOME_BITS_BEGIN
    logic [SumBits:0]   sum;
    `STERNA_SOME_BITS_END
    assign old_sum = again_q ? last_sums_q[SumBits*o+:SumBits] : read_sums_q[SumBits*o+:SumBits] & {SumBits{!first_q[2]}};
    assign sum     = {old_sum, 1'b1} + {{(SumBits - 10) {record_q[9]}}, record_q, minus2_q};
    assign new_sums[SumBits*o+:SumBits] = sum[SumBits:1];

    `STERNA_TEMPORARIES_BEGIN
    logic [1:0]       there, minus;  // of two nodes
    `STERNA_SOME_BITS_BEGIN
    logic [10:0]      all;
    `STERNA_SOME_BITS_END
    always_ff @(posedge clk_i) begin
      for (int unsigned p = 0; p < 2; p++) begin
        if (valid_q[0]) begin
          there              = {data_q[At+64*p+32], data_q[At+64*p]};
          minus              = {data_q[At+64*p+33], data_q[At+64*p+1]};
          pair_both_q[p]     <= there == '1;
          pair_second_q[p]   <= there[1] && (!there[0] || minus[0] != minus[1]);  // or the difference
          pair_zero_q[p]     <= there == '0 || !mine_q;
          pair_negative_q[p] <= there[0] ? minus[0] : minus[1];
        end
        if (pair_zero_q[p]) pair_q[p] <= '0;
        else if (valid_q[1] && pair_both_q[p]) pair_q[p] <= pair_second_q[p] ? difference_q[p] : both_q[p];
        else if (valid_q[1]) pair_q[p] <= pair_second_q[p] ? other_q[p] : one_q[p];
      end
      if (valid_q[1]) begin
        minus_q    <= pair_negative_q[0];
        relative_q <= pair_negative_q[0] ^ pair_negative_q[1];
      end
      if (valid_q[2]) begin
        all      = {pair_q[0][8], pair_q[0], 1'b1} + {{pair_q[1][8], pair_q[1]} ^ {10{relative_q}}, relative_q};
        record_q <= all[10:1] ^ {10{minus_q}};
        minus2_q <= minus_q;
      end
    end
    `STERNA_TEMPORARIES_END
  end

  always_ff @(posedge clk_i) begin
    if (valid_q[3]) last_sums_q <= new_sums;
    if (valid_q[3] && last_q[3]) sums_q <= new_sums;
  end

  // ------------------------------------------------------------------------------------------------------------- drain
  logic [PartBits-1:0] part_q;      // of the sums
  logic [LenBits-1:0]  rows_left_q;
  logic [WordElems*SumBits-1:0] part_sums;

  assign drain = last_q[3] || (drain_q && part_q != '1);

  always_ff @(posedge clk_i) begin
    if (start_i) left_q <= LeftBits'((32'(rows_i) + 32'd15) / 16 * 512 / BeatBits);
    else if (drain && left_q != '0) left_q <= left_q - 1'b1;
    part_q <= drain_q ? part_q + 1'b1 : '0;

    if (start_i) rows_left_q <= LenBits'(rows_i);
    else if (out_q) rows_left_q <= rows_left_q > LenBits'(WordElems) ? rows_left_q - LenBits'(WordElems) : '0;
  end

  assign valid_o = out_q;
  always_comb begin
    part_sums = '0;
    for (int unsigned p = 0; p < Parts; p++) begin
      if (part_q == PartBits'(p)) part_sums = part_sums | sums_q[SumBits*WordElems*p+:SumBits*WordElems];
    end
  end
  for (genvar e = 0; e < WordElems; e++) begin : gen_sum
    assign keep_o[e] = rows_left_q > LenBits'(e);
    assign sums_o[AccBits*e+:AccBits] = $unsigned(AccBits'($signed(part_sums[SumBits*e+:SumBits])));
  end

  logic unused;  // of builds smaller than the largest
  assign unused = ^{fff, load_word_i, rows_i};

  `STERNA_ASSERT(OneBus, (takes & (takes - 1'b1)) == '0)
  `STERNA_ASSERT(NoSumsWhileSumsGoOut, !(last_q[3] && drain_q && part_q != '1))
endmodule
