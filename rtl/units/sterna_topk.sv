// SPDX-License-Identifier: Apache-2.0
// Top list unit: TOPK merges a register into the lane's list of the greatest elements so far and writes the list to vd.
//
// Commands: TOPK reads va; clear_i (a program's start) empties the list.
// Handshake: start_i while ready_o, done_o with the last write. A word is asked for when the words before it have inserted
// all but their last element, and taken where rd_ready_i is high (vector chaining); writes are never stalled.
// Latency: a word of va a cycle, one more cycle for each element but the first of a word that may enter the list; seven to the last
// insertion, then the list, 16 values and 16 ids, a word a cycle.
//
// All elements of a word are compared with the least entry; the two words before it may not be in the list yet. Those that may enter
// are inserted one a cycle into a sorted row of entries, found among four by four elements first, then among the fours. A key puts
// greater values first and, of equal ones, lower ids; an empty entry has the least key of all.
`include "rtl/assertions.svh"

module sterna_topk #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // a program starts: the list becomes empty

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,

  output logic                    rd_en_o,
  output logic [WordAddrBits-1:0] rd_addr_o,
  input  logic                    rd_ready_i,  // the word at rd_addr_o has been written
  input  logic [BeatBits-1:0]     rd_data_i,
  output logic                    wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  // Of the unit that shares the write bus: wr_data_o where mine_i is not high. One choice, as the list's words are one already.
  input  logic                    mine_i,
  input  logic [BeatBits-1:0]     other_data_i,

  output logic wait_o  // stalled: its source's word has not been written
);
  localparam int unsigned Entries   = sterna_isa_pkg::TOP_ENTRIES;
  localparam int unsigned WordElems = BeatBits / 32;
  localparam int unsigned GroupElems = WordElems < 4 ? WordElems : 4;  // among which a candidate is found at once
  localparam int unsigned Groups     = WordElems / GroupElems;
  localparam int unsigned ElemBits   = $clog2(WordElems);
  localparam int unsigned LenBits   = $clog2(VecLen + 1);
  localparam int unsigned OutWords  = 2 * Entries * 32 / BeatBits;
  localparam int unsigned OutBits   = $clog2(OutWords);

  localparam logic [1:0] Idle  = 2'd0;
  localparam logic [1:0] Scan  = 2'd1;  // read, compare, insert
  localparam logic [1:0] Write = 2'd2;

  logic [LenBits-1:0]    len;
  logic [WordAddrBits:0] words;
  assign len   = LenBits'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:sterna_isa_pkg::FIELD_LEN_BITS]);
  assign words = (WordAddrBits + 1)'((32'(len) + 32'(WordElems - 1)) / 32'(WordElems));

  // ---------------------------------------------------------------- control
  logic [1:0]            state_q, state_d;
  logic [WordAddrBits:0] read_q, last_word_q;  // the next word's index, the last one's
  logic                  more_q, more_d;        // read_q is a word's
  logic                  read;
  logic [OutBits-1:0]    write_q, not_write_q;  // twice: for the address, and the data, which are many
  logic                  advance_q, advance_d;  // mask_q has one element at most: the words in the pipeline move on
  logic                  data_q, word_valid_q, near_valid_q;  // rd_data_i, word_q, near_q hold a word
  logic [WordElems-1:0]  enters, enters_q;      // elements of word_q that may enter the list; of near_q
  logic [WordElems-1:0]  mask_q;                // those of held_q not inserted yet
  logic                  found_q, cand_valid_q;
  logic                  two, three;            // of enters_q so many; of mask_q
  logic                  empty;                 // all words are read, and the pipeline is empty
  logic                  last_q;                // of the list's words

  assign empty     = !more_q && !data_q && !word_valid_q && !near_valid_q && mask_q == '0 && !found_q && !cand_valid_q;
  assign read      = rd_en_o && rd_ready_i;
  assign more_d    = start_i || (read ? read_q != last_word_q : more_q);
  assign advance_d = advance_q ? !(near_valid_q && two) : !three;
  assign wait_o    = rd_en_o && !rd_ready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = Scan;
      Scan:    if (empty) state_d = Write;
      default: if (last_q) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= Idle;
      data_q       <= 1'b0;
      word_valid_q <= 1'b0;
      near_valid_q <= 1'b0;
      mask_q       <= '0;
      found_q      <= 1'b0;
      cand_valid_q <= 1'b0;
      advance_q    <= 1'b1;
      more_q       <= 1'b0;
      rd_en_o      <= 1'b0;
      last_q       <= 1'b0;
    end else begin
      state_q      <= state_d;
      last_q       <= state_q == Write && write_q == OutBits'(OutWords - 2);
      found_q      <= mask_q != '0;
      cand_valid_q <= found_q;
      advance_q    <= advance_d;
      more_q       <= more_d;
      rd_en_o      <= advance_d && more_d;
      if (advance_q) begin
        data_q       <= read;
        word_valid_q <= data_q;
        near_valid_q <= word_valid_q;
        mask_q       <= near_valid_q ? enters_q : '0;
      end else begin
        mask_q <= mask_q & (mask_q - 1'b1);
      end
    end
  end

  // Whether the next mask_q will have two elements: two or more of enters_q, or three or more of mask_q, which loses one. Halves are merged until bit 0 stands for all.
  logic [WordElems-1:0] reach1, reach2, mask1, mask2, mask3;  // at least so many among those merged
  always_comb begin
    reach1 = enters_q;
    reach2 = '0;
    mask1  = mask_q;
    mask2  = '0;
    mask3  = '0;
    for (int unsigned n = 1; n < WordElems; n *= 2) begin
      reach2 = reach2 | (reach2 >> n) | (reach1 & (reach1 >> n));
      reach1 = reach1 | (reach1 >> n);
      mask3  = mask3 | (mask3 >> n) | (mask2 & (mask1 >> n)) | (mask1 & (mask2 >> n));
      mask2  = mask2 | (mask2 >> n) | (mask1 & (mask1 >> n));
      mask1  = mask1 | (mask1 >> n);
    end
    two   = reach2[0];
    three = mask3[0];
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      read_q      <= '0;
      last_word_q <= words - 1'b1;
      write_q     <= '0;
      not_write_q <= '1;
    end else begin
      if (read) read_q <= read_q + 1'b1;
      if (state_q == Write) write_q <= write_q + 1'b1;
      if (state_q == Write) not_write_q <= not_write_q - 1'b1;
    end
  end

  // ---------------------------------------------------------------- elements that may enter
  // Compared by value alone with a list that may lack the last few insertions: too many pass, never too few.
  logic [BeatBits-1:0] word_q, near_q, held_q;
  logic [LenBits-1:0]  left_q;           // elements from the word behind word_q on
  logic [WordElems-1:0] inside_q;        // which of word_q are among them
  logic [31:0]         id_q, held_id_q;  // of near_q's and held_q's first element
  logic [63:0]         entry_q[Entries];
  logic [31:0]         least;

  assign least   = entry_q[Entries-1][63:32];

  for (genvar e = 0; e < WordElems; e++) begin : gen_enters
    assign enters[e] = inside_q[e] && {!word_q[32*e+31], word_q[32*e+:31]} >= least;
  end

  always_ff @(posedge clk_i) begin
    if (advance_q && data_q) begin
      word_q <= rd_data_i;
      for (int unsigned e = 0; e < WordElems; e++) inside_q[e] <= LenBits'(e) < left_q;
    end
    if (start_i) begin
      left_q <= len;
      id_q   <= instr_i[sterna_isa_pkg::FIELD_IMM_LSB+:sterna_isa_pkg::FIELD_IMM_BITS];
    end else if (advance_q) begin
      if (data_q) left_q <= left_q > LenBits'(WordElems) ? left_q - LenBits'(WordElems) : '0;
      if (near_valid_q) id_q <= id_q + 32'(WordElems);
    end
    if (advance_q && word_valid_q) begin
      near_q   <= word_q;
      enters_q <= enters;
    end
    if (advance_q && near_valid_q) begin
      held_q    <= near_q;
      held_id_q <= id_q;
    end
  end

  // ---------------------------------------------------------------- candidate: the lowest of mask_q
  logic [31:0] value_q[Groups];  // each group's
  logic [ 1:0] place_q[Groups];  // where it is in the group
  logic [Groups-1:0] some_q;
  logic [31:0] base_q;
  logic [63:0] cand_q;
  logic [31:0]         value;
  logic [ElemBits-1:0] place;

  for (genvar g = 0; g < Groups; g++) begin : gen_group
    logic [1:0] first;
    always_comb begin
      first = '0;
      for (int unsigned e = GroupElems; e > 0; e--) begin
        if (mask_q[GroupElems*g+e-1]) first = 2'(e - 1);
      end
    end
    always_ff @(posedge clk_i) begin
      value_q[g] <= held_q[32*(GroupElems*g+32'(first))+:32];
      place_q[g] <= first;
      some_q[g]  <= mask_q[GroupElems*g+:GroupElems] != '0;
    end
  end

  always_comb begin
    value = '0;
    place = '0;
    for (int unsigned g = Groups; g > 0; g--) begin
      if (some_q[g-1]) begin
        value = value_q[g-1];
        place = ElemBits'(GroupElems * (g - 1)) + ElemBits'(place_q[g-1]);
      end
    end
  end

  // Without a candidate the key is the least of all, which comes before no entry.
  always_ff @(posedge clk_i) begin
    base_q <= held_id_q;
    cand_q <= found_q ? {value ^ 32'h8000_0000, ~(base_q + 32'(place))} : '0;
  end

  // ---------------------------------------------------------------- the list, greatest key first
  logic [Entries-1:0] above;  // the candidate comes before this entry
  for (genvar i = 0; i < Entries; i++) begin : gen_entry
    logic [63:0] next_entry;  // insertion: the candidate, or the entry above, shifted down
    if (i == 0) begin : gen_first
      assign next_entry = cand_q;
    end else begin : gen_next
      assign next_entry = above[i-1] ? entry_q[i-1] : cand_q;
    end
    assign above[i] = cand_q > entry_q[i];
    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i) entry_q[i] <= '0;
      else if (above[i]) entry_q[i] <= next_entry;
    end
  end

  // ---------------------------------------------------------------- result: a line of values, a line of ids
  logic [2*Entries*32-1:0] list;
  for (genvar i = 0; i < Entries; i++) begin : gen_list
    assign list[32*i+:32]             = entry_q[i][63:32] ^ 32'h8000_0000;
    assign list[32*(Entries + i)+:32] = ~entry_q[i][31:0];
  end

  assign ready_o   = state_q == Idle;
  assign done_o    = last_q;
  assign rd_addr_o = read_q[WordAddrBits-1:0];
  assign wr_en_o   = state_q == Write;
  assign wr_addr_o = WordAddrBits'(write_q);
  assign wr_data_o = mine_i ? list[BeatBits*OutBits'(~not_write_q)+:BeatBits] : other_data_i;

  `STERNA_ASSERT(StartOnlyWhenReady, !start_i || ready_o)

  logic unused;
  assign unused = ^instr_i;  // register fields are the register file's
endmodule
