// SPDX-License-Identifier: Apache-2.0
// From the program to instructions that start: what a program begins with, fetch, ROM, decode, and the router.
//
// Commands: start_i runs the program at entry_i; go_o is when it begins, end_o its last cycle, status_o and status_pc_o say how it ended.
// Handshake: arguments are stable from start_i to end_o; it begins when idle_i says that nothing of the last one is outstanding. With issue_o an
// instruction (instr_o and what goes with it) starts in the unit of unit_start_o; unit_done_i, unit_error_i when that is done.
// The ROM's other port (prefetch_*) is the weight stream's.
// Latency: that of fetch, decode and router.
module sterna_issue #(
  parameter int unsigned Channels  = 1,
  parameter int unsigned Lanes     = 1,
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  parameter int unsigned RomDepth  = 1024,
  parameter bit          Fff       = 1'b0,
  parameter              RomFile   = "",
  localparam int unsigned StatusBits  = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned ResultBits  = sterna_isa_pkg::RESULT_BITS,
  localparam int unsigned RomAddrBits = $clog2(RomDepth),
  localparam int unsigned Units       = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni,

  // A program and its arguments.
  input  logic                   start_i,
  input  logic [31:0]            entry_i,
  input  logic [Lanes*32-1:0]    token_i,
  input  logic [Lanes-1:0]       lane_mask_i,
  input  logic                   prefill_i,
  input  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_i,  // sterna_segment_pkg::write_t, before the start
  input  logic                   idle_i,
  output logic                   go_o,
  output logic                   end_o,
  output logic                   running_o,
  output logic [StatusBits-1:0]  status_o,
  output logic [31:0]            status_pc_o,
  output logic [Lanes-1:0]       active_o,     // lanes that take part,
  output logic [Lanes-1:0]       carry_o,      // and those whose SCAN takes a carry
  output logic [31:0]            token_max_o,  // of the active lanes
  output logic [$clog2(sterna_isa_pkg::MAX_LANES)-1:0] last_lane_o,

  // The instruction ROM.
  input  logic                   rom_wr_en_i,
  input  logic [RomAddrBits-1:0] rom_wr_addr_i,
  input  logic [1:0]             rom_wr_word_i,
  input  logic [31:0]            rom_wr_data_i,
  input  logic                   prefetch_en_i,
  input  logic [RomAddrBits-1:0] prefetch_addr_i,
  output logic [127:0]           prefetch_data_o,

  // The instruction that starts.
  output logic                   issue_o,
  output logic [Units-1:0]       unit_start_o,
  output logic [15:0]            pc_o,
  output logic [127:0]           instr_o,
  output logic [4*Registers-1:0] operands_o,   // vc, vb, va, vd: one-hot, or none
  output logic [ResultBits-1:0]  result_o,     // what it writes to vd
  output logic [1:0]             reuse_o,      // rms_reuse's hits: amax, factor
  output logic [63:0]            line_addr_o,
  input  logic [Units-1:0]       unit_done_i,
  input  logic [Units-1:0]       unit_not_done_i,  // as router's
  input  logic [Units-1:0]       unit_due_i,  // as router's
  input  logic [Units*2-1:0]     unit_error_i,
  output logic [Units-1:0]       unit_busy_o,

  // For the counters: why nothing starts in this cycle, or that something does.
  output logic cause_issue_o,
  output logic cause_fetch_o,
  output logic cause_unit_busy_o,
  output logic cause_raw_o,
  output logic cause_war_o,
  output logic cause_waw_o,
  output logic cause_port_o,
  output logic cause_drain_o,

  output logic [Units-1:0]    retire_o,
  output logic [Units*16-1:0] retire_pc_o
);
  localparam int unsigned Rms = 32'(sterna_isa_pkg::UNIT_RMS);

  // ------------------------------------------------------------------------------------------------------ program start
  logic idle_q;  // until a program goes

  always_ff @(posedge clk_i) idle_q <= idle_i;

  sterna_program_start #(
    .Lanes(Lanes)
  ) u_program_start (
    .clk_i,
    .rst_ni,
    .start_i,
    .lane_mask_i,
    .prefill_i,
    .token_i,
    .stream_idle_i(idle_q),
    .active_o     (active_o),
    .carry_o      (carry_o),
    .token_max_o  (token_max_o),
    .last_lane_o  (last_lane_o),
    .go_o         (go_o)
  );

  // -------------------------------------------------------------------------------------------------- instruction stream
  logic                   rom_en;
  logic [RomAddrBits-1:0] rom_addr;
  logic [127:0]           rom_data;
  logic                   fetch_valid, fetch_overrun, fetch_ready;
  logic [31:0]            fetch_pc;
  logic                   program_end;

  sterna_fetch #(
    .RomDepth(RomDepth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .start_i   (go_o),
    .entry_i,
    .stop_i    (program_end),
    .rom_en_o  (rom_en),
    .rom_addr_o(rom_addr),
    .valid_o   (fetch_valid),
    .overrun_o (fetch_overrun),
    .pc_o      (fetch_pc),
    .ready_i   (fetch_ready)
  );

  sterna_instr_rom #(
    .Depth  (RomDepth),
    .RomFile(RomFile)
  ) u_instr_rom (
    .clk_i,
    .wr_en_i        (rom_wr_en_i),
    .wr_addr_i      (rom_wr_addr_i),
    .wr_word_i      (rom_wr_word_i),
    .wr_data_i      (rom_wr_data_i),
    .rd_en_i        (rom_en),
    .rd_addr_i      (rom_addr),
    .rd_data_o      (rom_data),
    .prefetch_en_i,
    .prefetch_addr_i,
    .prefetch_data_o
  );

  // The next instruction, and the head of the issue_o stage.
  logic                  next_valid, next_ready, next_halt;
  logic [31:0]           next_pc;
  logic [127:0]          next_instr;
  logic [StatusBits-1:0] next_fault;
  logic [Units-1:0]      next_unit;
  logic [Registers-1:0]  next_sources, next_dest;
  logic [4*Registers-1:0] next_operands;
  logic [Units-1:0]      coming_unit;  // behind the next one
  logic [Registers-1:0]  coming_sources, coming_dest;
  logic                  coming_chain;
  logic [ResultBits-1:0] next_result;
  logic [63:0]           next_line_addr;
  logic [Channels*64-1:0] unused_part_addr;  // the weight stream has a decoder of its own
  logic [31:0]           unused_part_lines;

  sterna_decode #(
    .VecLen   (VecLen),
    .Registers(Registers),
    .Channels (Channels),
    .Fff      (Fff)
  ) u_decode (
    .clk_i,
    .rst_ni,
    .flush_i    (program_end),
    .segment_i,
    .token_i    (token_max_o),
    .last_lane_i(last_lane_o),
    .valid_i    (fetch_valid),
    .ready_o    (fetch_ready),
    .overrun_i  (fetch_overrun),
    .pc_i       (fetch_pc),
    .instr_i    (rom_data),
    .valid_o    (next_valid),
    .ready_i    (next_ready),
    .pc_o       (next_pc),
    .instr_o    (next_instr),
    .fault_o    (next_fault),
    .halt_o     (next_halt),
    .unit_o     (next_unit),
    .operands_o (next_operands),
    .sources_o  (next_sources),
    .dest_o     (next_dest),
    .result_o   (next_result),
    .line_addr_o(next_line_addr),
    .coming_unit_o   (coming_unit),
    .coming_sources_o(coming_sources),
    .coming_dest_o   (coming_dest),
    .coming_chain_o  (coming_chain),
    .part_addr_o (unused_part_addr),
    .part_lines_o(unused_part_lines)
  );

  // The scalars that the RMS units will have when they come to the next instruction.
  logic [1:0] next_reuse;

  sterna_rms_reuse #(
    .LenBits($clog2(VecLen + 1))
  ) u_rms_reuse (
    .clk_i,
    .rst_ni       (rst_ni && !program_end),
    .valid_i      (next_valid && next_ready),
    .rms_i        (next_unit[Rms]),
    .writes_i     (next_result != sterna_isa_pkg::RESULT_NONE),
    .instr_i      (next_instr),
    .factor_hit_o (next_reuse[0]),
    .amax_hit_o   (next_reuse[1])
  );

  // -------------------------------------------------------------------------------------------------------------- router
  sterna_router #(
    .Registers  (Registers),
    .PayloadBits(64 + ResultBits + 2 + 4 * Registers + 128)
  ) u_router (
    .clk_i,
    .rst_ni,
    .start_i,
    .running_o        (running_o),
    .end_o            (program_end),
    .status_o,
    .status_pc_o,
    .valid_i          (next_valid),
    .ready_o          (next_ready),
    .pc_i             (next_pc),
    .fault_i          (next_fault),
    .halt_i           (next_halt),
    .unit_i           (next_unit),
    .sources_i        (next_sources),
    .dest_i           (next_dest),
    .payload_i        ({next_line_addr, next_result, next_reuse, next_operands, next_instr}),
    .coming_unit_i    (coming_unit),
    .coming_sources_i (coming_sources),
    .coming_dest_i    (coming_dest),
    .coming_chain_i   (coming_chain),
    .pc_o             (pc_o),
    .payload_o        ({line_addr_o, result_o, reuse_o, operands_o, instr_o}),
    .issue_o          (issue_o),
    .unit_start_o     (unit_start_o),
    .unit_done_i      (unit_done_i),
    .unit_not_done_i  (unit_not_done_i),
    .unit_due_i       (unit_due_i),
    .unit_error_i     (unit_error_i),
    .unit_busy_o      (unit_busy_o),
    .cause_issue_o    (cause_issue_o),
    .cause_fetch_o    (cause_fetch_o),
    .cause_unit_busy_o(cause_unit_busy_o),
    .cause_raw_o      (cause_raw_o),
    .cause_war_o      (cause_war_o),
    .cause_waw_o      (cause_waw_o),
    .cause_port_o     (cause_port_o),
    .cause_drain_o    (cause_drain_o),
    .retire_o         (retire_o),
    .retire_pc_o      (retire_pc_o)
  );

  assign end_o = program_end;
endmodule
