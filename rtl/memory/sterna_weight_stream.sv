// SPDX-License-Identifier: Apache-2.0
// Streams the weights of a whole program ahead of it, over all channels.
//
// Commands: start_i walks the program from entry_i on with a fetch and a decoder of its own, so that it judges an instruction
// just as the core will (programs are straight-line code, and must not store to their matrices). Each TMATMUL is a request to
// every channel; FFFIN and FFFOUT, whose addresses depend on data, go to fff_stream. HALT, or an instruction that would fault, ends the walk. stop_i flushes what is left.
// Handshake: a request waits until every channel has accepted its part (weight_channel: credits, R without ready). Beats are
// handed out to the Ternary MatMul in step: valid_o beats are there in every channel; pop_i pops those of pop_beats_i, which follow
// on data_o two cycles later; 2 * Stages more where so many registers lie between the channels and what is here. A bus error travels with its beat. A program may start while idle_o, which after stop_i waits for
// outstanding beats.
// Latency: 15 cycles from start_i to AR where the first instruction is a TMATMUL; one from R to valid_o.
`include "rtl/assertions.svh"

module sterna_weight_stream #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Registers    = 8,
  parameter int unsigned RomDepth     = 1024,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned FifoBeats    = 512,  // of each channel
  parameter int unsigned Outstanding  = 256,  // beats of each channel
  parameter bit          Fff          = 1'b0,
  parameter int unsigned Stages       = 0,
  localparam int unsigned RomAddrBits = $clog2(RomDepth),
  localparam int unsigned LaneBits    = $clog2(sterna_isa_pkg::MAX_LANES)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic [Channels-1:0] far_rst_ni,  // of each channel

  input  logic start_i,  // only while idle_o
  input  logic stop_i,   // the program has ended
  output logic idle_o,

  // Arguments of the program, stable while it runs.
  input  logic [31:0]            entry_i,
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t, before the start
  input  logic [31:0]            token_i,  // as decode's
  input  logic [LaneBits-1:0]    last_lane_i,

  output logic                   rom_en_o,
  output logic [RomAddrBits-1:0] rom_addr_o,
  input  logic [127:0]           rom_data_i,  // a cycle after rom_en_o, held

  // Each channel's axi_mux.
  output logic [Channels-1:0]          ar_valid_o,
  input  logic [Channels-1:0]          ar_ready_i,
  output logic [Channels*64-1:0]       ar_addr_o,
  output logic [Channels*9-1:0]        ar_beats_o,
  input  logic [Channels-1:0]          r_valid_i,
  input  logic [Channels*BeatBits-1:0] r_data_i,
  input  logic [Channels-1:0]          r_error_i,

  // fff_stream: FFFIN or FFFOUT.
  output logic                   walk_valid_o,
  input  logic                   walk_ready_i,
  output logic [127:0]           walk_instr_o,
  output logic [Channels*64-1:0] walk_addr_o,  // each channel's part
  input  logic                   few_i,        // FFFIN or FFFOUT runs, and waits for beats on the same ports: weight_channel's

  // Ternary MatMul.
  output logic [BeatsPerStep-1:0]                   valid_o,  // beat b, and those before it, in every channel
  input  logic                                      pop_i,
  input  logic [BeatsPerStep-1:0]                   pop_beats_i,  // with pop_i: beat b, and those before it, of every channel
  output logic [Channels*BeatsPerStep*BeatBits-1:0] data_o,   // of the pop then: beat b of channel c: part c*BeatsPerStep + b
  output logic [BeatsPerStep-1:0]                   error_o   // its beat b of some channel came with a bus error
);
  localparam int unsigned StatusBits = sterna_isa_pkg::STATUS_BITS;

  typedef enum logic [1:0] {Idle, Run, Flush} state_e;
  state_e state_q, state_d;

  logic [Channels-1:0] channel_idle;
  logic                run_q = 1'b0;  // the state is Run
  logic                settled;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:    if (start_i) state_d = Run;
      Run:     if (stop_i) state_d = Flush;
      default: if (settled && channel_idle == '1) state_d = Idle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= Idle;
    else state_q <= state_d;
    run_q <= rst_ni && state_d == Run;
  end

  // What channel_idle says is of Stages cycles ago, and a flush takes as long to the channels.
  if (Stages == 0) begin : gen_settled
    assign settled = 1'b1;
  end else begin : gen_settle
    logic [2*Stages:0] flush_q;
    always_ff @(posedge clk_i) flush_q <= {flush_q[2*Stages-1:0], rst_ni && state_q == Flush};
    assign settled = flush_q == '1;
  end

  assign idle_o = state_q == Idle;

  // ------------------------------------------------------------------------------------------------------ the program
  logic                   fetch_valid, fetch_ready, fetch_overrun;
  logic [31:0]            fetch_pc;
  logic                   head_valid, head_ready, head_halt;
  logic [StatusBits-1:0]  head_fault;
  logic [127:0]           head_instr;
  logic [Channels*64-1:0] part_addr;
  logic [31:0]            part_lines;

  sterna_fetch #(
    .RomDepth(RomDepth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .start_i,
    .entry_i,
    .stop_i,
    .rom_en_o,
    .rom_addr_o,
    .valid_o   (fetch_valid),
    .overrun_o (fetch_overrun),
    .pc_o      (fetch_pc),
    .ready_i   (fetch_ready)
  );

  // What only the core needs stays open.
  logic [31:0]          unused_pc;
  logic [sterna_isa_pkg::UNITS-1:0]       unused_unit, unused_coming_unit;
  logic [Registers-1:0] unused_sources, unused_dest, unused_coming_sources, unused_coming_dest;
  logic [4*Registers-1:0] unused_operands;
  logic                 unused_coming_chain;
  logic [sterna_isa_pkg::RESULT_BITS-1:0] unused_result;
  logic [63:0]          unused_line_addr;

  sterna_decode #(
    .VecLen   (VecLen),
    .Registers(Registers),
    .Channels (Channels),
    .Fff      (Fff)
  ) u_decode (
    .clk_i,
    .rst_ni,
    .flush_i     (stop_i),
    .segment_i,
    .token_i,
    .last_lane_i,
    .valid_i     (fetch_valid),
    .ready_o     (fetch_ready),
    .overrun_i   (fetch_overrun),
    .pc_i        (fetch_pc),
    .instr_i     (rom_data_i),
    .valid_o     (head_valid),
    .ready_i     (head_ready),
    .pc_o        (unused_pc),
    .instr_o     (head_instr),
    .fault_o     (head_fault),
    .halt_o      (head_halt),
    .unit_o      (unused_unit),
    .operands_o  (unused_operands),
    .sources_o   (unused_sources),
    .dest_o      (unused_dest),
    .result_o    (unused_result),
    .line_addr_o (unused_line_addr),
    .coming_unit_o   (unused_coming_unit),
    .coming_sources_o(unused_coming_sources),
    .coming_dest_o   (unused_coming_dest),
    .coming_chain_o  (unused_coming_chain),
    .part_addr_o (part_addr),
    .part_lines_o(part_lines)
  );

  // A matrix waits in registers until every channel has accepted its part; what ends the walk stays until the program's end. The
  // decoder's ready_i is a register.
  logic                head_ends, head_product, head_tree, request_valid_q, tree_q, accepted, ready_d;
  logic [Channels-1:0] req_valid, req_ready, accepted_q;
  logic [Channels*64-1:0] request_addr_q;
  logic [31:0]            request_lines_q;
  logic                   request_load;

  assign head_ends    = head_halt || head_fault != sterna_isa_pkg::STATUS_OK;
  assign head_tree    = Fff && sterna_isa_pkg::needs_fff(head_instr[sterna_isa_pkg::FIELD_OP_LSB +: sterna_isa_pkg::OP_BITS]);
  assign head_product = sterna_isa_pkg::access_of(head_instr[sterna_isa_pkg::FIELD_OP_LSB +: sterna_isa_pkg::OP_BITS])
                        == sterna_isa_pkg::ACCESS_MATRIX || head_tree;
  assign req_valid    = {Channels{request_valid_q && !tree_q}} & ~accepted_q;
  assign accepted     = tree_q ? walk_ready_i : (accepted_q | req_ready) == '1;
  assign ready_d      = head_ready ? !(head_valid && (head_ends || head_product)) : request_valid_q && accepted;
  assign walk_valid_o = request_valid_q && tree_q;
  assign walk_addr_o  = request_addr_q;
  assign request_load = !request_valid_q;

  if (Fff) begin : gen_tree
    always_ff @(posedge clk_i) begin
      if (request_load) begin
        tree_q       <= head_tree;
        walk_instr_o <= head_instr;
      end
    end
  end else begin : gen_no_tree
    logic unused_fields;
    assign unused_fields = ^{head_instr, walk_ready_i};
    assign tree_q        = 1'b0;
    assign walk_instr_o  = '0;
  end

  always_ff @(posedge clk_i) begin
    if (!run_q) begin
      head_ready      <= 1'b1;
      request_valid_q <= 1'b0;
      accepted_q      <= '0;
    end else begin
      head_ready      <= ready_d;
      request_valid_q <= head_ready ? head_valid && head_product && !head_ends : request_valid_q && !ready_d;
      accepted_q      <= head_ready || ready_d ? '0 : accepted_q | (req_valid & req_ready);
    end
    if (request_load) begin
      request_addr_q  <= part_addr;
      request_lines_q <= part_lines;
    end
  end

  // ---------------------------------------------------------------------------------------------------------- channels
  logic [Channels*BeatsPerStep-1:0] valid, kept, left, error;
  logic [BeatsPerStep-1:0]          all_kept, all_left;
  logic                             few_q;
  logic [Channels-1:0]              unused_room;

  always_ff @(posedge clk_i) few_q <= few_i;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    sterna_weight_channel #(
      .BeatBits    (BeatBits),
      .BeatsPerStep(BeatsPerStep),
      .FifoBeats   (FifoBeats),
      .Outstanding (Outstanding),
      .Stages      (Stages)
    ) u_weight_channel (
      .clk_i,
      .rst_ni,
      .far_rst_ni (far_rst_ni[c]),
      .run_i      (run_q),
      .few_i      (few_q),
      .idle_o     (channel_idle[c]),
      .req_valid_i(req_valid[c]),
      .req_ready_o(req_ready[c]),
      .req_addr_i (request_addr_q[64*c+:64]),
      .req_lines_i(request_lines_q),
      .ar_valid_o (ar_valid_o[c]),
      .ar_ready_i (ar_ready_i[c]),
      .ar_addr_o  (ar_addr_o[64*c+:64]),
      .ar_beats_o (ar_beats_o[9*c+:9]),
      .r_valid_i  (r_valid_i[c]),
      .r_data_i   (r_data_i[BeatBits*c+:BeatBits]),
      .r_error_i  (r_error_i[c]),
      .room_o     (unused_room[c]),
      .reserve_i  (1'b0),
      .given_i    (1'b0),
      .valid_o    (valid[BeatsPerStep*c+:BeatsPerStep]),
      .kept_o     (kept[BeatsPerStep*c+:BeatsPerStep]),
      .left_o     (left[BeatsPerStep*c+:BeatsPerStep]),
      .data_o     (data_o[BeatsPerStep*BeatBits*c+:BeatsPerStep*BeatBits]),
      .error_o    (error[BeatsPerStep*c+:BeatsPerStep]),
      .pop_i,
      .pop_beats_i
    );
  end

  always_comb begin
    all_kept = '1;
    all_left = '1;
    error_o  = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      all_kept = all_kept & kept[BeatsPerStep*c+:BeatsPerStep];
      all_left = all_left & left[BeatsPerStep*c+:BeatsPerStep];
      error_o  = error_o | error[BeatsPerStep*c+:BeatsPerStep];
    end
  end

  // A register of all channels: what decides on a pop comes late enough.
  always_ff @(posedge clk_i) begin
    if (!run_q) valid_o <= '0;
    else valid_o <= pop_i ? all_left : all_kept;
  end

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_known
    logic [Channels-1:0] beats;
    for (genvar c = 0; c < Channels; c++) begin : gen_channel_beat
      assign beats[c] = valid[BeatsPerStep*c+b];
    end
    `STERNA_ASSERT(ValidInEveryChannel, valid_o[b] == (beats == '1))
    logic unused_beats;
    assign unused_beats = &beats;
  end
endmodule
