// SPDX-License-Identifier: Apache-2.0
// The issue stage: the router with a lane's register file, among instructions and units that may do whatever their contracts
// (docs/rtl.md) allow. Proved of every program and every timing:
//   - no RAW, WAR or WAW violation: each word that an instruction reads, chained or not, is that of the last instruction before
//     it in program order that writes it. Data are followed to the ports: every word is written as a version, which readers know
//     from their issue, of any one word (`Word` of `Register`), and so of all;
//   - each port of a register has at most one owner;
//   - the counts of chaining never run ahead of what was written;
//   - liveness, as a ranked safety property. The oldest instruction in flight never waits for another's words, so a unit that
//     goes on within Patience cycles, unless it waits for words (memory answers), brings it nearer to its end in each cycle: its
//     rank, Patience * (words left + 1) less the cycles since it last went on, falls every cycle and is never negative. Whoever
//     is left alone is the oldest; and what stands at the head issues when nothing is in flight. So all retires.
`include "tests/formal/proof.svh"

module issue_proof #(
  parameter int unsigned Patience = 3,
  localparam int unsigned Registers = 4,
  localparam int unsigned BeatBits = 8,  // as narrow as a version
  localparam int unsigned Words = 4,     // of a register
  localparam int unsigned WordBits = 2,
  localparam int unsigned StatusBits = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned Units = sterna_isa_pkg::UNITS,
  localparam int unsigned Reads = sterna_isa_pkg::READ_STREAMS,
  localparam int unsigned Lsu = 32'(sterna_isa_pkg::UNIT_LSU),
  localparam int unsigned Row = 32'(sterna_isa_pkg::UNIT_ROW),
  localparam int unsigned Rms = 32'(sterna_isa_pkg::UNIT_RMS),
  localparam int unsigned Tmm = 32'(sterna_isa_pkg::UNIT_TMM),
  localparam int unsigned Top = 32'(sterna_isa_pkg::UNIT_TOP)
) (
  input logic clk_i,
  input logic rst_ni,
  input logic start_i,

  // What comes, as the decoder may make it: it is the next one when that was accepted.
  input logic                  valid_i,
  input logic [31:0]           pc_i,
  input logic [StatusBits-1:0] fault_i,
  input logic                  halt_i,
  input logic [Units-1:0]      unit_i,
  input logic [1:0]            vd_i,
  input logic [1:0]            va_i,
  input logic [1:0]            vb_i,
  input logic [1:0]            vc_i,
  input logic [3:0]            uses_i,  // vd vc vb va
  input logic                  chain_i,
  input logic [WordBits:0]     words_i,

  // The units.
  input logic [Units-1:0]          done_i,
  input logic [Units*2-1:0]        error_i,
  input logic                      due_i,   // RMS: a product that is told of it finds its words
  input logic [Reads-1:0]          ask_i,   // for a word
  input logic [Reads*WordBits-1:0] addr_i,
  input logic [Units-1:0]          write_i,
  input logic [Units*BeatBits-1:0] data_i   // what they write to other words than Word
);

  `PROOF_RESET

  // The word that is looked at.
  (* anyconst *) logic [1:0]          Register;
  (* anyconst *) logic [WordBits-1:0] Word;

  // -------------------------------------------------------------------------------- what comes, the next one, and the head
  // The head's fields come out of the router as its payload, and the next one's go in as one.
  localparam int unsigned PayloadBits = 1 + WordBits + 1 + Units + 8 + 4 + 1;
  logic                 head_ends, head_chain;
  logic [Units-1:0]     head_unit;
  logic [3:0]           head_uses;
  logic [1:0]           head_vd, head_va, head_vb, head_vc;
  logic [WordBits:0]    head_words;
  logic [Registers-1:0] coming_sources, coming_dest, next_sources, next_dest, head_sources, head_dest;
  logic                  next_valid_q, next_halt_q, next_chain_q;
  logic [31:0]           next_pc_q;
  logic [StatusBits-1:0] next_fault_q;
  logic [Units-1:0]      next_unit_q;
  logic [3:0]            next_uses_q;
  logic [1:0]            next_vd_q, next_va_q, next_vb_q, next_vc_q;
  logic [WordBits:0]     next_words_q;

  function automatic logic [Registers-1:0] register_of(input logic used, input logic [1:0] index);
    register_of = used ? Registers'(1) << index : '0;
  endfunction

  function automatic logic [Registers-1:0] sources_of(input logic [3:0] uses, input logic [1:0] va, input logic [1:0] vb,
                                                      input logic [1:0] vc);
    sources_of = register_of(uses[0], va) | register_of(uses[1], vb) | register_of(uses[2], vc);
  endfunction

  assign coming_sources = sources_of(uses_i, va_i, vb_i, vc_i);
  assign coming_dest    = register_of(uses_i[3], vd_i);
  assign next_sources = sources_of(next_uses_q, next_va_q, next_vb_q, next_vc_q);
  assign next_dest    = register_of(next_uses_q[3], next_vd_q);
  assign head_sources = sources_of(head_uses, head_va, head_vb, head_vc);
  assign head_dest    = register_of(head_uses[3], head_vd);

  logic running, last, ready;
  logic head_valid;
  `STERNA_RULE(StartsOnlyAtRest, 1'b1, !(start_i && running))
  `STERNA_RULE(ComesOnlyWhileRunning, 1'b1, !valid_i || running)

  always @(posedge clk_i) begin
    if (!rst_ni || last) next_valid_q <= 1'b0;
    else if (!next_valid_q || ready) next_valid_q <= valid_i;
    if (!next_valid_q || ready) begin
      next_pc_q    <= pc_i;
      next_fault_q <= fault_i;
      next_halt_q  <= halt_i;
      next_unit_q  <= unit_i;
      next_uses_q  <= uses_i;
      next_vd_q    <= vd_i;
      next_va_q    <= va_i;
      next_vb_q    <= vb_i;
      next_vc_q    <= vc_i;
      next_chain_q <= chain_i;
      next_words_q <= words_i;
    end
  end

  // The same is assumed of what comes and holds of the head.
  function automatic logic legal(input logic [Units-1:0] unit, input logic [3:0] uses, input logic [1:0] vd, input logic [1:0] va,
                                 input logic chain, input logic [WordBits:0] length);
    legal = $onehot(unit)
            && (!unit[Lsu] || uses == 4'b0001 || uses == 4'b1000)                 // a load or a store
            && (!unit[Rms] || (uses[3] && !uses[2]))                              // reads two
            && (!unit[Tmm] || (uses == 4'b1001 && va != vd))                      // a product has another source
            && (!unit[Top] || uses == 4'b1001)                                    // a list reads one
            && (unit[Lsu] || uses[3])                                             // all but stores write
            && (!chain || unit[Row] || unit[Rms] || unit[Top])
            && length != '0 && length <= (WordBits + 1)'(Words);
  endfunction
  `STERNA_RULE(LegalComes, 1'b1, legal(unit_i, uses_i, vd_i, va_i, chain_i, words_i))
  `STERNA_ASSERT(LegalNext, !next_valid_q || legal(next_unit_q, next_uses_q, next_vd_q, next_va_q, next_chain_q, next_words_q))
  `STERNA_ASSERT(NextOnlyWhileRunning, !next_valid_q || running)
  `STERNA_ASSERT(LegalHead, !head_valid || legal(head_unit, head_uses, head_vd, head_va, head_chain, head_words))

  // ------------------------------------------------------------------------------------------------------------ the design
  logic             issue;
  logic [15:0]      head_pc;
  logic [Units-1:0] start, busy, retire;
  logic [Units*16-1:0] retire_pc;
  logic [StatusBits-1:0] status;
  logic [31:0]      status_pc;
  logic [7:0]       cause;

  sterna_router #(
    .Registers  (Registers),
    .PayloadBits(PayloadBits)
  ) u_router (
    .clk_i, .rst_ni, .start_i, .running_o(running), .end_o(last), .status_o(status), .status_pc_o(status_pc),
    .valid_i(next_valid_q), .ready_o(ready), .pc_i(next_pc_q), .fault_i(next_fault_q), .halt_i(next_halt_q), .unit_i(next_unit_q),
    .sources_i(next_sources), .dest_i(next_dest),
    .payload_i({next_halt_q || next_fault_q != '0, next_words_q, next_unit_q, next_vd_q, next_va_q, next_vb_q, next_vc_q, next_uses_q,
                next_chain_q}),
    .coming_unit_i(unit_i), .coming_sources_i(coming_sources), .coming_dest_i(coming_dest), .coming_chain_i(chain_i), .pc_o(head_pc),
    .payload_o({head_ends, head_words, head_unit, head_vd, head_va, head_vb, head_vc, head_uses, head_chain}),
    .issue_o(issue), .unit_start_o(start), .unit_done_i(done_i), .unit_not_done_i(~done_i), .unit_error_i(error_i),
    .unit_due_i(Units'(due_i) << Rms), .unit_busy_o(busy),
    .cause_issue_o(cause[0]), .cause_fetch_o(cause[1]), .cause_unit_busy_o(cause[2]), .cause_raw_o(cause[3]),
    .cause_war_o(cause[4]), .cause_waw_o(cause[5]), .cause_port_o(cause[6]), .cause_drain_o(cause[7]),
    .retire_o(retire), .retire_pc_o(retire_pc)
  );

  logic [Reads-1:0]          taken, word_ready, file_complete;
  logic [Reads*(WordBits+1)-1:0] file_taken;  // words that each stream has taken, once each
  logic [7*BeatBits-1:0]     read_data;
  logic [Units*WordBits-1:0] write_addr;
  logic [4*BeatBits-1:0]     write_data;
  logic [31:0]               scale;

  sterna_register_file #(
    .BeatBits (BeatBits),
    .VecLen   (Words * BeatBits / 32),
    .Registers(Registers)
  ) u_file (
    .clk_i, .rst_ni, .clear_i(start_i), .issue_i(issue), .start_i(start), .vd_i(head_dest), .va_i(register_of(head_uses[0], head_va)),
    .vb_i(register_of(head_uses[1], head_vb)), .vc_i(register_of(head_uses[2], head_vc)), .words_i(head_words), .rd_en_i(ask_i), .rd_addr_i(addr_i),
    .rd_ready_o(word_ready), .rd_complete_o(file_complete), .rd_data_o(read_data), .wr_en_i(write_i), .wr_addr_i(write_addr), .wr_data_i(write_data),
    .scale_en_i(1'b0), .scale_i('0), .scale_o(scale)
  );

  // ------------------------------------------------------------------------------------------------- what is in flight
  logic [Registers-1:0] sources_q[Units], dest_q[Units];
  logic [1:0]           vd_q[Units];
  logic [1:0]           from_q[Reads];  // register of each stream
  logic [Reads-1:0]     used_q;         // by its unit's instruction
  logic [Units-1:0]     chain_q;
  logic [Units-1:0]     older_q[Units];  // in flight, too, and issued before
  logic [WordBits:0]    words_q[Units], count_q[Units];  // to be written, written
  logic [15:0]          pc_q[Units];
  logic [BeatBits-1:0]  want_q[Units];  // the version of Word that the instruction must read
  logic                 due_q;          // so it was a cycle ago
  logic                 early_q;        // the product was told of it
  logic [Reads-1:0]     mine;           // its unit is busy with an instruction that uses this stream
  logic [Units-1:0]     held;           // waits for words

  for (genvar s = 0; s < Reads; s++) begin : gen_stream
    localparam int unsigned Unit  = s == 0 ? Lsu : s <= 3 ? Row : s <= 5 ? Rms : s == 6 ? Tmm : Top;
    localparam int unsigned First = s == 0 ? 0 : s <= 3 ? 1 : s <= 5 ? 4 : s;
    always @(posedge clk_i) begin
      if (start[Unit]) begin
        from_q[s] <= s - First == 0 ? head_va : s - First == 1 ? head_vb : head_vc;
        used_q[s] <= head_uses[s - First];
      end
    end
    assign mine[s] = busy[Unit] && used_q[s];
    assign taken[s] = ask_i[s] && !held[Unit];
    `STERNA_RULE(AsksForItsOwn, 1'b1, !ask_i[s] || mine[s])
    // Word after word, or again.
    `STERNA_RULE(TakesInOrder, 1'b1, !ask_i[s] || Unit == Lsu || Unit == Tmm ||
        {1'b0, addr_i[s*WordBits +: WordBits]} <= file_taken[s*(WordBits + 1) +: WordBits + 1])
    // What it will overwrite it reads before.
    `STERNA_RULE(ReadsBeforeItWrites, 1'b1, !ask_i[s] || !dest_q[Unit][from_q[s]] ||
        {1'b0, addr_i[s*WordBits +: WordBits]} >= count_q[Unit])
    for (genvar t = First; t < s; t++) begin : gen_pair
      `STERNA_RULE(StreamsAgree, 1'b1, from_q[s] != from_q[t] ||
          addr_i[s*WordBits +: WordBits] == addr_i[t*WordBits +: WordBits])
    end
  end

  // Once due, a unit's words are due until it is done; a product that was told so takes them one by one, each when it is there.
  logic early_word;
  `PROOF_SEES([Units-1:0], \u_router.due_q )
  always @(posedge clk_i) begin
    due_q <= rst_ni && \u_router.due_q [Rms] && !done_i[Rms];
    if (start[Tmm]) early_q <= due_q;
  end
  assign early_word = early_q && busy[Rms] && dest_q[Rms][from_q[6]];
  `STERNA_RULE(DueUntilDone, 1'b1, due_i ? busy[Rms] : !(\u_router.due_q [Rms] && busy[Rms]))
  `STERNA_RULE(ThereWhenItIsDue, 1'b1, !ask_i[6] || !early_word ||
      ({1'b0, addr_i[6*WordBits +: WordBits]} < count_q[Rms] && {1'b0, addr_i[6*WordBits +: WordBits]} == file_taken[6*(WordBits + 1) +: WordBits + 1]))
  `STERNA_ASSERT(DueOnlyOfWhatRuns, (!due_q || \u_router.due_q [Rms]) && \u_router.due_q == (Units'(\u_router.due_q [Rms] && busy[Rms]) << Rms))

  // Load/Store and TMATMUL do not look whether their words are there.
  logic [Reads-1:0] waiting;
  assign waiting = ask_i & ~word_ready;
  assign held    = {waiting[7], 1'b0, waiting[5:4] != '0, waiting[3:1] != '0, 1'b0};

  logic [Units-1:0] goes_on;  // a unit has written a word, or is done
  assign goes_on = write_i | done_i;

  for (genvar u = 0; u < Units; u++) begin : gen_unit
    logic             reads_it, writes_it, wrote_it;  // Word
    logic [3:0]        idle_q;  // cycles in which it did not go on, though it might
    logic [WordBits:0] left;
    assign reads_it  = sources_q[u][Register];
    assign writes_it = dest_q[u][Register] && {1'b0, Word} < words_q[u];
    assign wrote_it  = {1'b0, Word} < count_q[u];
    assign left      = dest_q[u] == '0 ? '0 : words_q[u] - count_q[u];
    assign write_addr[u*WordBits +: WordBits] = count_q[u][WordBits-1:0];

    `STERNA_RULE(WritesWordByWord, 1'b1, !write_i[u] || (busy[u] && left != '0))
    `STERNA_RULE(DoneWithItsLastWord, 1'b1, !done_i[u] || (busy[u] && left == (WordBits + 1)'(write_i[u])))
    `STERNA_RULE(OnlyMemoryFails, 1'b1, u == Lsu || u == Tmm || error_i[u*2 +: 2] == 2'd0)
    `STERNA_RULE(MemoryAnswers, 1'b1, !busy[u] || held[u] || goes_on[u] || 32'(idle_q) + 1 < Patience)
    always @* if (!rst_ni) assume (!write_i[u]);  // units are reset, too

    always @(posedge clk_i) begin
      idle_q <= !rst_ni || !busy[u] || held[u] || goes_on[u] ? '0 : idle_q + 1'b1;
      if (start[u]) begin
        sources_q[u] <= head_sources;
        dest_q[u]    <= head_dest;
        vd_q[u]      <= head_vd;
        chain_q[u]   <= head_chain;
        words_q[u]   <= head_words;
        count_q[u]   <= '0;
        pc_q[u]      <= head_pc;
      end else begin
        count_q[u] <= count_q[u] + (WordBits + 1)'(write_i[u]);
      end
      older_q[u] <= (start[u] ? busy : older_q[u]) & ~done_i;
    end
  end
  logic [BeatBits-1:0] now_q, before_q, stored;  // of Word: below
  // RMS and the list share a bus.
  logic [BeatBits-1:0] unit_data[Units];
  for (genvar u = 0; u < Units; u++) begin : gen_data
    assign unit_data[u] = gen_unit[u].writes_it && count_q[u] == {1'b0, Word} ? now_q : data_i[u*BeatBits +: BeatBits];
  end
  assign write_data = {unit_data[Tmm], write_i[Top] ? unit_data[Top] : unit_data[Rms], unit_data[Row], unit_data[Lsu]};

  // ---------------------------------------------------------------------------------------------- Word, in program order
  // Its version by the last instruction issued that writes it, and the one before; what is in it at a reset is as good as any.
  logic overwrites;

  assign overwrites = start != '0 && head_dest[Register] && {1'b0, Word} < head_words;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      now_q    <= stored;
      before_q <= stored - 1'b1;
    end else if (overwrites) begin
      now_q    <= now_q + 1'b1;
      before_q <= now_q;
    end
    for (int unsigned u = 0; u < Units; u++) begin
      if (start[u]) want_q[u] <= now_q;
    end
  end
  `STERNA_ASSERT(VersionsDiffer, now_q == before_q + 8'd1)

  // What instructions get to see.
  for (genvar s = 0; s < Reads; s++) begin : gen_seen
    localparam int unsigned Unit = s == 0 ? Lsu : s <= 3 ? Row : s <= 5 ? Rms : s == 6 ? Tmm : Top;
    localparam int unsigned Bus  = s == 7 ? 4 : s;
    logic                looked_q;
    logic [BeatBits-1:0] wanted_q;
    always @(posedge clk_i) begin
      looked_q <= rst_ni && taken[s] && from_q[s] == Register && addr_i[s*WordBits +: WordBits] == Word;
      wanted_q <= want_q[Unit];
    end
    `STERNA_ASSERT(ReadsWhatProgramOrderSays, !looked_q || read_data[Bus*BeatBits +: BeatBits] == wanted_q)
    // A count that ran ahead would call a word ready that is not.
    `STERNA_ASSERT(ReadyIsWritten, !(mine[s] && ask_i[s] && word_ready[s] && from_q[s] == Register &&
        addr_i[s*WordBits +: WordBits] == Word) || stored == want_q[Unit] ||
        (dest_q[Unit][Register] && {1'b0, Word} < count_q[Unit]))
  end

  // ------------------------------------------------------------------------------------------------ hazards and owners
  for (genvar u = 0; u < Units; u++) begin : gen_pairs
    for (genvar v = 0; v < Units; v++) begin : gen_pair
      if (u != v) begin : gen_two
        logic both;
        assign both = busy[u] && busy[v];
        `STERNA_ASSERT(OneOwnerOfAReadPort, !both || (sources_q[u] & sources_q[v]) == '0)
        `STERNA_ASSERT(OneOwnerOfAWritePort, !both || (dest_q[u] & dest_q[v]) == '0)
        // Who reads what another writes is younger, and chained, or a product of what is due.
        `STERNA_ASSERT(ReadsWhileWrittenOnlyChained, !both || (sources_q[u] & dest_q[v]) == '0 ||
            (older_q[u][v] && (chain_q[u] || (u == Tmm && v == Rms && early_q && \u_router.due_q [Rms]))))
        `STERNA_ASSERT(OrderIsTotal, !both || older_q[u][v] != older_q[v][u])
        `STERNA_ASSERT(OrderIsOfThoseInFlight, !busy[u] || !older_q[u][v] || busy[v])
        for (genvar w = 0; w < Units; w++) begin : gen_third
          `STERNA_ASSERT(OrderIsTransitive, !(both && busy[w] && older_q[u][v] && older_q[v][w]) || (older_q[u][w] && u != w))
        end
      end
    end
    `STERNA_ASSERT(NotOlderThanItself, !busy[u] || !older_q[u][u])
  end
  `STERNA_ASSERT(SharedBuses, !(busy[Rms] && busy[Top]))
  `STERNA_ASSERT(NothingInFlightAtRest, running || busy == '0)
  `STERNA_ASSERT(OneIssueACycle, $onehot0(start) && (start == '0 || (head_valid && ready && start == head_unit)))

  // -------------------------------------------------------------------------------------------------------------- liveness
  for (genvar u = 0; u < Units; u++) begin : gen_live
    logic        oldest;
    logic [7:0]  rank, rank_q;
    logic        oldest_q;
    assign oldest = busy[u] && older_q[u] == '0;
    assign rank   = 8'(Patience) * (8'(gen_unit[u].left) + 8'd1) - 8'(gen_unit[u].idle_q);
    always @(posedge clk_i) begin
      oldest_q <= rst_ni && oldest && !done_i[u];
      rank_q   <= rank;
    end
    `STERNA_ASSERT(OldestNeverWaits, !oldest || !held[u])
    `STERNA_ASSERT(RankFalls, !oldest_q || (oldest && rank < rank_q))
    `STERNA_ASSERT(RankHasAnEnd, !busy[u] || (rank >= 1 && rank <= Patience * (Words + 1)))
    `STERNA_ASSERT(IdleIsBounded, gen_unit[u].idle_q < Patience)

    // Done is retired, with the PC that was issued.
    logic        ended_q;
    logic [15:0] ended_pc_q;
    always @(posedge clk_i) begin
      ended_q    <= rst_ni && done_i[u] && error_i[u*2 +: 2] == 2'd0;
      ended_pc_q <= pc_q[u];
    end
    `STERNA_ASSERT(Retires, retire[u] == ended_q && (!ended_q || retire_pc[u*16 +: 16] == ended_pc_q))
  end
  `STERNA_ASSERT(SomebodyIsOldest, busy == '0 || (gen_live[0].oldest || gen_live[1].oldest || gen_live[2].oldest ||
      gen_live[3].oldest || gen_live[4].oldest))
  `STERNA_ASSERT(TheHeadIssues, !(running && head_valid && busy == '0) || ready || last)

  // --------------------------------------------------------------------------- how the design's state stands to all this
  `PROOF_SEES(, \u_router.bus_fault_q ) `PROOF_SEES(, \u_router.stop_q ) `PROOF_SEES(, \u_router.ends_q )
  `PROOF_SEES(, \u_router.valid_q ) `PROOF_SEES(, \u_router.hold_q ) `PROOF_SEES(, \u_router.issue_q )
  `PROOF_SEES([Units-1:0], \u_router.unit_q )
  `PROOF_SEES([Registers-1:0], \u_router.sources_q ) `PROOF_SEES([Registers-1:0], \u_router.dest_q )
  `PROOF_SEES([5*Units-1:0], \u_router.next_way_q ) `PROOF_SEES([5*Units-1:0], \u_router.way_q )
  `PROOF_SEES([Units-1:0], \u_router.any_next_q ) `PROOF_SEES([Units-1:0], \u_router.any_q )
  `PROOF_SEES([Units+3:0], \u_router.between_q ) `PROOF_SEES([Units-1:0], \u_router.any_between_q )
  `PROOF_SEES(, \u_router.next_product_q )
  `STERNA_ASSERT(KnowsProducts, !next_valid_q || \u_router.next_product_q == next_unit_q[Tmm])
  assign head_valid = \u_router.valid_q ;
  // What was worked out a cycle ahead is what is so now.
  logic may_issue;
  assign may_issue = head_valid && !head_ends && !\u_router.bus_fault_q ;
  `STERNA_ASSERT(HeadIsItsPayload, !head_valid || (\u_router.sources_q == head_sources && \u_router.dest_q == head_dest &&
      \u_router.unit_q == head_unit && \u_router.ends_q == head_ends))
  `STERNA_ASSERT(StopsInTime, last || \u_router.stop_q == (\u_router.bus_fault_q || (head_valid && head_ends)))
  `STERNA_ASSERT(ReadyOrHeld, ready == (!head_valid || \u_router.issue_q ) && \u_router.hold_q == !ready)
  `STERNA_ASSERT(StartIsIssue, (start != '0) == \u_router.issue_q && (start == '0 || may_issue))
  `STERNA_ASSERT(NothingWaitsForNothing, !may_issue || (\u_router.issue_q == (\u_router.way_q == '0)))
  for (genvar u = 0; u < Units; u++) begin : gen_way
    logic [4:0] kinds, next_kinds;
    logic [4:0] waits, next_waits;  // but for what has just become due
    logic       shares;  // the next one's buses
    assign waits      = kinds & ~{1'b0, head_unit[Tmm] && \u_router.due_q [u], 3'b0};
    assign next_waits = next_kinds & ~{1'b0, next_unit_q[Tmm] && \u_router.due_q [u], 3'b0};
    assign shares     = next_unit_q[u] || (u == Rms && next_unit_q[Top]) || (u == Top && next_unit_q[Rms]);
    assign kinds      = {\u_router.way_q [4*Units+u], \u_router.way_q [3*Units+u], \u_router.way_q [2*Units+u],
                         \u_router.way_q [Units+u], \u_router.way_q [u]};
    assign next_kinds = {\u_router.next_way_q [4*Units+u], \u_router.next_way_q [3*Units+u], \u_router.next_way_q [2*Units+u],
                         \u_router.next_way_q [Units+u], \u_router.next_way_q [u]};
    `STERNA_ASSERT(InTheWay, !head_valid || kinds == (!busy[u] ? 5'd0 :
        {head_unit[u] || (u == Rms && head_unit[Top]) || (u == Top && head_unit[Rms]),
         (head_sources & dest_q[u]) != '0 && !head_chain && !(u == Rms && head_unit[Tmm] && due_q), (head_dest & sources_q[u]) != '0,
         (head_dest & dest_q[u]) != '0, (head_sources & sources_q[u]) != '0}))
    `STERNA_ASSERT(InTheWayOfTheNext, !next_valid_q || next_kinds == (!busy[u] ? 5'd0 :
        {shares, (next_sources & dest_q[u]) != '0 && !next_chain_q, (next_dest & sources_q[u]) != '0,
         (next_dest & dest_q[u]) != '0, (next_sources & sources_q[u]) != '0}))
    `STERNA_ASSERT(InAnyWay, (!head_valid || \u_router.any_q [u] == (waits != '0)) &&
        (!next_valid_q || \u_router.any_next_q [u] == (next_waits != '0)))
    `STERNA_ASSERT(BetweenInAUnit, !head_valid || !next_valid_q || (\u_router.between_q [4+u] == shares &&
        \u_router.any_between_q [u] == (shares || \u_router.between_q [3:0] != '0)))
  end
  `STERNA_ASSERT(Between, !head_valid || !next_valid_q || \u_router.between_q [3:0] ==
      {(next_sources & head_dest) != '0 && !next_chain_q, (next_dest & head_sources) != '0,
       (next_dest & head_dest) != '0, (next_sources & head_sources) != '0})
  for (genvar u = 0; u < Units; u++) begin : gen_kept
    `STERNA_ASSERT(CountsFit, !busy[u] || (words_q[u] != '0 && words_q[u] <= (WordBits + 1)'(Words) && count_q[u] <= words_q[u]
        && (dest_q[u] == '0 ? count_q[u] == '0 : dest_q[u] == Registers'(1'b1) << vd_q[u])))
    `STERNA_ASSERT(WhatItWants, !busy[u] || !gen_unit[u].reads_it ||
        want_q[u] == (gen_unit[u].writes_it ? before_q : now_q))
    `STERNA_ASSERT(OnlySomeChain, !busy[u] || !chain_q[u] || u == Row || u == Rms || u == Top)
  end
  for (genvar u = 1; u < Units; u++) begin : gen_writers
    `STERNA_ASSERT(AllButStoresHaveADest, !busy[u] || dest_q[u] != '0)
  end
  `STERNA_ASSERT(StoresReadOne, !busy[Lsu] || (used_q[0] ? dest_q[Lsu] == '0 : sources_q[Lsu] == '0))
  `STERNA_ASSERT(ProductReadsAnother, !busy[Tmm] || (used_q[6] && (sources_q[Tmm] & dest_q[Tmm]) == '0))
  for (genvar s = 0; s < Reads; s++) begin : gen_bound
    localparam int unsigned Unit = s == 0 ? Lsu : s <= 3 ? Row : s <= 5 ? Rms : s == 6 ? Tmm : Top;
    `STERNA_ASSERT(StreamIsASource, !mine[s] || sources_q[Unit][from_q[s]])
  end

  `PROOF_SEES([Registers-1:0], \u_router.reads_q[0] ) `PROOF_SEES([Registers-1:0], \u_router.writes_q[0] )
  `PROOF_SEES([15:0], \u_router.flight_pc_q[0] ) `PROOF_SEES([Registers-1:0], \u_file.writes_q[0] )
  `PROOF_SEES([Registers-1:0], \u_router.reads_q[1] ) `PROOF_SEES([Registers-1:0], \u_router.writes_q[1] )
  `PROOF_SEES([15:0], \u_router.flight_pc_q[1] ) `PROOF_SEES([Registers-1:0], \u_file.writes_q[1] )
  `PROOF_SEES([Registers-1:0], \u_router.reads_q[2] ) `PROOF_SEES([Registers-1:0], \u_router.writes_q[2] )
  `PROOF_SEES([15:0], \u_router.flight_pc_q[2] ) `PROOF_SEES([Registers-1:0], \u_file.writes_q[2] )
  `PROOF_SEES([Registers-1:0], \u_router.reads_q[3] ) `PROOF_SEES([Registers-1:0], \u_router.writes_q[3] )
  `PROOF_SEES([15:0], \u_router.flight_pc_q[3] ) `PROOF_SEES([Registers-1:0], \u_file.writes_q[3] )
  `PROOF_SEES([Registers-1:0], \u_router.reads_q[4] ) `PROOF_SEES([Registers-1:0], \u_router.writes_q[4] )
  `PROOF_SEES([15:0], \u_router.flight_pc_q[4] ) `PROOF_SEES([Registers-1:0], \u_file.writes_q[4] )
  `PROOF_SEES([1:0], \u_file.read_from_q[0] ) `PROOF_SEES([1:0], \u_file.read_from_q[1] )
  `PROOF_SEES([1:0], \u_file.read_from_q[2] ) `PROOF_SEES([1:0], \u_file.read_from_q[3] )
  `PROOF_SEES([1:0], \u_file.read_from_q[4] ) `PROOF_SEES([1:0], \u_file.read_from_q[5] )
  `PROOF_SEES([1:0], \u_file.read_from_q[6] ) `PROOF_SEES([1:0], \u_file.read_from_q[7] )
  `PROOF_SEES([Reads-1:0], \u_file.own_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[0] ) `PROOF_SEES(, \u_file.gen_ready[0].owed_q ) `PROOF_SEES(, \u_file.gen_ready[0].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[0].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[0].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[1] ) `PROOF_SEES(, \u_file.gen_ready[1].owed_q ) `PROOF_SEES(, \u_file.gen_ready[1].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[1].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[1].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[2] ) `PROOF_SEES(, \u_file.gen_ready[2].owed_q ) `PROOF_SEES(, \u_file.gen_ready[2].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[2].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[2].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[3] ) `PROOF_SEES(, \u_file.gen_ready[3].owed_q ) `PROOF_SEES(, \u_file.gen_ready[3].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[3].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[3].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[4] ) `PROOF_SEES(, \u_file.gen_ready[4].owed_q ) `PROOF_SEES(, \u_file.gen_ready[4].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[4].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[4].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[5] ) `PROOF_SEES(, \u_file.gen_ready[5].owed_q ) `PROOF_SEES(, \u_file.gen_ready[5].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[5].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[5].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[6] ) `PROOF_SEES(, \u_file.gen_ready[6].owed_q ) `PROOF_SEES(, \u_file.gen_ready[6].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[6].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[6].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.reads_q[7] ) `PROOF_SEES(, \u_file.gen_ready[7].owed_q ) `PROOF_SEES(, \u_file.gen_ready[7].took_q )
  `PROOF_SEES([WordBits:0], \u_file.gen_ready[7].lead_q ) `PROOF_SEES([WordBits:0], \u_file.gen_ready[7].taken_q )
  `PROOF_SEES([Registers-1:0], \u_file.complete_q ) `PROOF_SEES([Registers-1:0], \u_file.some_q )
  `PROOF_SEES([2:0], \u_file.gen_register[0].reader_q ) `PROOF_SEES([2:0], \u_file.gen_register[0].writer_q )
  `PROOF_SEES([1:0], \u_file.gen_register[0].not_wr_bus_q )
  `PROOF_SEES([2:0], \u_file.gen_register[1].reader_q ) `PROOF_SEES([2:0], \u_file.gen_register[1].writer_q )
  `PROOF_SEES([1:0], \u_file.gen_register[1].not_wr_bus_q )
  `PROOF_SEES([2:0], \u_file.gen_register[2].reader_q ) `PROOF_SEES([2:0], \u_file.gen_register[2].writer_q )
  `PROOF_SEES([1:0], \u_file.gen_register[2].not_wr_bus_q )
  `PROOF_SEES([2:0], \u_file.gen_register[3].reader_q ) `PROOF_SEES([2:0], \u_file.gen_register[3].writer_q )
  `PROOF_SEES([1:0], \u_file.gen_register[3].not_wr_bus_q )
  `PROOF_SEES([WordBits:0], \u_file.written_q[0] )
  `PROOF_SEES([WordBits:0], \u_file.gen_register[0].total_q )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[0].u_sram.mem[0] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[0].u_sram.mem[1] )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[0].u_sram.mem[2] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[0].u_sram.mem[3] )
  `PROOF_SEES([WordBits:0], \u_file.written_q[1] )
  `PROOF_SEES([WordBits:0], \u_file.gen_register[1].total_q )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[1].u_sram.mem[0] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[1].u_sram.mem[1] )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[1].u_sram.mem[2] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[1].u_sram.mem[3] )
  `PROOF_SEES([WordBits:0], \u_file.written_q[2] )
  `PROOF_SEES([WordBits:0], \u_file.gen_register[2].total_q )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[2].u_sram.mem[0] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[2].u_sram.mem[1] )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[2].u_sram.mem[2] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[2].u_sram.mem[3] )
  `PROOF_SEES([WordBits:0], \u_file.written_q[3] )
  `PROOF_SEES([WordBits:0], \u_file.gen_register[3].total_q )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[3].u_sram.mem[0] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[3].u_sram.mem[1] )
  `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[3].u_sram.mem[2] ) `PROOF_SEES([BeatBits-1:0], \u_file.gen_register[3].u_sram.mem[3] )

  logic [Units*Registers-1:0] reads, writes;
  logic [Units*16-1:0]        flight_pc;
  logic [Units*Registers-1:0] file_writes;
  logic [Reads*Registers-1:0] file_reads;
  logic [Registers*3-1:0]     reader, writer_of;
  logic [Registers*2-1:0]     bus_of;
  logic [Reads*(WordBits+1)-1:0] lead;
  logic [Reads-1:0]           owed, took;
  logic [Reads*2-1:0]         read_from;
  logic [Registers*(WordBits+1)-1:0] written, total;
  logic [Registers-1:0]              complete;
  logic [Registers*Words*BeatBits-1:0] words;
  assign reads = {\u_router.reads_q[4] , \u_router.reads_q[3] , \u_router.reads_q[2] , \u_router.reads_q[1] ,
                  \u_router.reads_q[0] };
  assign writes = {\u_router.writes_q[4] , \u_router.writes_q[3] , \u_router.writes_q[2] , \u_router.writes_q[1] ,
                   \u_router.writes_q[0] };
  assign flight_pc = {\u_router.flight_pc_q[4] , \u_router.flight_pc_q[3] , \u_router.flight_pc_q[2] ,
                      \u_router.flight_pc_q[1] , \u_router.flight_pc_q[0] };
  assign file_writes = {
      \u_file.writes_q[4] , \u_file.writes_q[3] , \u_file.writes_q[2] , \u_file.writes_q[1] , \u_file.writes_q[0] };
  assign file_reads = {
      \u_file.reads_q[7] , \u_file.reads_q[6] , \u_file.reads_q[5] , \u_file.reads_q[4] ,
      \u_file.reads_q[3] , \u_file.reads_q[2] , \u_file.reads_q[1] , \u_file.reads_q[0] };
  assign reader = {
      \u_file.gen_register[3].reader_q , \u_file.gen_register[2].reader_q ,
      \u_file.gen_register[1].reader_q , \u_file.gen_register[0].reader_q };
  assign writer_of = {
      \u_file.gen_register[3].writer_q , \u_file.gen_register[2].writer_q ,
      \u_file.gen_register[1].writer_q , \u_file.gen_register[0].writer_q };
  assign bus_of = ~{
      \u_file.gen_register[3].not_wr_bus_q , \u_file.gen_register[2].not_wr_bus_q ,
      \u_file.gen_register[1].not_wr_bus_q , \u_file.gen_register[0].not_wr_bus_q };
  assign lead = {
      \u_file.gen_ready[7].lead_q , \u_file.gen_ready[6].lead_q , \u_file.gen_ready[5].lead_q , \u_file.gen_ready[4].lead_q ,
      \u_file.gen_ready[3].lead_q , \u_file.gen_ready[2].lead_q , \u_file.gen_ready[1].lead_q , \u_file.gen_ready[0].lead_q };
  assign owed = {
      \u_file.gen_ready[7].owed_q , \u_file.gen_ready[6].owed_q , \u_file.gen_ready[5].owed_q , \u_file.gen_ready[4].owed_q ,
      \u_file.gen_ready[3].owed_q , \u_file.gen_ready[2].owed_q , \u_file.gen_ready[1].owed_q , \u_file.gen_ready[0].owed_q };
  assign took = {
      \u_file.gen_ready[7].took_q , \u_file.gen_ready[6].took_q , \u_file.gen_ready[5].took_q , \u_file.gen_ready[4].took_q ,
      \u_file.gen_ready[3].took_q , \u_file.gen_ready[2].took_q , \u_file.gen_ready[1].took_q , \u_file.gen_ready[0].took_q };
  assign file_taken = {
      \u_file.gen_ready[7].taken_q , \u_file.gen_ready[6].taken_q , \u_file.gen_ready[5].taken_q , \u_file.gen_ready[4].taken_q ,
      \u_file.gen_ready[3].taken_q , \u_file.gen_ready[2].taken_q , \u_file.gen_ready[1].taken_q , \u_file.gen_ready[0].taken_q };
  assign read_from = {\u_file.read_from_q[7] , \u_file.read_from_q[6] , \u_file.read_from_q[5] , \u_file.read_from_q[4] ,
                      \u_file.read_from_q[3] , \u_file.read_from_q[2] , \u_file.read_from_q[1] , \u_file.read_from_q[0] };
  assign written = {\u_file.written_q[3] , \u_file.written_q[2] , \u_file.written_q[1] , \u_file.written_q[0] };
  assign total = {\u_file.gen_register[3].total_q , \u_file.gen_register[2].total_q , \u_file.gen_register[1].total_q ,
                  \u_file.gen_register[0].total_q };
  assign complete = \u_file.complete_q ;
  assign words = {
      \u_file.gen_register[3].u_sram.mem[3] , \u_file.gen_register[3].u_sram.mem[2] ,
      \u_file.gen_register[3].u_sram.mem[1] , \u_file.gen_register[3].u_sram.mem[0] ,
      \u_file.gen_register[2].u_sram.mem[3] , \u_file.gen_register[2].u_sram.mem[2] ,
      \u_file.gen_register[2].u_sram.mem[1] , \u_file.gen_register[2].u_sram.mem[0] ,
      \u_file.gen_register[1].u_sram.mem[3] , \u_file.gen_register[1].u_sram.mem[2] ,
      \u_file.gen_register[1].u_sram.mem[1] , \u_file.gen_register[1].u_sram.mem[0] ,
      \u_file.gen_register[0].u_sram.mem[3] , \u_file.gen_register[0].u_sram.mem[2] ,
      \u_file.gen_register[0].u_sram.mem[1] , \u_file.gen_register[0].u_sram.mem[0] };
  assign stored = words[(Words * Register + Word)*BeatBits +: BeatBits];

  for (genvar u = 0; u < Units; u++) begin : gen_agrees
    `STERNA_ASSERT(Scoreboard, reads[u*Registers +: Registers] == (busy[u] ? sources_q[u] : '0) &&
        writes[u*Registers +: Registers] == (busy[u] ? dest_q[u] : '0))
    `STERNA_ASSERT(InFlight, !busy[u] || (file_writes[u*Registers +: Registers] == dest_q[u] && flight_pc[u*16 +: 16] == pc_q[u]))
  end
  for (genvar s = 0; s < Reads; s++) begin : gen_binding
    localparam int unsigned Unit = s == 0 ? Lsu : s <= 3 ? Row : s <= 5 ? Rms : s == 6 ? Tmm : Top;
    localparam int unsigned First = s == 0 ? 0 : s <= 3 ? 1 : s <= 5 ? 4 : s;
    localparam int unsigned Last  = s == 0 ? 0 : s <= 3 ? 3 : s <= 5 ? 5 : s;
    logic [WordBits:0] there;  // words that it may still take
    logic [2:0]        port;   // the stream whose address its register takes: its own, or another of its unit
    logic              counted;
    assign there   = lead[s*(WordBits + 1) +: WordBits + 1] + (WordBits + 1)'(owed[s]) - (WordBits + 1)'(took[s]);
    assign port    = reader[from_q[s]*3 +: 3];
    assign counted = mine[s] && !\u_file.own_q [s] && !complete[from_q[s]];
    `STERNA_ASSERT(StreamIsBound, !mine[s] || (read_from[s*2 +: 2] == from_q[s] &&
        file_reads[s*Registers +: Registers] == Registers'(1'b1) << from_q[s] &&
        \u_file.own_q [s] == dest_q[Unit][from_q[s]]))
    `STERNA_ASSERT(PortIsBound, !mine[s] || (port >= First && port <= Last && from_q[port] == from_q[s]))
    `STERNA_ASSERT(LeadIsWhatIsThere, !counted || (file_taken[s*(WordBits + 1) +: WordBits + 1] <= written[from_q[s]*(WordBits + 1) +: WordBits + 1]
        && there == written[from_q[s]*(WordBits + 1) +: WordBits + 1] - file_taken[s*(WordBits + 1) +: WordBits + 1]))
    `STERNA_ASSERT(TookWhatWasThere, !counted || lead[s*(WordBits + 1) +: WordBits + 1] >= (WordBits + 1)'(took[s]))
    `STERNA_ASSERT(ReadyInTime, !mine[s] || word_ready[s] == (!counted || there != '0))
    // The list reads Rms's bus.
    if (s == 7) begin : gen_list
      `STERNA_ASSERT(ListIsOnTheBusOfRms, !mine[s] || read_from[4*2 +: 2] == from_q[s])
    end
  end
  for (genvar r = 0; r < Registers; r++) begin : gen_counts
    logic [Units-1:0] writer;  // not all of it is written
    logic             count_agrees;
    always @* begin
      count_agrees = 1'b1;
      for (int unsigned u = 0; u < Units; u++) begin
        writer[u] = busy[u] && dest_q[u][r] && count_q[u] != words_q[u];
        if (writer[u]) begin
          count_agrees = count_agrees && written[r*(WordBits+1) +: WordBits + 1] == count_q[u]
                         && total[r*(WordBits+1) +: WordBits + 1] == words_q[u];
        end
      end
    end
    `STERNA_ASSERT(CountNeverRunsAhead, count_agrees)
    `STERNA_ASSERT(CompleteOnlyWhenWritten, complete[r] == (writer == '0))
    `STERNA_ASSERT(SomeIsWritten, \u_file.some_q [r] == (complete[r] || written[r*(WordBits+1) +: WordBits + 1] != '0))
    for (genvar u = 0; u < Units; u++) begin : gen_port
      `STERNA_ASSERT(WriterIsBound, !(busy[u] && dest_q[u][r]) ||
          (writer_of[r*3 +: 3] == u && bus_of[r*2 +: 2] == sterna_isa_pkg::WRITE_BUS[4*u +: 2]))
    end
  end
  // Word holds the version before while its writer has not come to it.
  logic [Units-1:0] due;
  for (genvar u = 0; u < Units; u++) begin : gen_due
    assign due[u] = busy[u] && gen_unit[u].writes_it && !gen_unit[u].wrote_it;
  end
  `STERNA_ASSERT(WordIsOfItsVersion, stored == (due != '0 ? before_q : now_q))

  // ------------------------------------------------------------------------------------------------- and all this can happen
  // In place of cover statements, which Yosys's solver does not know: it has to find a run in which all of this happens.
`ifdef PROOF_COVERS
  localparam int unsigned Happenings = 15 + Units;
  logic [Happenings-1:0] happens, happened_q;
  logic                  behind_a_load;  // Row reads what Load/Store is writing
  assign behind_a_load = busy[Lsu] && mine[1] && dest_q[Lsu][from_q[1]];
  assign happens[7:0]  = cause;
  assign happens[8]    = behind_a_load && taken[1];                  // a word that is there
  assign happens[9]    = behind_a_load && held[Row];                // one that is not
  assign happens[10]   = behind_a_load && busy[Top] && older_q[Top][Row] && (sources_q[Top] & dest_q[Row]) != '0;
  assign happens[11]   = $countones(busy) == 32'(Units) - 32'd1;    // RMS and the list share a bus
  assign happens[12]   = busy[Lsu] && dest_q[Lsu] == '0;            // a store
  assign happens[13]   = last && head_ends && cause[0];
  assign happens[14]   = !running && status == sterna_isa_pkg::STATUS_READ_ERROR;
  assign happens[Happenings-1:15] = retire;
  always @(posedge clk_i) begin
    happened_q <= first_q ? '0 : happened_q | (rst_ni ? happens : '0);
    NeverAllOfIt: assert (happened_q != '1);
  end
`endif

endmodule
