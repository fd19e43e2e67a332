// SPDX-License-Identifier: Apache-2.0
// The walk through FFFIN's trees: of each quad, in order, every active lane has one visit and no idle lane any; visits say when a
// quad and when all are over; and each visit asks every channel for the lines that are its own, before the next one comes. Which
// lanes go together, and where, is random programs' business.
`include "tests/formal/proof.svh"

module fff_walk_proof #(
  parameter int unsigned Lanes    = 3,
  parameter int unsigned Channels = 2,
  parameter int unsigned VecLen   = 128,
  localparam int unsigned VisitBits = 13 + Lanes,
  localparam int unsigned LinesBits = $clog2(VecLen / 64 + 1),
  localparam int unsigned Pieces    = 4 / Channels
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic                   clear_i,
  input logic [Lanes-1:0]       active_i,
  input logic                   start_i,
  input logic [127:0]           instr_i,
  input logic [Channels*64-1:0] addr_i,
  input logic [Lanes-1:0]       picks_valid_i,
  input logic [Lanes*4-1:0]     picks_i,
  input logic                   kept_i,
  input logic [7:0]             slot_i,
  input logic [5:0]             number_i,
  input logic [Channels-1:0]    held_i,
  input logic [Channels-1:0]    req_ready_i,
  input logic                   visit_full_i
);

  `PROOF_RESET

  logic                   ready, visit_valid;
  logic [Channels-1:0]    req_valid;
  logic [Channels*64-1:0] req_addr;
  logic [Channels*32-1:0] req_lines;
  logic [VisitBits-1:0]   visit;

  sterna_fff_walk #(
    .VecLen  (VecLen),
    .Channels(Channels),
    .Lanes   (Lanes),
    .SlotBits(8),
    .NumberBits(8)
  ) u_dut (
    .clk_i, .rst_ni, .clear_i, .active_i, .start_i, .ready_o(ready), .instr_i, .addr_i, .picks_valid_i, .picks_i,
    .kept_i, .slot_i, .number_i({number_i, 2'b00}), .held_i,
    .req_valid_o(req_valid), .req_ready_i, .req_addr_o(req_addr), .req_lines_o(req_lines),
    .visit_valid_o(visit_valid), .visit_full_i, .visit_o(visit)
  );

  localparam logic [2:0] Idle  = 3'd0;
  localparam logic [2:0] Walk  = 3'd3;
  localparam logic [2:0] Drain = 3'd4;
  `PROOF_SEES([2:0], \u_dut.state_q )
  `PROOF_SEES(, \u_dut.record_q )
  `PROOF_SEES([6:0], \u_dut.trees_q )
  `PROOF_SEES([3:0], \u_dut.depth_q )
  `PROOF_SEES([LinesBits-1:0], \u_dut.lines_q )
  `PROOF_SEES([LinesBits+1:0], \u_dut.before_biases_q )
  `PROOF_SEES([1:0], \u_dut.j_q )
  `PROOF_SEES([6:0], \u_dut.tree_q )
  `PROOF_SEES(, \u_dut.last_tree_q )
  `PROOF_SEES([7:0], \u_dut.quad_q )
  `PROOF_SEES(, \u_dut.taken_q )
  `PROOF_SEES(, \u_dut.read_q )
  `PROOF_SEES([8:0], \u_dut.known_q )
  `PROOF_SEES([8:0], \u_dut.due_q )
  `PROOF_SEES([Lanes-1:0], \u_dut.some_q )
  `PROOF_SEES([Lanes-1:0], \u_dut.parts_q )
  `PROOF_SEES(, \u_dut.whole_q )
  `PROOF_SEES(, \u_dut.serving_q )
  `PROOF_SEES(, \u_dut.found_q )
  `PROOF_SEES(, \u_dut.sized_q )
  `PROOF_SEES([Lanes-1:0], \u_dut.pending_q )
  `PROOF_SEES([Lanes-1:0], \u_dut.same )
  `PROOF_SEES([Lanes-1:0], \u_dut.mask_q )
  `PROOF_SEES([7:0], \u_dut.served_quad_q )
  `PROOF_SEES(, \u_dut.last_q )
  `PROOF_SEES(, \u_dut.asks_q )
  `PROOF_SEES(, \u_dut.asks_biases_q )
  `PROOF_SEES([1:0], \u_dut.asked_channel_q )
  `PROOF_SEES([1:0], \u_dut.channel_q )
  `PROOF_SEES([Channels-1:0], \u_dut.wanted_q )
  `PROOF_SEES([Channels-1:0], \u_dut.accepted_q )
  `PROOF_SEES([Channels*(LinesBits+2)-1:0], \u_dut.asked_lines_q )

  // What lies outside: the lanes of a program, instructions that decode lets through, picks of quads that were taken.
  logic [Lanes-1:0] active_q;
  logic [1:0]       picked_q;
  logic [2:0]       access;
  assign access = 3'(sterna_isa_pkg::access_of(instr_i[sterna_isa_pkg::FIELD_OP_LSB+:sterna_isa_pkg::OP_BITS]));
  always @* begin
    assume (active_i != '0 && (first_q || active_i == active_q));
  end
  always @(posedge clk_i) begin
    active_q <= active_i;
    picked_q <= {picked_q[0], picks_valid_i != '0};
  end
  logic        out, record_q;  // FFFOUT: what comes, and what is walked
  logic [15:0] trees, length;
  assign out    = access == 3'(sterna_isa_pkg::ACCESS_TREE_OUT);
  assign trees  = out ? instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:16] : instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:16];
  assign length = out ? instr_i[sterna_isa_pkg::FIELD_ROWS_LSB+:16] : instr_i[sterna_isa_pkg::FIELD_LEN_LSB+:16];
  `STERNA_RULE(LegalTrees, 1'b1, !start_i || (trees != '0 && trees <= 16'd64 && length != '0 && length <= 16'(VecLen)))
  logic [Lanes-1:0] may_be_picked;  // lanes of the quad whose picks come, that have been taken
  assign may_be_picked = \u_dut.known_q < \u_dut.due_q || ( \u_dut.taken_q && !record_q) ? active_i
                         : record_q ? '0 : \u_dut.parts_q ;
  `STERNA_RULE(PicksOfTakenQuads, 1'b1, picks_valid_i == '0 || (picked_q == '0 && (picks_valid_i & ~(may_be_picked & ~\u_dut.some_q )) == '0))

  // The instruction; the quad that is being served, and the lanes that have had their visit of it.
  logic [8:0]           total_q;
  logic [LinesBits-1:0] lines_q;
  logic [7:0]           quad_q;
  logic [Lanes-1:0]     served_q;
  logic [Lanes-1:0]     mask, left;
  logic [7:0]           quad;
  logic [1:0]           channel;
  logic                 record, push, last, moves;
  logic [Channels*8-1:0] owed_q;  // lines of the last visit that no channel has accepted yet

  // Quads of `depth` blocks of each tree, and `more`.
  function automatic logic [8:0] quads(input logic [1:0] depth, input logic [6:0] each, input logic [6:0] more);
    quads = 9'(more) + (depth[0] ? 9'(each) : 9'd0) + (depth[1] ? {1'b0, each, 1'b0} : 9'd0);
  endfunction

  assign {mask, quad, channel, record, push, last} = visit;
  assign moves = visit_valid && !visit_full_i;
  assign left  = active_i & ~served_q;

  always @(posedge clk_i) begin
    if (ready && start_i) begin
      record_q <= out;
      total_q  <= quads(instr_i[sterna_isa_pkg::FIELD_DEPTH_LSB+2+:2], trees[6:0], trees[6:0]);
      lines_q  <= LinesBits'((17'(length) + 17'd63) >> 6);
    end
    if (!rst_ni || clear_i) begin
      quad_q   <= '0;
      served_q <= '0;
    end else if (moves) begin
      served_q <= push ? '0 : served_q | mask;
      if (push) quad_q <= last ? '0 : quad_q + 1'b1;
    end
    for (int unsigned c = 0; c < Channels; c++) begin
      if (!rst_ni || clear_i) owed_q[8*c+:8] <= '0;
      else if (moves && record) owed_q[8*c+:8] <= channel == 2'(c) ? 8'(lines_q) : '0;
      else if (moves) owed_q[8*c+:8] <= channel == 2'(c) ? 8'd1 + 8'(lines_q) * 8'(Pieces - 1) : 8'(lines_q) * 8'(Pieces);
      else if (req_valid[c] && req_ready_i[c]) owed_q[8*c+:8] <= owed_q[8*c+:8] - 8'(req_lines[32*c+:32]);
    end
  end

  `STERNA_ASSERT(EveryLaneOnce, !visit_valid || (mask != '0 && (mask & ~left) == '0))
  `STERNA_ASSERT(QuadsInOrder, !visit_valid || (quad == quad_q && record == record_q))
  `STERNA_ASSERT(QuadIsOver, !visit_valid || push == (mask == left))
  `STERNA_ASSERT(AllAreOver, !visit_valid || last == (push && 9'(quad_q) + 9'd1 == total_q))
  `STERNA_ASSERT(SomeAreNotAll, ( \u_dut.some_q & ~active_i) == '0 && \u_dut.some_q != active_i)
  `STERNA_ASSERT(SomeHadAVisit, \u_dut.known_q != \u_dut.due_q || ( \u_dut.some_q & ~may_be_picked) == '0)
  `STERNA_ASSERT(NothingLeftAtTheEnd, !ready || (quad_q == '0 && served_q == '0))
  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    `STERNA_ASSERT(AsksForItsLines, !req_valid[c] || (req_lines[32*c+:32] != '0 && req_lines[32*c+:32] <= 32'(owed_q[8*c+:8])))
    `STERNA_ASSERT(AllAskedForBeforeTheNext, !visit_valid || owed_q[8*c+:8] == '0)
  end

  // What of it the walk knows. A visit that is found has a lane that is not served; one that is sized is not counted above yet.
  logic walks;
  assign walks = \u_dut.state_q == Walk || \u_dut.state_q == Drain;
  `STERNA_ASSERT(Known, \u_dut.state_q <= Drain && (walks || !( \u_dut.serving_q || \u_dut.taken_q || \u_dut.read_q )))
  `STERNA_ASSERT(SameInstruction, \u_dut.state_q == Idle || ( \u_dut.record_q == record_q && \u_dut.lines_q == lines_q && lines_q != '0
      && total_q == quads( \u_dut.depth_q [3:2], \u_dut.trees_q , \u_dut.trees_q ) && \u_dut.trees_q != '0 && \u_dut.trees_q <= 7'd64))
  `STERNA_ASSERT(BeforeBiases, !walks || 8'( \u_dut.before_biases_q ) == 8'(lines_q) * 8'(Pieces - 1))
  `STERNA_ASSERT(OneStepAtATime, !( \u_dut.sized_q && \u_dut.found_q ) && ( \u_dut.serving_q || !( \u_dut.sized_q || \u_dut.found_q )))
  `STERNA_ASSERT(FoundHasALane, !\u_dut.found_q || ( \u_dut.pending_q & \u_dut.same ) != '0)
  // A quad is served in parts: the lanes of parts_q have been taken, of which the last part may still be served; with the last of all that is none again.
  logic [Lanes-1:0] taken, here;  // lanes of the quad that is served that have been taken; those of them that had no visit
  assign taken = \u_dut.serving_q && \u_dut.whole_q ? active_i : \u_dut.parts_q ;
  assign here  = taken & ~served_q;
  `STERNA_ASSERT(SizedIsLeft, !\u_dut.sized_q || (( \u_dut.mask_q & \u_dut.pending_q ) == '0 && \u_dut.mask_q != '0
      && ( \u_dut.mask_q | \u_dut.pending_q ) == here && \u_dut.served_quad_q == quad_q))
  logic over;  // all lanes of the part have their visits
  assign over = \u_dut.serving_q && !\u_dut.sized_q && !\u_dut.found_q && \u_dut.pending_q == '0;
  `STERNA_ASSERT(PendingIsLeft, !\u_dut.serving_q || \u_dut.sized_q || over || ( \u_dut.pending_q == here && \u_dut.pending_q != '0 && \u_dut.served_quad_q == quad_q))
  `STERNA_ASSERT(OverIsCounted, !over || ( \u_dut.whole_q ? served_q == '0 && quad_q == ( \u_dut.last_q ? 8'd0 : \u_dut.served_quad_q + 8'd1)
      : served_q == \u_dut.parts_q && quad_q == \u_dut.served_quad_q ))
  `STERNA_ASSERT(BetweenQuads, \u_dut.serving_q || (served_q == \u_dut.parts_q && quad_q == ( \u_dut.state_q == Walk ? \u_dut.quad_q : 8'd0)))
  `STERNA_ASSERT(ServedOfTheTaken, !walks || over || (served_q & ~taken) == '0)
  `STERNA_ASSERT(PartsOfAQuad, ( \u_dut.parts_q & ~active_i) == '0 && \u_dut.parts_q != active_i
      && ( \u_dut.parts_q == '0 || ( \u_dut.state_q == Walk && !\u_dut.taken_q )))
  `STERNA_ASSERT(WholeIsNoPart, !\u_dut.serving_q || !\u_dut.whole_q || \u_dut.parts_q == '0)
  `STERNA_ASSERT(PartIsNotWhole, !\u_dut.serving_q || \u_dut.whole_q || ( \u_dut.parts_q != '0 && !\u_dut.last_q ))
  `STERNA_ASSERT(JustTaken, !\u_dut.taken_q || ( \u_dut.serving_q && !\u_dut.sized_q && \u_dut.whole_q && \u_dut.pending_q != '0
      && \u_dut.served_quad_q == \u_dut.quad_q && \u_dut.state_q == Walk && !\u_dut.read_q ))
  `STERNA_ASSERT(NextQuad, !\u_dut.serving_q || \u_dut.taken_q || \u_dut.last_q
      || \u_dut.quad_q == ( \u_dut.whole_q ? \u_dut.served_quad_q + 8'd1 : \u_dut.served_quad_q ))
  `STERNA_ASSERT(LastQuad, !\u_dut.serving_q || \u_dut.last_q == ( \u_dut.whole_q && 9'( \u_dut.served_quad_q ) + 9'd1 == total_q))
  `STERNA_ASSERT(DrainsBehindTheLast, !\u_dut.serving_q || \u_dut.taken_q || \u_dut.last_q == ( \u_dut.state_q == Drain))
  `STERNA_ASSERT(Place, \u_dut.state_q != Walk || (9'( \u_dut.quad_q ) == quads( \u_dut.j_q , \u_dut.trees_q , \u_dut.tree_q )
      && \u_dut.tree_q < \u_dut.trees_q && \u_dut.j_q <= \u_dut.depth_q [3:2]))
  `STERNA_ASSERT(LastTree, !( \u_dut.read_q || \u_dut.taken_q ) || ( \u_dut.last_tree_q == ( \u_dut.tree_q + 7'd1 == \u_dut.trees_q )
      && \u_dut.state_q == Walk))
  `STERNA_ASSERT(LastIsTheLast, !\u_dut.taken_q || \u_dut.last_q == ( \u_dut.last_tree_q && \u_dut.j_q == \u_dut.depth_q [3:2]))
  `STERNA_ASSERT(PicksOfTaken, \u_dut.known_q <= \u_dut.due_q && \u_dut.due_q <= 9'd256
      && ( \u_dut.state_q != Walk || record_q || \u_dut.due_q == 9'( \u_dut.quad_q )))
  `STERNA_ASSERT(AsksOfTheVisit, !\u_dut.asks_q || (walks && \u_dut.asked_channel_q < 2'(Channels)))
  `STERNA_ASSERT(ChannelsThereAre, !\u_dut.sized_q || \u_dut.channel_q < 2'(Channels))
  `STERNA_ASSERT(BiasesOfABlock, !\u_dut.asks_biases_q || ( \u_dut.asks_q && !record_q && \u_dut.accepted_q == '0))
  for (genvar c = 0; c < Channels; c++) begin : gen_owed
    localparam logic [1:0] Channel = 2'(c);
    logic [7:0] piece, owed;
    assign piece = \u_dut.asked_channel_q == Channel ? 8'(lines_q) * 8'(Pieces - 1) : 8'(lines_q) * 8'(Pieces);
    assign owed  = !\u_dut.asks_q ? 8'd0
                   : record_q ? ( \u_dut.asked_channel_q == Channel && !\u_dut.accepted_q [c] ? 8'(lines_q) : 8'd0)
                   : \u_dut.asks_biases_q ? piece + 8'( \u_dut.asked_channel_q == Channel)
                   : \u_dut.accepted_q [c] ? 8'd0 : piece;
    `STERNA_ASSERT(WantedOfAll, !\u_dut.asks_q || \u_dut.wanted_q [c] == ( \u_dut.asked_channel_q == Channel || !(record_q || \u_dut.asks_biases_q )))
    `STERNA_ASSERT(LinesOfARequest, !\u_dut.asks_q || 8'( \u_dut.asked_lines_q [(LinesBits+2)*c+:LinesBits+2]) == (
      record_q ? 8'(lines_q) : \u_dut.asks_biases_q && \u_dut.asked_channel_q == Channel ? 8'd1 : piece))
    `STERNA_ASSERT(Owed, owed_q[8*c+:8] == owed)
  end

  always @(posedge clk_i) begin
    if (rst_ni) TwoVisits: cover (moves && push && served_q != '0);
  end

endmodule
