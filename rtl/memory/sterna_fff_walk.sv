// SPDX-License-Identifier: Apache-2.0
// Walks the trees of FFFIN, and again for FFFOUT: which blocks and records the lanes need, and where they lie
// (docs/numerics.md, Fast Feedforward).
//
// Commands: start_i takes FFFIN or FFFOUT with each channel's part of its matrix, in program order and as far ahead of the core as it
// comes. Quads q = j K + t are taken in order: of each the block of every active lane, or the record that it led to. Lanes that
// want the same one share a visit: a request of its lines to the channels, and what fff_stream needs to know of it.
// Handshake: valid/ready for requests and starts, valid and not full for visits. In FFFIN picks_i brings the four decisions of those
// lanes of picks_valid_i, as their blocks are through, in order of the quads, and holds them until the lane's next; a quad's lanes go
// on as those of the quad above it come, and to a record as its own do. clear_i drops everything.
// Latency: seven cycles from start_i to a request, three from the picks_i that it waited for, or four where lane 0's are not among
// them; then a visit every two, or every three where each is of another quad.
// Lines of a block in a channel: its groups of rows, and behind them in one of the channels its biases, which are requested first.
//
// Three steps, each with a quad or a visit of its own: the quad that is next waits for its decisions; a quad's lanes are served, two
// cycles a visit; a visit's lines are requested. What a step holds is loaded while it is free, whether or not it is then used, so that
// what decides on that may come late.
// Control has registers of its own for what data also hangs on, with far more of a load: idle_q, free_q, rests_q, came_q and none_q are
// !serving_q, !sized_q, !asks_q, !comes_q and !any_q, busy_q is state_q != Idle: the complement so that no tool makes one register of two.
`include "rtl/assertions.svh"

module sterna_fff_walk #(
  parameter int unsigned VecLen   = 1024,
  parameter int unsigned Channels = 1,
  parameter int unsigned Lanes    = 1,
  parameter int unsigned FewLines = 16,  // of a record, for few_o
  parameter int unsigned SlotBits   = 1,   // of a line's place in the slots
  parameter int unsigned NumberBits = 11,  // of a block's number there
  localparam int unsigned VisitBits  = 13 + Lanes,
  localparam int unsigned SharedBits = Lanes > 1 ? $clog2(Lanes) : 1
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,

  input  logic [Lanes-1:0] active_i,  // stable while a program runs

  input  logic                   start_i,
  output logic                   ready_o,
  input  logic [127:0]           instr_i,
  input  logic [Channels*64-1:0] addr_i,
  input  logic                   kept_i,    // an FFFIN's blocks of the first two levels are: fff_table's
  input  logic [SlotBits-1:0]    slot_i,
  input  logic [NumberBits-1:0]  number_i,

  input  logic [Lanes-1:0]    picks_valid_i,
  input  logic [Lanes*4-1:0]  picks_i,  // the first decision highest

  // Each channel's weight_channel.
  output logic [Channels-1:0]    req_valid_o,
  input  logic [Channels-1:0]    req_ready_i,
  output logic [Channels*64-1:0] req_addr_o,
  output logic [Channels*32-1:0] req_lines_o,

  // Each channel's fff_slots: is the next visit's block held there? Then, with its requests, whether it was, and where it lies.
  output logic [NumberBits-1:0] look_number_o,
  input  logic [Channels-1:0]   held_i,
  output logic                  req_keep_o,    // it has a place there
  output logic [Channels-1:0]   req_hit_o,
  output logic                  req_last_o,    // of the block
  output logic [SlotBits-1:0]   req_slot_o,
  output logic [NumberBits-1:0] req_number_o,

  // A visit, before or with its last request: {mask, quad, channel (2 bits), record, last of its quad, last of all}. The channel is
  // that of a block's biases, or of a record.
  output logic                 visit_valid_o,
  input  logic                 visit_full_i,   // not ready: a register, as much hangs on it
  output logic [VisitBits-1:0] visit_o,
  output logic [9:0]           visit_lines_o,  // of a piece, or a record
  output logic                 visit_few_o,    // one of four visits at most, of records of at most FewLines

  // For the counters: there was a visit, of so many lanes besides the first.
  output logic                  visited_o,
  output logic                  visited_record_o,
  output logic                  visited_hit_o,  // its block was held in the first channel's slots
  output logic [SharedBits-1:0] shared_o
);
  localparam int unsigned ChannelBits = $clog2(Channels);
  localparam int unsigned Pieces      = 4 / Channels;  // of a block, in each channel
  localparam int unsigned PathBits    = 12;            // of a block's number in its tree at its depth
  localparam int unsigned KeyBits     = PathBits + 3;  // of a record's, three decisions more
  localparam int unsigned LinesBits   = $clog2(VecLen / 64 + 1);
  localparam int unsigned ProductBits = LinesBits + KeyBits;
  localparam int unsigned StepBits    = LinesBits + 3 + PathBits;  // lines of a tree at its last depth
  localparam int unsigned TreesBits   = $clog2(sterna_isa_pkg::MAX_TREES + 1);

  typedef enum logic [2:0] {Idle, First, Place, Walk, Drain} state_e;
  state_e state_q, state_d;
  logic   busy_q;    // state_q != Idle
  logic   places_q;  // state_q == Place, for step_q and what has little time

  // ------------------------------------------------------------------------------------------------------- instruction
  logic                 record_q;  // FFFOUT
  logic [TreesBits-1:0] trees_q;
  logic [3:0]           depth_q;
  logic [LinesBits-1:0] lines_q;   // of a piece, or a record
  logic [LinesBits+1:0] before_biases, before_biases_q;  // lines of a channel's part of a block
  logic [15:0]          length;
  logic                 record;

  assign record = instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::OP_BITS] == sterna_isa_pkg::OP_FFFOUT;  // access_of would be a table in the way
  assign length = record ? instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:16] : instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:16];
  assign ready_o = !busy_q;
  assign before_biases = (LinesBits + 2)'(lines_q) * (LinesBits + 2)'(Pieces - 1);

  always_ff @(posedge clk_i) begin
    if (state_q == Idle) begin
      record_q <= record;
      trees_q  <= record ? instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:TreesBits] : instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:TreesBits];
      depth_q  <= instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+:4];
      lines_q  <= LinesBits'((17'(length) + 17'd63) >> 6);
    end
    before_biases_q <= before_biases;
  end

  // ---------------------------------------------------------------------------------------------------------- next quad
  // Lanes may share visits: there are no more than quads of lanes.
  logic [Lanes-1:0]       active_q; // active_i, which has far to go
  logic [2:0]             lanes_q;  // that are active; 7: or more
  logic [TreesBits+1:0]   quads_q;
  logic                   few_q;
  localparam int unsigned Threes = (Lanes + 2) / 3;
  logic [2*Threes-1:0]    threes, threes_q;  // of three lanes each, those that are
  logic [7:0]             active_lanes;

  always_comb begin
    threes       = '0;
    active_lanes = '0;
    for (int unsigned l = 0; l < Lanes; l++) threes[2*(l/3)+:2] = threes[2*(l/3)+:2] + 2'(active_q[l]);
    for (int unsigned t = 0; t < Threes; t++) active_lanes = active_lanes + 8'(threes_q[2*t+:2]);
  end

  always_ff @(posedge clk_i) begin
    active_q <= active_i;
    threes_q <= threes;
    lanes_q  <= active_lanes >= 8'd7 ? 3'd7 : active_lanes[2:0];
    // trees_q * (depth_q[3:2] + 1); a product would be a DSP slice.
    quads_q  <= (TreesBits + 2)'(trees_q) + ((TreesBits + 2)'(trees_q) & {TreesBits + 2{depth_q[2]}})
                + ((TreesBits + 2)'({trees_q, 1'b0}) & {TreesBits + 2{depth_q[3]}});
    few_q   <= record_q && 32'(lines_q) <= FewLines
               && ((quads_q == (TreesBits + 2)'(1) && lanes_q <= 3'd4) || (quads_q == (TreesBits + 2)'(2) && lanes_q <= 3'd2)
                   || (quads_q <= (TreesBits + 2)'(4) && lanes_q == 3'd1));
  end

  logic [1:0]             j_q;          // depth in blocks
  logic [TreesBits-1:0]   tree_q;
  logic [7:0]             quad_q;
  logic [7:0]             read_at_q;    // the quad above it in its tree; of FFFOUT the quad itself
  logic [NumberBits-1:0]  number_q;     // of the tree's first block at this depth, in the slots; its last two bits are those of the block's number
  logic                   kept_q;
  logic [SlotBits-1:0]    slot_place_q; // place_q in the slots
  logic [3:0]             log_q;        // of the tree's blocks at this depth, in base two
  logic [2:0]             levels_q;  // of the blocks at this depth
  logic [4:0]             above_q;   // one-hot: a record; or a block below ones of one level more than the bit says; at the top none
  logic [4:0]             not_above_q, above;  // ~above_q, for lane 0, whose key comes late; a lane's
  logic [StepBits-1:0]    step_q;       // lines from a tree to the next, in each channel
  logic [Channels*58-1:0] place_q;      // where the tree's first block has its biases in a channel, or its first record lies
  logic                   last_tree_q, last_quad;
  logic [Lanes-1:0]       part, parts_q;  // lanes of the quad that may be served; that have been taken before
  logic                   take, whole;    // those are taken; with them all of the quad is
  logic                   taken_q;        // it was, a cycle ago, and the next one's registers follow

  assign last_quad = last_tree_q && j_q == depth_q[3:2];

  always_ff @(posedge clk_i) begin
    last_tree_q <= tree_q + 1'b1 == trees_q;
    if (state_q == First || places_q) begin
      j_q       <= '0;
      tree_q    <= '0;
      quad_q    <= '0;
      read_at_q <= '0;
      log_q     <= '0;
      above_q     <= {record_q, 4'd0};
      not_above_q <= {!record_q, 4'd15};
      levels_q  <= 3'(depth_q[1:0]) + 3'd1;
    end else if (taken_q) begin
      tree_q    <= last_tree_q ? '0 : tree_q + 1'b1;
      quad_q    <= quad_q + 1'b1;
      read_at_q <= read_at_q + 8'(j_q != '0 || record_q);
      if (last_tree_q) begin
        j_q            <= j_q + 1'b1;
        log_q          <= log_q + 4'(levels_q);
        for (int unsigned s = 0; s < 4; s++) begin
          above_q[s]     <= !record_q && levels_q == 3'(s + 1);
          not_above_q[s] <= record_q || levels_q != 3'(s + 1);
        end
        levels_q       <= 3'd4;
      end
    end
    // Blocks of more than 16 in a tree have no number of their own, but its last two bits.
    if (state_q == Idle) begin
      kept_q       <= kept_i && !record;
      number_q     <= number_i;
      slot_place_q <= slot_i;
    end else if (state_q == Place || taken_q) begin
      slot_place_q <= slot_place_q + SlotBits'(step_q);
      if (taken_q) number_q <= number_q + (NumberBits'(1) << log_q);
    end
    // First to the biases of the first block.
    if (state_q == First) step_q <= record_q ? '0 : StepBits'(before_biases);
    else if (places_q) step_q <= record_q ? StepBits'(lines_q) << (3 - ChannelBits) : StepBits'(lines_q) << (2 - ChannelBits);
    else if (taken_q && last_tree_q) step_q <= step_q << levels_q;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (state_q == Idle) place_q[58*c+:58] <= addr_i[64*c+6+:58];
      else if (state_q == Place || taken_q) place_q[58*c+:58] <= place_q[58*c+:58] + 58'(step_q);
    end
  end

  // ------------------------------------------------------------------------------------------ what is known of each quad
  // Each lane's block among its tree's at this depth, and its decisions there. What the quad needs of the one above it is read
  // again and again; decisions of a quad of which some lanes' are still to come go past their memory. They come three cycles apart at least.
  // Lane 0's lie in look-up tables, which are sooner than block RAM: its key is wanted at once.
  logic [Lanes*PathBits-1:0] path_mem[256];
  logic [Lanes*4-1:0]        pick_mem[256];
  logic [PathBits-1:0]       path_0;
  logic [3:0]                picks_0;
  logic [Lanes*PathBits-1:0] paths, paths_read_q;
  logic [Lanes*4-1:0]        picks, picks_read_q;
  logic [8:0]                known_q, due_q;  // quads whose picks are all there; that were taken, of the last FFFIN
  logic [Lanes-1:0]          some, some_q;    // lanes whose picks of the next one are
  logic                      picked, ends;    // picks come; with them that one's are all there
  logic                      read_q;          // what follows is the quad's
  logic                      known_read_q;    // what it needs has been read
  logic                      comes_q, came_q; // it needs those of the quad whose picks come; !comes_q
  logic [7:0]                served_quad_q;   // the quad that is being served
  logic                      served_q;        // it had a visit, so that its lanes' blocks are known

  assign picks  = came_q ? picks_read_q : picks_i;
  assign picked = picks_valid_i != '0;
  assign some   = some_q | picks_valid_i;
  assign ends   = picked && (some | ~active_q) == '1;

  always_ff @(posedge clk_i) begin
    if (served_q && !record_q) path_mem[served_quad_q] <= paths;
  end
  always_ff @(posedge clk_i) begin
    if (picked) pick_mem[known_q[7:0]] <= picks_i;
  end
  sterna_small_ram #(
    .Width(PathBits),
    .Depth(256)
  ) u_path_0 (
    .clk_i,
    .wr_en_i  (served_q && !record_q),
    .wr_addr_i(served_quad_q),
    .wr_data_i(paths[PathBits-1:0]),
    .rd_addr_i(read_at_q),
    .rd_data_o(path_0)
  );
  sterna_small_ram #(
    .Width(4),
    .Depth(256)
  ) u_picks_0 (
    .clk_i,
    .wr_en_i  (picked),
    .wr_addr_i(known_q[7:0]),
    .wr_data_i(picks_i[3:0]),
    .rd_addr_i(read_at_q),
    .rd_data_o(picks_0)
  );
  always_ff @(posedge clk_i) begin
    paths_read_q <= path_mem[read_at_q];
    picks_read_q <= pick_mem[read_at_q];
    paths_read_q[PathBits-1:0] <= path_0;
    picks_read_q[3:0]          <= picks_0;
    known_read_q <= (j_q == '0 && !record_q) || known_q > {1'b0, read_at_q};
    comes_q      <= known_q == {1'b0, read_at_q} && !ends;
    came_q       <= known_q != {1'b0, read_at_q} || ends;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      known_q <= '0;
      some_q  <= '0;
      due_q   <= '0;
      read_q  <= 1'b0;
      taken_q <= 1'b0;
    end else begin
      if (places_q && !record_q) begin
        known_q <= '0;
        due_q   <= '0;
      end else begin
        known_q <= known_q + 9'(ends);
        due_q   <= due_q + 9'(taken_q && !record_q);
      end
      some_q  <= some & {Lanes{!ends && (!places_q || record_q)}};  // a mask: it comes late for a reset
      read_q  <= state_q == Walk && !take && !taken_q;
      taken_q <= take && whole;
    end
    if (!rst_ni || clear_i || state_q == First) parts_q <= '0;
    else if (take) parts_q <= whole ? '0 : parts_q | part;
  end

  // ------------------------------------------------------------------------------------------------------- lanes' visits
  // A key is a number in the tree at this depth: of the record, or four times that of the block, its pieces. The visit that is found is
  // numbered in the next cycle, and then the next one is looked for: the lowest lane that is not served leads it. Where lane 0 is among those
  // that are taken, its visit is found at once. Lanes that want the same had the same block above, and come together.
  logic                     serving_q, found_q;   // a quad is; lead_q is its next visit's key
  logic                     sized_q;              // mask_q and what follows are a visit
  logic                     idle_q, free_q;       // !serving_q, !sized_q
  logic                     go, goes;             // that one is none, or leaves in this cycle
  logic                     visit;                // it leaves
  logic                     asks_q, rests_q;      // its lines are being requested; !asks_q
  logic [Lanes*KeyBits-1:0] keys, keys_q;
  logic [Lanes-1:0]         pending_q, left, lead, same, mask_q;
  logic                     any_q, none_q;        // is pending; !any_q
  logic                     lower;                // a lane below this one is pending
  logic [KeyBits-1:0]       lead_key, lead_q;
  logic                     whole_q, last_q;      // with its lanes the quad is served; and it is the last
  logic [NumberBits-1:0]    served_number_q, look_q;
  logic                     served_keep_q;
  logic [SlotBits-1:0]      served_slot_q;
  logic [Channels*58-1:0]   served_place_q;
  logic [ProductBits-1:0]   product_q;
  logic [1:0]               channel_q;
  logic                     serve, done, over;

  assign go         = !sized_q || (rests_q && !visit_full_i);
  assign goes       = free_q || (!asks_q && !visit_full_i);
  assign serve      = serving_q && found_q && goes;
  assign done       = !serving_q || (!found_q && !any_q);  // the last lane has its visit
  assign over       = idle_q || (!found_q && none_q);
  assign left       = pending_q & ~same;
  assign part       = ((active_q & {Lanes{known_read_q}}) | (some & {Lanes{comes_q}})) & ~parts_q;
  assign whole      = (part | parts_q | ~active_q) == '1;
  assign take       = read_q && part != '0 && over && goes;

  always_comb begin
    lower    = 1'b0;
    lead_key = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      // Masks, as a reset would wait for what enables the register.
      above = l == 0 ? ~not_above_q : above_q;
      keys[KeyBits*l+:KeyBits] = {paths_read_q[PathBits*l+:PathBits], picks[4*l+1+:3]} & {KeyBits{above[4]}};
      for (int unsigned s = 0; s < 4; s++) begin
        keys[KeyBits*l+2+:PathBits] = keys[KeyBits*l+2+:PathBits]
                                      | (PathBits'({paths_read_q[PathBits*l+:PathBits], picks[4*l+:4]} >> s) & {PathBits{above[3-s]}});
      end
      lead[l]  = pending_q[l] && !lower;
      lower    = lower || pending_q[l];
      lead_key = lead_key | (keys_q[KeyBits*l+:KeyBits] & {KeyBits{lead[l]}});
      same[l]   = keys_q[KeyBits*l+:KeyBits] == lead_q;
      paths[PathBits*l+:PathBits] = keys_q[KeyBits*l+2+:PathBits];
    end
  end

  always_ff @(posedge clk_i) begin
    served_q <= serve;
    if (done && go) begin
      keys_q          <= keys;
      served_quad_q   <= quad_q;
      served_number_q <= number_q;
      served_place_q  <= place_q;
      served_slot_q   <= slot_place_q;
      served_keep_q   <= kept_q && !j_q[1];
      whole_q         <= whole;
      last_q          <= whole && last_quad;
    end
    if (over && goes) begin
      pending_q <= part;
      any_q     <= part != '0;
      none_q    <= part == '0;
    end else if (serve) begin
      pending_q <= left;
      any_q     <= left != '0;
      none_q    <= left == '0;
    end
    if (go && !found_q) lead_q <= done ? keys[KeyBits-1:0] : lead_key;
    if (go) begin
      mask_q    <= pending_q & same;
      // A block has lines_q lines in each of its pieces, as many of them in every channel; a record lies in one.
      product_q <= ProductBits'(lead_q[KeyBits-1:ChannelBits]) * ProductBits'(lines_q);
      look_q    <= served_number_q + NumberBits'(lead_q[5:2]);
      channel_q <= (record_q ? lead_q[1:0] : served_number_q[1:0] + lead_q[3:2] - 2'd1) & 2'(Channels - 1);
    end
    if (!rst_ni || clear_i) begin
      serving_q <= 1'b0;
      idle_q    <= 1'b1;
      found_q   <= 1'b0;
      sized_q   <= 1'b0;
      free_q    <= 1'b1;
    end else if (goes) begin
      serving_q <= take || !over;
      idle_q    <= !take && over;
      found_q   <= (take && (Lanes == 1 || part[0])) || (serving_q && !found_q && !none_q);
      sized_q   <= serve;
      free_q    <= !serve;
    end
  end

  assign visit_valid_o = sized_q && rests_q;
  assign visit_o       = {mask_q, served_quad_q, channel_q, record_q, none_q && whole_q, none_q && last_q};
  assign visit_lines_o = 10'(lines_q);
  assign visit_few_o   = few_q;
  assign visit         = visit_valid_o && !visit_full_i;

  logic [SharedBits:0] lanes;  // of the visit
  logic [Lanes-1:0]    counted_q;
  logic                counts_q, counts_record_q, counts_hit_q;

  always_comb begin
    lanes = '0;
    for (int unsigned l = 0; l < Lanes; l++) lanes = lanes + (SharedBits + 1)'(counted_q[l]);
  end

  always_ff @(posedge clk_i) begin
    counts_q         <= rst_ni && visit;
    counts_record_q  <= record_q;
    counts_hit_q     <= served_keep_q && held_i[0];
    counted_q        <= mask_q;
    visited_o        <= rst_ni && counts_q;
    visited_record_o <= counts_record_q;
    visited_hit_o    <= counts_hit_q;
    shared_o         <= SharedBits'(lanes - 1'b1);
  end

  // ---------------------------------------------------------------------------------------------------------- requests
  logic                asks_biases_q;  // first, in a channel that has more of the block
  logic [1:0]          asked_channel_q;
  localparam int unsigned AskBits = LinesBits + 2;
  logic [Channels*58-1:0] line_q;
  logic [Channels*AskBits-1:0] asked_lines_q;
  logic [SlotBits-1:0] slot_q;
  logic [Channels-1:0] accepted_q, wanted_q;  // of those that are asked
  logic                all_accepted;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      req_addr_o[64*c+:64]  = {line_q[58*c+:58], 6'd0};
      req_lines_o[32*c+:32] = 32'(asked_lines_q[AskBits*c+:AskBits]);
      req_valid_o[c] = asks_q && wanted_q[c] && !accepted_q[c];
    end
  end
  assign look_number_o = look_q;
  assign req_slot_o    = slot_q;
  assign req_last_o    = !asks_biases_q;

  assign all_accepted = ((accepted_q | req_ready_i) & wanted_q) == wanted_q;

  always_ff @(posedge clk_i) begin
    if (!asks_q) begin
      asked_channel_q <= channel_q;
      req_keep_o      <= served_keep_q;
      req_hit_o       <= held_i & {Channels{served_keep_q}};
      req_number_o    <= look_q;
      slot_q          <= served_slot_q + SlotBits'(product_q);
      for (int unsigned c = 0; c < Channels; c++) begin
        wanted_q[c] <= channel_q == 2'(c) || (Pieces == 1 && !record_q);
        line_q[58*c+:58] <= served_place_q[58*c+:58] + 58'(product_q);
        asked_lines_q[AskBits*c+:AskBits] <= record_q ? AskBits'(lines_q) : channel_q == 2'(c) ? AskBits'(1) : AskBits'(lines_q) * AskBits'(Pieces);
      end
    end else if (Pieces > 1 && asks_biases_q && all_accepted) begin
      wanted_q <= '1;
      slot_q   <= slot_q - SlotBits'(before_biases_q);
      for (int unsigned c = 0; c < Channels; c++) begin
        line_q[58*c+:58] <= line_q[58*c+:58] - 58'(before_biases_q);
        if (asked_channel_q == 2'(c)) asked_lines_q[AskBits*c+:AskBits] <= before_biases_q;
      end
    end
    if (!rst_ni || clear_i) begin
      asks_q        <= 1'b0;
      rests_q       <= 1'b1;
      asks_biases_q <= 1'b0;
      accepted_q    <= '0;
    end else begin
      asks_q        <= visit || (asks_q && !(all_accepted && !asks_biases_q));
      rests_q       <= !(visit || (asks_q && !(all_accepted && !asks_biases_q)));
      asks_biases_q <= visit ? Pieces > 1 && !record_q : asks_biases_q && !all_accepted;
      accepted_q    <= all_accepted || !asks_q ? '0 : accepted_q | (req_valid_o & req_ready_i);
    end
  end

  // ------------------------------------------------------------------------------------------------------------- order
  // An FFFIN begins when the last one's picks are all there, of which FFFOUT may still wait for some.
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = First;
      First:   if (record_q || known_q == due_q) state_d = Place;
      Place:   state_d = Walk;
      Walk:    if (taken_q && last_quad) state_d = Drain;
      default: if (!serving_q && !sized_q && !asks_q) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) state_q <= Idle;
    else state_q <= state_d;
    busy_q   <= rst_ni && !clear_i && state_d != Idle;
    places_q <= rst_ni && !clear_i && state_d == Place;
  end

  logic unused;
  assign unused = ^{instr_i, addr_i};

  `STERNA_ASSERT(ActiveStands, state_q == Idle || active_q == active_i)
  `STERNA_ASSERT(CopiesAgree, {idle_q, free_q, rests_q, came_q} == ~{serving_q, sized_q, asks_q, comes_q})
  `STERNA_ASSERT(BusyIsNotIdle, busy_q == (state_q != Idle))
  `STERNA_ASSERT(PlacesInPlace, places_q == (state_q == Place))
  `STERNA_ASSERT(AnyOrNone, !serving_q || (any_q == (pending_q != '0) && none_q == (pending_q == '0)))
  `STERNA_ASSERT(KeysAlike, state_q != Walk || not_above_q == ~above_q)
  `STERNA_ASSERT(PicksOfAQuad, !picked || known_q < due_q + 9'(taken_q) || (known_q == due_q && (picks_valid_i & ~parts_q) == '0))
endmodule
