// The machine without its memory port and its control bus: ROM, fetch, decode, router, registers, units, counters.
//
// Issue 4's room: more lanes give every unit its data path and every register its SRAM once more, in lockstep under this one
// router; more channels widen the weight stream. Both are decided by parameters that reach down from sterna_top.
module sterna_core #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  parameter int unsigned RomDepth  = 1024,
  parameter              RomFile   = "",
  localparam int unsigned Segments    = sterna_isa_pkg::SEGMENTS,
  localparam int unsigned Counters    = sterna_isa_pkg::COUNTERS,
  localparam int unsigned CounterBits = $clog2(Counters),
  localparam int unsigned StatusBits  = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned RomAddrBits = $clog2(RomDepth)
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Control: one program from start_i to end_o.
  input  logic                   start_i,
  output logic                   end_o,
  output logic [StatusBits-1:0]  status_o,
  output logic [31:0]            status_pc_o,
  input  logic [31:0]            entry_i,
  input  logic [31:0]            token_i,
  input  logic [Segments*64-1:0] seg_base_i,
  input  logic [Segments*32-1:0] seg_size_i,
  input  logic                   rom_wr_en_i,
  input  logic [RomAddrBits-1:0] rom_wr_addr_i,
  input  logic [1:0]             rom_wr_word_i,
  input  logic [31:0]            rom_wr_data_i,
  input  logic [CounterBits-1:0] counter_index_i,
  output logic [63:0]            counter_o,        // two cycles after counter_index_i

  // DRAM router.
  output logic                load_req_valid_o,
  input  logic                load_req_ready_i,
  output logic [63:0]         load_req_addr_o,
  output logic [31:0]         load_req_lines_o,
  input  logic                load_data_valid_i,
  output logic                load_data_ready_o,
  input  logic [BeatBits-1:0] load_data_i,
  input  logic                load_data_error_i,
  output logic                weight_req_valid_o,
  input  logic                weight_req_ready_i,
  output logic [63:0]         weight_req_addr_o,
  output logic [31:0]         weight_req_lines_o,
  input  logic                weight_data_valid_i,
  output logic                weight_data_ready_o,
  input  logic [BeatBits-1:0] weight_data_i,
  input  logic                weight_data_error_i,
  output logic                store_req_valid_o,
  input  logic                store_req_ready_i,
  output logic [63:0]         store_req_addr_o,
  output logic [31:0]         store_req_lines_o,
  output logic                store_data_valid_o,
  input  logic                store_data_ready_i,
  output logic [BeatBits-1:0] store_data_o,
  input  logic                store_resp_valid_i,
  input  logic                store_resp_error_i,
  input  logic                read_beat_i,
  input  logic                write_beat_i,

  // For the lockstep checker.
  output logic        trace_issue_o,
  output logic [15:0] trace_issue_pc_o,
  output logic [3:0]  trace_retire_o,
  output logic [63:0] trace_retire_pc_o
);

  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits);
  localparam int unsigned RegBits      = sterna_isa_pkg::FIELD_VD_BITS;
  localparam int unsigned Reads        = 7;
  localparam int unsigned Units        = 4;
  localparam int unsigned Lsu          = 0;
  localparam int unsigned Row          = 1;
  localparam int unsigned Rms          = 2;
  localparam int unsigned Tmm          = 3;

  // -------------------------------------------------------------------------------------------------- instruction stream
  logic                   rom_en;
  logic [RomAddrBits-1:0] rom_addr;
  logic [127:0]           rom_data;
  logic                   fetch_valid, fetch_overrun, fetch_ready;
  logic [31:0]            fetch_pc;
  logic                   program_end;

  fetch #(
    .RomDepth(RomDepth)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .start_i,
    .entry_i,
    .stop_i    (program_end),
    .rom_en_o  (rom_en),
    .rom_addr_o(rom_addr),
    .valid_o   (fetch_valid),
    .overrun_o (fetch_overrun),
    .pc_o      (fetch_pc),
    .ready_i   (fetch_ready)
  );

  instr_rom #(
    .Depth  (RomDepth),
    .RomFile(RomFile)
  ) u_instr_rom (
    .clk_i,
    .wr_en_i  (rom_wr_en_i),
    .wr_addr_i(rom_wr_addr_i),
    .wr_word_i(rom_wr_word_i),
    .wr_data_i(rom_wr_data_i),
    .rd_en_i  (rom_en),
    .rd_addr_i(rom_addr),
    .rd_data_o(rom_data)
  );

  logic                  head_valid, head_ready, head_halt;
  logic [31:0]           head_pc;
  logic [127:0]          head_instr;
  logic [StatusBits-1:0] head_fault;
  logic [Units-1:0]      head_unit;
  logic [Registers-1:0]  head_sources, head_dest;
  logic [63:0]           head_line_addr;
  logic [63:0]           unused_part_addr;  // the weight stream has a decoder of its own
  logic [31:0]           unused_part_lines;

  decode #(
    .VecLen   (VecLen),
    .Registers(Registers)
  ) u_decode (
    .clk_i,
    .rst_ni,
    .flush_i    (program_end),
    .seg_base_i,
    .seg_size_i,
    .token_i,
    .valid_i    (fetch_valid),
    .ready_o    (fetch_ready),
    .overrun_i  (fetch_overrun),
    .pc_i       (fetch_pc),
    .instr_i    (rom_data),
    .valid_o    (head_valid),
    .ready_i    (head_ready),
    .pc_o       (head_pc),
    .instr_o    (head_instr),
    .fault_o    (head_fault),
    .halt_o     (head_halt),
    .unit_o     (head_unit),
    .sources_o  (head_sources),
    .dest_o     (head_dest),
    .line_addr_o(head_line_addr),
    .part_addr_o (unused_part_addr),
    .part_lines_o(unused_part_lines)
  );

  // -------------------------------------------------------------------------------------------------------------- router
  logic [Units-1:0]   unit_start, unit_ready, unit_done, unit_busy;
  logic [Units*2-1:0] unit_error;
  logic               running;
  logic               cause_issue, cause_fetch, cause_unit_busy, cause_raw, cause_war, cause_waw;
  logic               cause_port, cause_drain;

  router #(
    .Registers(Registers)
  ) u_router (
    .clk_i,
    .rst_ni,
    .start_i,
    .running_o        (running),
    .end_o            (program_end),
    .status_o,
    .status_pc_o,
    .valid_i          (head_valid),
    .ready_o          (head_ready),
    .pc_i             (head_pc),
    .fault_i          (head_fault),
    .halt_i           (head_halt),
    .unit_i           (head_unit),
    .sources_i        (head_sources),
    .dest_i           (head_dest),
    .unit_start_o     (unit_start),
    .unit_ready_i     (unit_ready),
    .unit_done_i      (unit_done),
    .unit_error_i     (unit_error),
    .unit_busy_o      (unit_busy),
    .cause_issue_o    (cause_issue),
    .cause_fetch_o    (cause_fetch),
    .cause_unit_busy_o(cause_unit_busy),
    .cause_raw_o      (cause_raw),
    .cause_war_o      (cause_war),
    .cause_waw_o      (cause_waw),
    .cause_port_o     (cause_port),
    .cause_drain_o    (cause_drain),
    .retire_o         (trace_retire_o),
    .retire_pc_o      (trace_retire_pc_o)
  );

  assign end_o            = program_end;
  assign trace_issue_o    = cause_issue;
  assign trace_issue_pc_o = head_pc[15:0];

  // ----------------------------------------------------------------------------------------------------------- registers
  logic [Reads-1:0]              rd_en;
  logic [Reads*WordAddrBits-1:0] rd_addr;
  logic [Reads*BeatBits-1:0]     rd_data;
  logic [Units-1:0]              wr_en;
  logic [Units*WordAddrBits-1:0] wr_addr;
  logic [Units*BeatBits-1:0]     wr_data;
  logic                          scale_en;
  logic [31:0]                   rms_scale, tmm_scale;

  register_file #(
    .BeatBits (BeatBits),
    .VecLen   (VecLen),
    .Registers(Registers)
  ) u_register_file (
    .clk_i,
    .rst_ni,
    .clear_i   (start_i),
    .start_i   (unit_start),
    .vd_i      (head_instr[sterna_isa_pkg::FIELD_VD_LSB +: RegBits]),
    .va_i      (head_instr[sterna_isa_pkg::FIELD_VA_LSB +: RegBits]),
    .vb_i      (head_instr[sterna_isa_pkg::FIELD_VB_LSB +: RegBits]),
    .vc_i      (head_instr[sterna_isa_pkg::FIELD_VC_LSB +: RegBits]),
    .rd_en_i   (rd_en),
    .rd_addr_i (rd_addr),
    .rd_data_o (rd_data),
    .wr_en_i   (wr_en),
    .wr_addr_i (wr_addr),
    .wr_data_i (wr_data),
    .scale_en_i(scale_en),
    .scale_i   (rms_scale),
    .scale_o   (tmm_scale)
  );

  // --------------------------------------------------------------------------------------------------------------- units
  logic lsu_wait_dram, row_divide, rms_scalar, tmm_wait_dram, tmm_beat;

  load_store #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_load_store (
    .clk_i,
    .rst_ni,
    .start_i    (unit_start[Lsu]),
    .ready_o    (unit_ready[Lsu]),
    .instr_i    (head_instr),
    .done_o     (unit_done[Lsu]),
    .error_o    (unit_error[Lsu*2 +: 2]),
    .line_addr_i(head_line_addr),
    .rd_en_o    (rd_en[0]),
    .rd_addr_o  (rd_addr[0 +: WordAddrBits]),
    .rd_data_i  (rd_data[0 +: BeatBits]),
    .wr_en_o    (wr_en[Lsu]),
    .wr_addr_o  (wr_addr[Lsu*WordAddrBits +: WordAddrBits]),
    .wr_data_o  (wr_data[Lsu*BeatBits +: BeatBits]),
    .load_req_valid_o,
    .load_req_ready_i,
    .load_req_addr_o,
    .load_req_lines_o,
    .load_data_valid_i,
    .load_data_ready_o,
    .load_data_i,
    .load_data_error_i,
    .store_req_valid_o,
    .store_req_ready_i,
    .store_req_addr_o,
    .store_req_lines_o,
    .store_data_valid_o,
    .store_data_ready_i,
    .store_data_o,
    .store_resp_valid_i,
    .store_resp_error_i,
    .wait_dram_o(lsu_wait_dram)
  );

  row_wise #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_row_wise (
    .clk_i,
    .rst_ni,
    .start_i  (unit_start[Row]),
    .ready_o  (unit_ready[Row]),
    .instr_i  (head_instr),
    .done_o   (unit_done[Row]),
    .rd_en_o  (rd_en[3:1]),
    .rd_addr_o(rd_addr[1*WordAddrBits +: 3*WordAddrBits]),
    .rd_data_i(rd_data[1*BeatBits +: 3*BeatBits]),
    .wr_en_o  (wr_en[Row]),
    .wr_addr_o(wr_addr[Row*WordAddrBits +: WordAddrBits]),
    .wr_data_o(wr_data[Row*BeatBits +: BeatBits]),
    .divide_o (row_divide)
  );

  rms #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_rms (
    .clk_i,
    .rst_ni,
    .start_i   (unit_start[Rms]),
    .ready_o   (unit_ready[Rms]),
    .instr_i   (head_instr),
    .done_o    (unit_done[Rms]),
    .rd_en_o   (rd_en[5:4]),
    .rd_addr_o (rd_addr[4*WordAddrBits +: 2*WordAddrBits]),
    .rd_data_i (rd_data[4*BeatBits +: 2*BeatBits]),
    .wr_en_o   (wr_en[Rms]),
    .wr_addr_o (wr_addr[Rms*WordAddrBits +: WordAddrBits]),
    .wr_data_o (wr_data[Rms*BeatBits +: BeatBits]),
    .scale_en_o(scale_en),
    .scale_o   (rms_scale),
    .scalar_o  (rms_scalar)
  );

  ternary_matmul #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_ternary_matmul (
    .clk_i,
    .rst_ni,
    .start_i     (unit_start[Tmm]),
    .ready_o     (unit_ready[Tmm]),
    .instr_i     (head_instr),
    .done_o      (unit_done[Tmm]),
    .error_o     (unit_error[Tmm*2 +: 2]),
    .line_addr_i (head_line_addr),
    .rd_en_o     (rd_en[6]),
    .rd_addr_o   (rd_addr[6*WordAddrBits +: WordAddrBits]),
    .rd_data_i   (rd_data[6*BeatBits +: BeatBits]),
    .wr_en_o     (wr_en[Tmm]),
    .wr_addr_o   (wr_addr[Tmm*WordAddrBits +: WordAddrBits]),
    .wr_data_o   (wr_data[Tmm*BeatBits +: BeatBits]),
    .scale_i     (tmm_scale),
    .req_valid_o (weight_req_valid_o),
    .req_ready_i (weight_req_ready_i),
    .req_addr_o  (weight_req_addr_o),
    .req_lines_o (weight_req_lines_o),
    .data_valid_i(weight_data_valid_i),
    .data_ready_o(weight_data_ready_o),
    .data_i      (weight_data_i),
    .data_error_i(weight_data_error_i),
    .wait_dram_o (tmm_wait_dram),
    .beat_o      (tmm_beat)
  );

  // Only the units that reach memory can fail.
  assign unit_error[Row*2 +: 2] = 2'd0;
  assign unit_error[Rms*2 +: 2] = 2'd0;

  // ------------------------------------------------------------------------------------------------------------ counters
  logic [Counters-1:0] events;

  assign events[sterna_isa_pkg::COUNTER_CYCLES]          = running;
  assign events[sterna_isa_pkg::COUNTER_INSTRUCTIONS]    = cause_issue;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_FETCH]     = cause_fetch;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_UNIT_BUSY] = cause_unit_busy;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_RAW]       = cause_raw;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_WAR]       = cause_war;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_WAW]       = cause_waw;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_PORT]      = cause_port;
  assign events[sterna_isa_pkg::COUNTER_ISSUE_DRAIN]     = cause_drain;
  assign events[sterna_isa_pkg::COUNTER_LSU_BUSY]        = unit_busy[Lsu];
  assign events[sterna_isa_pkg::COUNTER_LSU_WAIT_DRAM]   = lsu_wait_dram;
  assign events[sterna_isa_pkg::COUNTER_ROW_BUSY]        = unit_busy[Row];
  assign events[sterna_isa_pkg::COUNTER_ROW_DIVIDE]      = row_divide;
  assign events[sterna_isa_pkg::COUNTER_RMS_BUSY]        = unit_busy[Rms];
  assign events[sterna_isa_pkg::COUNTER_RMS_SCALAR]      = rms_scalar;
  assign events[sterna_isa_pkg::COUNTER_TMM_BUSY]        = unit_busy[Tmm];
  assign events[sterna_isa_pkg::COUNTER_TMM_WAIT_DRAM]   = tmm_wait_dram;
  assign events[sterna_isa_pkg::COUNTER_TMM_BEATS]       = tmm_beat;
  assign events[sterna_isa_pkg::COUNTER_READ_BEATS]      = read_beat_i;
  assign events[sterna_isa_pkg::COUNTER_WRITE_BEATS]     = write_beat_i;

  counters u_counters (
    .clk_i,
    .clear_i   (start_i),
    .event_i   (events),
    .rd_index_i(counter_index_i),
    .rd_data_o (counter_o)
  );

endmodule
