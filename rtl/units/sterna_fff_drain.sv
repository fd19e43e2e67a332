// SPDX-License-Identifier: Apache-2.0
// What FFFIN says to the lanes beside control: of which block the groups are that the lanes' rescalers give, with their
// biases (sterna_ternary_pkg::fff_t).
//
// Commands: line_valid_i, a beat of a block's biases (fff_stream); set_end_i, the pop that ends a group set. A block's
// biases come before its last pop.
// Handshake: none; what is said of a group meets it in ternary_lane, Latency cycles after set_end_i. So eight blocks at most are
// on their way, of which the biases wait here.
// Latency: LaneStages + Latency cycles from set_end_i to its first group in fff_o.
`include "rtl/assertions.svh"

module sterna_fff_drain #(
  parameter int unsigned BeatBits   = 512,
  parameter int unsigned Channels   = 1,
  parameter int unsigned Lanes      = 1,
  parameter int unsigned LaneStages = 0,
  parameter int unsigned Latency    = 15,  // from a set's end to its first group, without LaneStages
  localparam int unsigned VisitBits = 13 + Lanes
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic                 line_valid_i,
  input  logic [BeatBits-1:0]  line_data_i,
  input  logic [9:0]           line_word_i,
  input  logic                 line_end_i,
  input  logic [VisitBits-1:0] line_visit_i,  // {mask, quad, channel (2 bits), record, last of its quad, last of all}
  input  logic                 set_end_i,

  output logic [sterna_ternary_pkg::FFF_BITS-1:0] fff_o,
  output logic [Lanes-1:0]                        mine_o
);
  localparam int unsigned WordsPerLine = 512 / BeatBits;
  localparam int unsigned WordElems    = BeatBits / 32;
  localparam int unsigned Trits        = sterna_isa_pkg::TRITS_PER_BYTE;
  localparam int unsigned GroupCycles  = (Trits + WordElems - 1) / WordElems;  // as ternary_lane's
  localparam int unsigned AtOnce       = sterna_ternary_pkg::fff_at_once(WordElems, Channels);
  localparam int unsigned Sets         = Channels == 1 ? 3 : 4 / Channels;     // of a block
  localparam int unsigned Slots        = 8;

  logic [Lanes-1:0] line_mask;
  logic [7:0]       line_quad;
  logic [1:0]       line_channel;
  logic             line_record, line_push, line_last;
  assign {line_mask, line_quad, line_channel, line_record, line_push, line_last} = line_visit_i;

  logic unused_visit;
  assign unused_visit = ^{line_quad, line_channel, line_record, line_push, line_last};

  // ------------------------------------------------------------------------------------------------------------ biases
  logic [2:0]           write_q, read_q;
  logic [511:0]         biases;
  logic [Lanes-1:0]     mask;
  logic                 drained;
  (* ram_style = "distributed" *) logic [Lanes-1:0] mask_mem[Slots];

  assign mask = mask_mem[read_q];

  for (genvar w = 0; w < WordsPerLine; w++) begin : gen_word
    (* ram_style = "distributed" *) logic [BeatBits-1:0] mem[Slots];
    always_ff @(posedge clk_i) begin
      if (line_valid_i && line_word_i[$clog2(WordsPerLine+1)-1:0] == $clog2(WordsPerLine + 1)'(w)) mem[write_q] <= line_data_i;
    end
    assign biases[BeatBits*w+:BeatBits] = mem[read_q];
  end

  always_ff @(posedge clk_i) begin
    if (line_valid_i) mask_mem[write_q] <= line_mask;
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
    end else begin
      write_q <= write_q + 3'(line_valid_i && line_end_i);
      read_q  <= read_q + 3'(drained);
    end
  end

  // ------------------------------------------------------------------------------------------------------------ groups
  // A set's groups come in their order in the block (control_t's turn), all at once or GroupCycles apart. The fourth piece, in the biases' channel, is none.
  logic [Latency-2:0] ended_q;
  logic               first, running_q, group, last_group;
  logic [1:0]         group_q, next, set_q;
  logic [1:0]         pause_q;
  logic [1:0]         piece;
  logic [2:0]         valid;

  assign first      = ended_q[Latency-2];
  assign group      = first || (running_q && pause_q == '0);
  assign next       = first ? '0 : group_q;
  assign last_group = group && (AtOnce > 1 || next == 2'(Channels - 1) || drained);
  assign drained    = group && (AtOnce > 1 ? set_q == 2'(Sets - 1) : piece == 2'd2);
  assign piece      = 2'(set_q * 2'(Channels)) + next;

  always_comb begin
    for (int unsigned g = 0; g < 3; g++) valid[g] = group && (AtOnce > 1 ? set_q == 2'(g / Channels) : piece == 2'(g));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ended_q   <= '0;
      running_q <= 1'b0;
      group_q   <= '0;
      set_q     <= '0;
      pause_q   <= '0;
    end else begin
      ended_q   <= {ended_q[Latency-3:0], set_end_i};
      running_q <= (first || running_q) && !last_group;
      if (group) group_q <= next + 1'b1;
      if (last_group) set_q <= drained ? '0 : set_q + 1'b1;
      pause_q   <= group ? 2'(GroupCycles - 1) : pause_q - 2'(pause_q != '0);
    end
  end

  // ------------------------------------------------------------------------------------------------------ to the lanes
  sterna_ternary_pkg::fff_t fff_d, fff_q, fff;

  always_comb begin
    fff_d             = '0;
    fff_d.group_valid = valid;
    for (int unsigned g = 0; g < 3; g++) begin
      if (valid[g]) fff_d.bias[160*(g%AtOnce)+:160] = biases[160*g+:160];
    end
    fff_d.block       = drained;
  end

  logic [Lanes-1:0] mine_q;

  always_ff @(posedge clk_i) begin
    fff_q  <= fff_d;
    mine_q <= mask;
    if (!rst_ni) begin
      fff_q.group_valid <= '0;
      fff_q.block       <= 1'b0;
    end
  end

  sterna_pipe_reg #(
    .Stages(LaneStages),
    .Valids(4),
    .Width (480 + Lanes)
  ) u_stages (
    .clk_i,
    .rst_ni,
    .valid_i({fff_q.group_valid, fff_q.block}),
    .data_i ({fff_q.bias, mine_q}),
    .valid_o({fff.group_valid, fff.block}),
    .data_o ({fff.bias, mine_o})
  );

  assign fff_o = fff;

  logic unused;
  assign unused = ^{biases[511:480], line_word_i};

  `STERNA_ASSERT(SetsFarApart, !first || !running_q)
endmodule
