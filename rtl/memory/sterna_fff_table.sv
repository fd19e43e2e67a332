// SPDX-License-Identifier: Apache-2.0
// Which FFFINs have their upper blocks kept on chip, and where: those of the first two levels of blocks, which lie together at the beginning of each channel's part.
//
// Commands: start_i takes FFFIN or FFFOUT on its way to fff_walk, which hears with an FFFIN whether its blocks may be kept and read (kept_o), and where its
// first one lies (slot_o, number_o; number_o is a multiple of four). An FFFIN that is not known takes the next entry, while there is room; kept_o says so from the next program on: what has
// been written into memory by then is what it reads. go_i starts a program; without keep_i, or when memory is written where something is kept (store_i), everything is forgotten.
// clear_i: the program has ended.
// Handshake: valid/ready on both sides. off_o: what comes from memory is not to be kept, until the program's end. forget_o: block forget_number_o is held no more; of each of them in turn.
// Latency: an FFFIN takes six cycles, and one more for each entry; FFFOUT two.
`include "rtl/assertions.svh"

module sterna_fff_table #(
  parameter int unsigned VecLen   = 1024,
  parameter int unsigned Channels = 1,
  parameter int unsigned Lines    = 512,  // of each channel: a power of two
  parameter int unsigned Numbers  = 512,  // of blocks: a power of two
  parameter int unsigned Entries  = 8,
  localparam int unsigned LineBits   = $clog2(Lines),
  localparam int unsigned NumberBits = $clog2(Numbers)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,
  input  logic go_i,
  input  logic keep_i,

  input  logic                   start_i,
  output logic                   ready_o,
  input  logic [127:0]           instr_i,
  input  logic [Channels*64-1:0] addr_i,

  output logic                   valid_o,
  input  logic                   ready_i,
  output logic [127:0]           instr_o,
  output logic [Channels*64-1:0] addr_o,
  output logic                   kept_o,
  output logic [LineBits-1:0]    slot_o,
  output logic [NumberBits-1:0]  number_o,

  // Load/Store's requests.
  input  logic [Channels-1:0] store_i,
  input  logic [63:0]         store_addr_i,
  input  logic [31:0]         store_lines_i,

  output logic                  off_o,
  output logic                  forget_o,
  output logic [NumberBits-1:0] forget_number_o
);
  localparam int unsigned Pieces    = 4 / Channels;  // of a block, in each channel
  localparam int unsigned PartBits  = $clog2(VecLen / 64 + 1);
  localparam int unsigned TreesBits = $clog2(sterna_isa_pkg::MAX_TREES + 1);
  localparam int unsigned KeyBits   = Channels * 58 + TreesBits + 4 + PartBits;
  localparam int unsigned EntryBits = $clog2(Entries);
  localparam int unsigned BlockBits = TreesBits + 5;  // of trees with 17 blocks each
  localparam int unsigned AllBits   = BlockBits + PartBits + 2;

  typedef enum logic [1:0] {Idle, Scan, Add, Give} state_e;
  state_e state_q, state_d;

  // ----------------------------------------------------------------------------------------------------------- the FFFIN
  logic                 fffin, unused;
  logic [KeyBits-1:0]   key, key_q;
  logic [TreesBits-1:0] trees;
  logic [3:0]           depth;
  logic [PartBits-1:0]  lines;  // of a piece

  assign fffin   = sterna_isa_pkg::access_of(instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::OP_BITS]) != sterna_isa_pkg::ACCESS_TREE_OUT;
  assign ready_o = state_q == Idle;
  assign valid_o = state_q == Give;

  always_comb begin
    key = '0;
    for (int unsigned c = 0; c < Channels; c++) key[58*c+:58] = addr_i[64*c+6+:58];
    key[Channels*58+:TreesBits+4+PartBits] = {instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:TreesBits], instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+:4],
                                              PartBits'((17'(instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:16]) + 17'd63) >> 6)};
  end
  assign {trees, depth, lines} = key_q[Channels*58+:TreesBits+4+PartBits];

  always_ff @(posedge clk_i) begin
    if (ready_o) begin
      instr_o <= instr_i;
      addr_o  <= addr_i;
      key_q   <= key;
    end
  end

  // What it would take; known before the last entry has been looked at.
  logic [BlockBits-1:0] blocks_q;
  logic [AllBits-1:0]   all_lines_q;
  logic                 fits_q;
  logic [LineBits:0]    next_line_q;
  logic [NumberBits:0]  next_number_q;
  logic [EntryBits:0]   entries_q;
  logic [Channels*58-1:0] end_q;  // the line behind its kept blocks

  always_ff @(posedge clk_i) begin
    blocks_q    <= BlockBits'(trees) + (depth[3:2] != '0 ? BlockBits'({trees, 1'b0}) << depth[1:0] : '0);
    all_lines_q <= AllBits'(blocks_q) * AllBits'(lines) * AllBits'(Pieces);
    fits_q      <= AllBits'(all_lines_q) + AllBits'(next_line_q) <= AllBits'(Lines) && (BlockBits + NumberBits + 1)'(blocks_q) + (BlockBits + NumberBits + 1)'(next_number_q) <= (BlockBits + NumberBits + 1)'(Numbers)
                   && entries_q != (EntryBits + 1)'(Entries);
    for (int unsigned c = 0; c < Channels; c++) end_q[58*c+:58] <= key_q[58*c+:58] + 58'(all_lines_q);
  end

  // ---------------------------------------------------------------------------------------------------------- the entries
  localparam int unsigned ScanBits = EntryBits + 2;
  logic [ScanBits-1:0] scan_q;
  logic                read_q, equal_q;  // an entry has been read, and is the FFFIN's
  logic [ScanBits-1:0] read_at_q, equal_at_q;
  logic [KeyBits+LineBits+NumberBits-1:0] entry, entry_q;
  logic [LineBits-1:0]   slot_q;
  logic [NumberBits-1:0] number_q;
  logic [EntryBits:0]    known_q;  // entries that the program may use
  logic                  found, scanned, adds, flush, forgets_q;

  assign found   = state_q == Scan && equal_q;
  assign scanned = scan_q >= ScanBits'(entries_q) + ScanBits'(4);
  assign adds    = state_q == Add && fits_q && !flush;

  sterna_small_ram #(
    .Width(KeyBits + LineBits + NumberBits),
    .Depth(Entries)
  ) u_entries (
    .clk_i,
    .wr_en_i  (adds),
    .wr_addr_i(entries_q[EntryBits-1:0]),
    .wr_data_i({key_q, next_line_q[LineBits-1:0], next_number_q[NumberBits-1:0]}),
    .rd_addr_i(scan_q[EntryBits-1:0]),
    .rd_data_o(entry)
  );

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = fffin ? Scan : Give;
      Scan:    if (found) state_d = Give;
               else if (scanned) state_d = Add;
      Add:     state_d = Give;
      default: if (ready_i) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q <= Idle;
      read_q  <= 1'b0;
      equal_q <= 1'b0;
    end else begin
      state_q <= state_d;
      read_q  <= state_q == Scan && scan_q < ScanBits'(entries_q);
      equal_q <= state_q == Scan && read_q && entry_q[LineBits+NumberBits+:KeyBits] == key_q;
    end
    scan_q     <= state_q == Scan ? scan_q + 1'b1 : '0;
    entry_q    <= entry;
    read_at_q  <= scan_q;
    equal_at_q <= read_at_q;
    {slot_q, number_q} <= entry_q[LineBits+NumberBits-1:0];
    if (state_q == Idle) kept_o <= 1'b0;
    else if (found) kept_o <= equal_at_q < ScanBits'(known_q);
    if (state_q == Idle) {slot_o, number_o} <= '0;
    else if (found) {slot_o, number_o} <= {slot_q, number_q};
  end

  // -------------------------------------------------------------------------------------------------------- what is known
  logic stored_q;  // where something is kept
  logic [NumberBits-1:0] forget_q;
  logic [NumberBits:0]   behind;  // the entry's numbers, rounded up
  logic go_q, keep_q;  // no FFFIN comes in the cycle of a program's start or the next: the program has yet to be read

  assign behind          = next_number_q + (NumberBits + 1)'(blocks_q) + (NumberBits + 1)'(3);
  assign flush           = (go_q && !keep_q) || stored_q;
  assign forget_o        = forgets_q;
  assign forget_number_o = forget_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || flush) begin
      entries_q     <= '0;
      known_q       <= '0;
      next_line_q   <= '0;
      next_number_q <= '0;
      forgets_q     <= 1'b1;
      forget_q      <= '0;
    end else begin
      entries_q <= entries_q + (EntryBits + 1)'(adds);
      if (go_q) known_q <= forgets_q ? '0 : entries_q;
      if (adds) begin
        next_line_q   <= next_line_q + (LineBits + 1)'(all_lines_q);
        next_number_q <= {behind[NumberBits:2], 2'b00};
      end
      forgets_q <= forgets_q && forget_q != NumberBits'(Numbers - 1);
      forget_q  <= forget_q + NumberBits'(forgets_q);
    end
    if (!rst_ni) off_o <= 1'b1;
    else off_o <= stored_q || (off_o && !go_q);
    go_q   <= rst_ni && go_i;
    keep_q <= keep_i;
  end

  // ---------------------------------------------------------------------------------------------------------- what is written
  // Of each channel the lines from the lowest that is kept to the highest: one comparison a store, and no search. What is added while all
  // is dropped (flush, which comes late) does no harm: the next entry is the first.
  logic [Channels*58-1:0] lowest_q, behind_q;
  logic [Channels-1:0]    store_q, meets;
  logic [57:0]            store_first_q, store_end_q;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      meets[c] = store_q[c] && store_first_q < behind_q[58*c+:58] && store_end_q > lowest_q[58*c+:58];
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < Channels; c++) begin
      if (state_q == Add && fits_q && (entries_q == '0 || key_q[58*c+:58] < lowest_q[58*c+:58])) lowest_q[58*c+:58] <= key_q[58*c+:58];
      if (state_q == Add && fits_q && (entries_q == '0 || end_q[58*c+:58] > behind_q[58*c+:58])) behind_q[58*c+:58] <= end_q[58*c+:58];
    end
    store_first_q <= store_addr_i[63:6];
    store_end_q   <= store_addr_i[63:6] + 58'(store_lines_i);
    store_q       <= rst_ni ? store_i : '0;
    stored_q      <= rst_ni && entries_q != '0 && meets != '0;
  end

  assign unused = ^{store_addr_i[5:0], behind[1:0]};
endmodule
