// SPDX-License-Identifier: Apache-2.0
// Walks the trees of FFFIN, and again for FFFOUT: which blocks and records the lanes need, and where they lie
// (docs/numerics.md, Fast Feedforward).
//
// Commands: start_i takes FFFIN or FFFOUT with each channel's part of its matrix, in program order and as far ahead of the core as it
// comes. Quads q = j K + t are taken in order: of each the block of every active lane, or the record that it led to. Lanes that
// want the same one share a visit: a request of its lines to the channels, and what fff_stream needs to know of it.
// Handshake: valid/ready for requests, visits and starts. In FFFIN picks_i brings the lanes' four decisions of a quad, in order of
// the quads; a quad waits for those of the quad above it. clear_i drops everything.
// Latency: nine cycles from start_i, or from picks_i, to a request; then a visit every six or seven.
// Lines of a block in a channel: its groups of rows, and behind them in one of the channels its biases, which are requested first.
`include "rtl/assertions.svh"

module sterna_fff_walk #(
  parameter int unsigned VecLen   = 1024,
  parameter int unsigned Channels = 1,
  parameter int unsigned Lanes    = 1,
  localparam int unsigned VisitBits = 13 + Lanes
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,

  input  logic [Lanes-1:0] active_i,  // stable while a program runs

  input  logic                   start_i,
  output logic                   ready_o,
  input  logic [127:0]           instr_i,
  input  logic [Channels*64-1:0] addr_i,

  input  logic                picks_valid_i,
  input  logic [Lanes*4-1:0]  picks_i,  // the first decision highest

  // Each channel's weight_channel.
  output logic [Channels-1:0]    req_valid_o,
  input  logic [Channels-1:0]    req_ready_i,
  output logic [Channels*64-1:0] req_addr_o,
  output logic [Channels*32-1:0] req_lines_o,

  // A visit, before or with its last request: {mask, quad, channel (2 bits), record, last of its quad, last of all}. The channel is
  // that of a block's biases, or of a record.
  output logic                 visit_valid_o,
  input  logic                 visit_ready_i,
  output logic [VisitBits-1:0] visit_o
);
  localparam int unsigned ChannelBits = $clog2(Channels);
  localparam int unsigned Pieces      = 4 / Channels;  // of a block, in each channel
  localparam int unsigned PathBits    = 12;            // of a block's number in its tree at its depth
  localparam int unsigned KeyBits     = PathBits + 3;  // and three decisions more: a record's
  localparam int unsigned BlockBits   = 19;
  localparam int unsigned NumberBits  = BlockBits + 3;  // of a record, or of a block
  localparam int unsigned LinesBits   = $clog2(VecLen / 64 + 1);
  localparam int unsigned ProductBits = LinesBits + NumberBits;
  localparam int unsigned TreesBits   = $clog2(sterna_isa_pkg::MAX_TREES + 1);

  typedef enum logic [3:0] {Idle, First, Read, Keys, Lead, Serve, Multiply, Add, Biases, Lines, Next, Wait} state_e;
  state_e state_q, state_d;

  // ------------------------------------------------------------------------------------------------------- instruction
  logic                   record_q;  // FFFOUT
  logic [TreesBits-1:0]   trees_q;
  logic [3:0]             depth_q;
  logic [LinesBits-1:0]   lines_q;   // of a piece, or a record
  logic [Channels*58-1:0] part_q;
  logic [15:0]            length;
  logic                   record;

  assign record = sterna_isa_pkg::access_of(instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::OP_BITS]) == sterna_isa_pkg::ACCESS_TREE_OUT;
  assign length = record ? instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:16] : instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:16];
  assign ready_o = state_q == Idle;

  always_ff @(posedge clk_i) begin
    if (state_q == Idle) begin
      record_q <= record;
      trees_q  <= record ? instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:TreesBits] : instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:TreesBits];
      depth_q  <= instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+:4];
      lines_q  <= LinesBits'((17'(length) + 17'd63) >> 6);
      for (int unsigned c = 0; c < Channels; c++) part_q[58*c+:58] <= addr_i[64*c+6+:58];
    end
  end

  // ------------------------------------------------------------------------------------------------------------- quads
  logic [1:0]           j_q;          // depth in blocks
  logic [TreesBits-1:0] tree_q;
  logic [7:0]           quad_q, above_q;  // this quad; the one above it in its tree
  logic [8:0]           known_q;      // quads whose picks are there
  logic [BlockBits-1:0] first_q;      // the tree's first block at this depth
  logic [3:0]           log_q;        // of the tree's blocks at this depth, in base two
  logic [2:0]           levels_q;     // of the blocks above
  logic                 last_tree, last_quad, waits;

  assign last_tree = tree_q + 1'b1 == trees_q;
  assign last_quad = last_tree && j_q == depth_q[3:2];
  assign waits     = !record_q && j_q != '0 && known_q <= {1'b0, above_q};

  always_ff @(posedge clk_i) begin
    if (state_q == First) begin
      j_q      <= '0;
      tree_q   <= '0;
      quad_q   <= '0;
      above_q  <= '0;
      first_q  <= '0;
      log_q    <= '0;
      levels_q <= 3'(depth_q[1:0]) + 3'd1;
    end else if (state_q == Next) begin
      tree_q  <= last_tree ? '0 : tree_q + 1'b1;
      quad_q  <= quad_q + 8'(!last_quad);
      above_q <= j_q == '0 && !last_tree ? '0 : above_q + 8'(j_q != '0);
      first_q <= first_q + (BlockBits'(1) << log_q);
      if (last_tree) begin
        j_q      <= j_q + 1'b1;
        log_q    <= log_q + 4'(levels_q);
        levels_q <= 3'd4;
      end
    end
  end
  // The levels of the blocks above, which levels_q is a depth ahead of.
  logic [2:0] above_levels_q;
  always_ff @(posedge clk_i) begin
    if (state_q == Next && last_tree) above_levels_q <= levels_q;
  end

  // ------------------------------------------------------------------------------------------ what is known of each quad
  // Each lane's block among its tree's at this depth, and its decisions there.
  logic [Lanes*PathBits-1:0] path_mem[256];
  logic [Lanes*4-1:0]        pick_mem[256];
  logic [Lanes*PathBits-1:0] paths, paths_read_q;
  logic [Lanes*4-1:0]        picks_read_q;
  logic [7:0]                read_at;

  assign read_at = record_q ? quad_q : above_q;

  always_ff @(posedge clk_i) begin
    if (state_q == Lead && !record_q) path_mem[quad_q] <= paths;
  end
  always_ff @(posedge clk_i) begin
    if (picks_valid_i) pick_mem[known_q[7:0]] <= picks_i;
  end
  always_ff @(posedge clk_i) begin
    if (state_q == Read) begin
      paths_read_q <= path_mem[read_at];
      picks_read_q <= pick_mem[read_at];
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || (state_q == First && !record_q)) known_q <= '0;
    else known_q <= known_q + 9'(picks_valid_i);
  end

  // ------------------------------------------------------------------------------------------------------------ visits
  // A record's key is its block's and three decisions; of a block these are zero.
  logic [Lanes*KeyBits-1:0] keys_q;
  logic [Lanes-1:0]         pending_q, lead, same, mask_q;
  logic [KeyBits-1:0]       lead_key, lead_q;
  logic [BlockBits-1:0]     block;
  logic [NumberBits-1:0]    number_q;  // of the block, or the record
  logic [ProductBits-1:0]   product_q;
  logic [57:0]              line_q[Channels];
  logic [1:0]               channel_q;
  logic [Channels-1:0]      accepted_q, wanted;

  always_ff @(posedge clk_i) begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (state_q == Keys) begin
        if (record_q) keys_q[KeyBits*l+:KeyBits] <= {paths_read_q[PathBits*l+:PathBits], picks_read_q[4*l+1+:3]};
        else if (j_q == '0) keys_q[KeyBits*l+:KeyBits] <= '0;
        else keys_q[KeyBits*l+:KeyBits] <= {PathBits'({paths_read_q[PathBits*l+:PathBits], picks_read_q[4*l+:4]} >> (3'd4 - above_levels_q)), 3'b0};
      end
    end
  end

  assign lead  = pending_q & (~pending_q + 1'b1);
  assign block = first_q + BlockBits'(lead_q[KeyBits-1:3]);

  always_comb begin
    lead_key = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      lead_key = lead_key | (keys_q[KeyBits*l+:KeyBits] & {KeyBits{lead[l]}});
      same[l]  = keys_q[KeyBits*l+:KeyBits] == lead_q;
      paths[PathBits*l+:PathBits] = keys_q[KeyBits*l+3+:PathBits];
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == Keys) pending_q <= active_i;
    else if (state_q == Serve) pending_q <= pending_q & ~same;
    if (state_q == Lead) lead_q <= lead_key;
    if (state_q == Serve) begin
      mask_q   <= pending_q & same;
      number_q <= record_q ? {block, lead_q[2:0]} : {3'b0, block};
    end
    // A block has lines_q lines in each of its pieces, as many of them in every channel; a record lies in one.
    if (state_q == Multiply) begin
      product_q <= (ProductBits'(number_q) >> (record_q ? ChannelBits : 0)) * ProductBits'(lines_q);
      channel_q <= (record_q ? number_q[1:0] : number_q[1:0] - 2'd1) & 2'(Channels - 1);
    end
    if (state_q == Add) begin
      for (int unsigned c = 0; c < Channels; c++) begin
        line_q[c] <= part_q[58*c+:58] + (58'(product_q) << (record_q ? 0 : 2 - ChannelBits));
      end
    end
  end

  // ---------------------------------------------------------------------------------------------------------- requests
  logic [LinesBits+1:0] before_biases;  // lines of a channel's part of a block
  assign before_biases = (LinesBits + 2)'(lines_q) * (LinesBits + 2)'(Pieces - 1);

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      wanted[c] = (channel_q == 2'(c)) == (state_q == Biases || record_q);
      if (state_q == Lines && !record_q && Pieces > 1) wanted[c] = 1'b1;
      req_addr_o[64*c+:64]  = {line_q[c] + (state_q == Biases ? 58'(before_biases) : '0), 6'd0};
      req_lines_o[32*c+:32] = state_q == Biases ? 32'd1
                              : record_q ? 32'(lines_q)
                              : channel_q == 2'(c) ? 32'(before_biases) : 32'(lines_q) * Pieces;
      req_valid_o[c] = (state_q == Biases || state_q == Lines) && wanted[c] && !accepted_q[c];
    end
  end

  logic all_accepted;
  assign all_accepted = ((accepted_q | req_ready_i) & wanted) == wanted;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || all_accepted || (state_q != Biases && state_q != Lines)) accepted_q <= '0;
    else accepted_q <= accepted_q | (req_valid_o & req_ready_i);
  end

  assign visit_valid_o = state_q == Add;
  assign visit_o       = {mask_q, quad_q, channel_q, record_q, pending_q == '0, pending_q == '0 && last_quad};

  // ------------------------------------------------------------------------------------------------------------- order
  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:     if (start_i) state_d = First;
      First:    state_d = Read;
      Read:     if (!waits) state_d = Keys;
      Keys:     state_d = Lead;
      Lead:     state_d = Serve;
      Serve:    state_d = Multiply;
      Multiply: state_d = Add;
      Add:      if (visit_ready_i) state_d = record_q ? Lines : Biases;
      Biases:   if (all_accepted) state_d = Lines;
      Lines:    if (all_accepted) state_d = pending_q != '0 ? Lead : Next;
      Next:     state_d = !last_quad ? Read : record_q ? Idle : Wait;
      default:  if (known_q > {1'b0, quad_q}) state_d = Idle;  // all picks are there
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) state_q <= Idle;
    else state_q <= state_d;
  end

  logic unused;
  assign unused = ^{instr_i, addr_i};

  `STERNA_ASSERT(PicksOfAQuad, !picks_valid_i || known_q <= {1'b0, quad_q})
endmodule
