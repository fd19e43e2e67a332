// SPDX-License-Identifier: Apache-2.0
// Reads out the records of an FFFOUT that has too many to be held (fff_held): each channel's in the order in which they come, those of several channels side by
// side where no lane is meant by two. Behind them its sums go out.
//
// Commands: push_i, a visit of fff_walk: lanes, quad, channel; its record has words_i + 1 beats; last_i with FFFOUT's last. open_i: the
// records that are next are those of the FFFOUT that runs, until end_o.
// Handshake: no push_i from a cycle after full_o on, which says so three of them ahead, then. pop_o pops a channel's beat, of those valid_i says; what it is is on the channel's bus in that cycle, or on the only one. With all records, bus 0
// says last, meaning no lane: of each word in turn, the outputs are complete; BeatWords cycles apart, and each behind that word of all records. end_o with the last.
// Latency: two cycles from open_i to the first pop_o, a cycle between two records of a channel, which begin three cycles apart at least.
`include "rtl/assertions.svh"

module sterna_fff_records #(
  parameter int unsigned Channels  = 1,
  parameter int unsigned Lanes     = 1,
  parameter int unsigned Buses     = 1,  // to the lanes: Channels, or one
  parameter int unsigned BeatWords = 4,
  localparam int unsigned BusBits  = 19 + Lanes
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic             push_i,
  input  logic [Lanes-1:0] mask_i,
  input  logic [7:0]       quad_i,
  input  logic [1:0]       channel_i,
  input  logic [9:0]       words_i,
  input  logic             last_i,
  output logic             full_o,

  input  logic                open_i,
  input  logic [Channels-1:0] valid_i,
  output logic [Channels-1:0] may_pop_o,  // pop_o where valid_i says so, known ahead
  output logic [Channels-1:0] pop_o,
  output logic                end_o,
  output logic                wait_o,  // for beats

  output logic [Buses-1:0]         bus_valid_o,
  output logic [Buses*BusBits-1:0] bus_o  // {mask, last, word, quad}
);
  localparam int unsigned HeadBits = Lanes + 8 + 10 + 2;

  // Of each channel the next record, and the one that is read. An FFFOUT's end is in every channel, whether or not with a record.
  logic [Channels-1:0]       next_valid, next_real, next_end, full;
  logic [Channels*Lanes-1:0] next_masks, masks_q;
  logic [Channels*8-1:0]     next_quads, quads_q;
  logic [Channels*10-1:0]    next_words, words_q, word_q;
  logic [Channels-1:0]       run_q, last_q;  // a record is read; its next beat is its last
  logic [Channels-1:0]       idle_q, runs;   // !run_q by other registers, which have few readers; run_q's next
  logic [Channels-1:0]       over_q;         // it is FFFOUT's last in the channel, or there is none
  logic [Channels-1:0]       looked_q, meets, meets_q;  // what is next is known; it means a lane that another channel's record means
  logic [Channels-1:0]       wants, grants, skips, takes, taken_q;  // what is taken leaves its queue a cycle later
  logic                      drains_q;       // the sums of a word go out
  logic [9:0]                drain_q, drain_words_q;  // that one, or the next; the last
  logic                      all_over_q, passed_q;
  logic [1:0]                pause_q;

  assign full_o = full != '0;

  logic                push_q, end_q;
  logic [Channels-1:0] to_q;  // the channel whose record it is
  logic [HeadBits-3:0] new_q;

  always_ff @(posedge clk_i) begin
    push_q <= rst_ni && push_i;
    for (int unsigned c = 0; c < Channels; c++) to_q[c] <= Channels == 1 || channel_i == 2'(c);
    end_q  <= last_i;
    new_q  <= {mask_i, quad_i, words_i};
  end

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic [4:0] count;
    logic       unused_full;
    assign full[c] = count >= 5'd12;
    sterna_fifo #(
      .Width(HeadBits),
      .Depth(16)
    ) u_queue (
      .clk_i,
      .rst_ni,
      .push_i (push_q && (to_q[c] || end_q)),
      .data_i ({new_q, to_q[c], end_q}),
      .full_o (unused_full),
      .pop_i  (taken_q[c]),
      .valid_o(next_valid[c]),
      .data_o ({next_masks[Lanes*c+:Lanes], next_quads[8*c+:8], next_words[10*c+:10], next_real[c], next_end[c]}),
      .count_o(count)
    );
  end

  // ------------------------------------------------------------------------------------------------------ which are read
  // One begins at a time, the lowest channel's: so that whom the next ones mean may be compared with whom the others mean a cycle ahead.
  logic [Lanes-1:0] meant;

  always_comb begin
    meant = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      meant = '0;
      for (int unsigned o = 0; o < Channels; o++) begin
        if (o != c && run_q[o]) meant = meant | (Buses == 1 ? '1 : masks_q[Lanes*o+:Lanes]);
      end
      meets[c] = (next_masks[Lanes*c+:Lanes] & meant) != '0;
    end
  end

  assign wants  = looked_q & next_real & idle_q & ~over_q & ~meets_q;
  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      grants[c] = wants[c];
      for (int unsigned o = 0; o < c; o++) grants[c] = grants[c] && !wants[o];
    end
  end
  assign skips  = looked_q & ~next_real & ~over_q;
  assign takes  = grants | skips;
  assign may_pop_o = run_q & {Channels{!drains_q}};
  assign pop_o     = may_pop_o & valid_i;
  assign runs   = grants | (run_q & ~(pop_o & last_q));

  always_ff @(posedge clk_i) begin
    meets_q <= meets;
    if (!rst_ni) begin
      looked_q <= '0;
      taken_q  <= '0;
      run_q    <= '0;
      idle_q   <= '1;
      over_q   <= '0;
    end else begin
      looked_q <= next_valid & {Channels{open_i && !end_o && takes == '0 && taken_q == '0}};
      taken_q  <= takes;
      run_q    <= runs;
      idle_q   <= ~runs;
      over_q   <= (over_q | (takes & next_end)) & {Channels{!end_o}};
    end
    for (int unsigned c = 0; c < Channels; c++) begin
      if (grants[c]) begin
        masks_q[Lanes*c+:Lanes] <= next_masks[Lanes*c+:Lanes];
        quads_q[8*c+:8]         <= next_quads[8*c+:8];
        words_q[10*c+:10]       <= next_words[10*c+:10];
        word_q[10*c+:10]        <= '0;
        last_q[c]               <= next_words[10*c+:10] == '0;
      end else if (pop_o[c]) begin
        word_q[10*c+:10] <= word_q[10*c+:10] + 1'b1;
        last_q[c]        <= word_q[10*c+:10] + 1'b1 == words_q[10*c+:10];
      end
    end
  end

  // ---------------------------------------------------------------------------------------------------------------- sums
  // When the last records are under way, each word behind theirs.
  logic passed;

  always_comb begin
    passed = 1'b1;
    for (int unsigned c = 0; c < Channels; c++) passed = passed && (!run_q[c] || word_q[10*c+:10] > drain_q);
  end

  assign end_o = drains_q && drain_q == drain_words_q;

  always_ff @(posedge clk_i) begin
    passed_q <= passed;
    if (takes[0]) drain_words_q <= next_words[9:0];
    if (!rst_ni || end_o) begin
      all_over_q <= 1'b0;
      drains_q   <= 1'b0;
      drain_q    <= '0;
      pause_q    <= '0;
    end else begin
      all_over_q <= over_q == '1;
      drains_q   <= all_over_q && passed_q && pause_q == '0 && !drains_q;
      drain_q    <= drain_q + 10'(drains_q);
      pause_q    <= drains_q ? 2'(BeatWords - 2) : pause_q - 2'(pause_q != '0);
    end
  end

  assign wait_o = open_i && pop_o == '0 && !(all_over_q && run_q == '0);

  // --------------------------------------------------------------------------------------------------------------- buses
  always_comb begin
    bus_valid_o = '0;
    bus_o       = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (pop_o[c]) begin
        bus_valid_o[c%Buses] = 1'b1;
        bus_o[BusBits*(c%Buses)+:BusBits] = {masks_q[Lanes*c+:Lanes], 1'b0, word_q[10*c+:10], quads_q[8*c+:8]};
      end
    end
    if (drains_q) begin
      bus_valid_o[0]     = 1'b1;
      bus_o[BusBits-1:0] = {{Lanes{1'b0}}, 1'b1, drain_q, 8'd0};
    end
  end

  for (genvar c = 0; c < Channels; c++) begin : gen_check
    for (genvar o = 0; o < c; o++) begin : gen_other
      `STERNA_ASSERT(NoLaneTwice, !(run_q[c] && run_q[o]) || (Buses > 1 && (masks_q[Lanes*c+:Lanes] & masks_q[Lanes*o+:Lanes]) == '0))
    end
  end
endmodule
