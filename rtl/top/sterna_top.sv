// SPDX-License-Identifier: Apache-2.0
// The top of the design: AXI4-Lite control, AXI4 memory ports and an interrupt, as a Vitis kernel has them. Ports keep the names
// that Vivado expects; memory ports are flat vectors over the channels.
//
// Commands: the registers of isa/isa.toml over s_axi_control (control).
// Handshake: AXI4 and AXI4-Lite; ap_rst_n is synchronous and may come at any time, memory need not be reset with it (bus_drain).
// The trace is for the lockstep checker, and left open on a board.
// Parameters: each is checked against its limits here. rtl/config has the configurations that are tested.
`include "rtl/verilator.svh"

module sterna_top #(
  parameter int unsigned Channels     = 1,       // memory ports: 1, 2, 4, 8
  parameter int unsigned Lanes        = 1,       // sequences that share every fetched weight: 1 to 64
  parameter int unsigned BeatsPerStep = 1,       // beats of each channel that TMATMUL takes in a step: 1, 2
  parameter int unsigned BeatBits     = 512,     // width of a memory beat and of a register word: 64, 128, 256, 512
  parameter int unsigned VecLen       = 1024,    // elements of a vector register, a multiple of 64
  parameter int unsigned Registers    = 8,       // 2 to 16
  parameter int unsigned RomDepth     = 1024,    // instructions
  parameter int unsigned WeightFifo   = 512,     // beats of weights that each channel prefetches: a power of two, 512 or more
  parameter int unsigned Outstanding  = 256,     // of them on their way, at most: from the longest burst (4 KiB or 256 beats) to WeightFifo
  parameter int unsigned LaneStages   = 0,       // registers between what all lanes share and each lane: 0 to 4
  parameter int unsigned Dies         = 1,       // of the card, over which lanes and channels are spread: 1 to 4, LaneStages at least half of it
  parameter int unsigned FffTrees     = 0,       // trees of FFFIN and FFFOUT: 0, or MAX_TREES where BeatBits is 128 or more
  parameter int unsigned FffSlotBeats = 0,       // of each channel, that keep blocks of FFFINs on chip: 0, or a power of two from 512, with FffTrees
  parameter int unsigned ClockKhz     = 300000,  // what the configuration is meant for; the host reads it
  parameter              RomFile      = "",      // program for a board with no host (frontend/sterna_instr_rom.sv)
  localparam int unsigned Units = sterna_isa_pkg::UNITS,
  localparam bit          Fff          = FffTrees != 0,
  localparam int unsigned BurstReaders = Fff ? 2 : 1,  // of each channel's axi_mux: fff_stream, for which the lanes wait, and the weight stream
  localparam int unsigned IdBits       = 2
) (
  input  logic ap_clk,
  input  logic ap_rst_n,
  `STERNA_RESERVED_NAME_BEGIN
  output logic interrupt,  // Vitis wants this name
  `STERNA_RESERVED_NAME_END

  input  logic [11:0] s_axi_control_awaddr,
  input  logic        s_axi_control_awvalid,
  output logic        s_axi_control_awready,
  input  logic [31:0] s_axi_control_wdata,
  input  logic [3:0]  s_axi_control_wstrb,
  input  logic        s_axi_control_wvalid,
  output logic        s_axi_control_wready,
  output logic [1:0]  s_axi_control_bresp,
  output logic        s_axi_control_bvalid,
  input  logic        s_axi_control_bready,
  input  logic [11:0] s_axi_control_araddr,
  input  logic        s_axi_control_arvalid,
  output logic        s_axi_control_arready,
  output logic [31:0] s_axi_control_rdata,
  output logic [1:0]  s_axi_control_rresp,
  output logic        s_axi_control_rvalid,
  input  logic        s_axi_control_rready,

  // Flat over the channels.
  output logic [Channels*IdBits-1:0]     m_axi_awid,
  output logic [Channels*64-1:0]         m_axi_awaddr,
  output logic [Channels*8-1:0]          m_axi_awlen,
  output logic [Channels*3-1:0]          m_axi_awsize,
  output logic [Channels*2-1:0]          m_axi_awburst,
  output logic [Channels-1:0]            m_axi_awvalid,
  input  logic [Channels-1:0]            m_axi_awready,
  output logic [Channels*BeatBits-1:0]   m_axi_wdata,
  output logic [Channels*BeatBits/8-1:0] m_axi_wstrb,
  output logic [Channels-1:0]            m_axi_wlast,
  output logic [Channels-1:0]            m_axi_wvalid,
  input  logic [Channels-1:0]            m_axi_wready,
  input  logic [Channels*IdBits-1:0]     m_axi_bid,
  input  logic [Channels*2-1:0]          m_axi_bresp,
  input  logic [Channels-1:0]            m_axi_bvalid,
  output logic [Channels-1:0]            m_axi_bready,
  output logic [Channels*IdBits-1:0]     m_axi_arid,
  output logic [Channels*64-1:0]         m_axi_araddr,
  output logic [Channels*8-1:0]          m_axi_arlen,
  output logic [Channels*3-1:0]          m_axi_arsize,
  output logic [Channels*2-1:0]          m_axi_arburst,
  output logic [Channels-1:0]            m_axi_arvalid,
  input  logic [Channels-1:0]            m_axi_arready,
  input  logic [Channels*IdBits-1:0]     m_axi_rid,
  input  logic [Channels*BeatBits-1:0]   m_axi_rdata,
  input  logic [Channels*2-1:0]          m_axi_rresp,
  input  logic [Channels-1:0]            m_axi_rlast,
  input  logic [Channels-1:0]            m_axi_rvalid,
  output logic [Channels-1:0]            m_axi_rready,

  // For the lockstep checker; left open on a board.
  output logic        trace_issue_o,      // an instruction issues, HALT included
  output logic [15:0] trace_issue_pc_o,
  output logic [Units-1:0]    trace_retire_o,  // of all lanes; not of an instruction that met a bus error
  output logic [Units*16-1:0] trace_retire_pc_o
);

  localparam int unsigned CounterBits = $clog2(sterna_isa_pkg::COUNTERS);
  localparam int unsigned StatusBits  = sterna_isa_pkg::STATUS_BITS;
  localparam int unsigned RomAddrBits = $clog2(RomDepth);

  if (Channels != 1 && Channels != 2 && Channels != 4 && Channels != 8) begin : gen_bad_channels
    $error("sterna_top: Channels must be 1, 2, 4 or 8");
  end
  if (Lanes < 1 || Lanes > sterna_isa_pkg::MAX_LANES) begin : gen_bad_lanes
    $error("sterna_top: Lanes must be 1 to sterna_isa_pkg::MAX_LANES");
  end
  if (BeatsPerStep != 1 && BeatsPerStep != 2) begin : gen_bad_rate
    $error("sterna_top: BeatsPerStep must be 1 or 2");
  end
  if (WeightFifo < 512 || (1 << $clog2(WeightFifo)) != WeightFifo) begin : gen_bad_fifo
    $error("sterna_top: WeightFifo must be a power of two, at least 512");
  end
  if (Outstanding < (32768 / BeatBits < 256 ? 32768 / BeatBits : 256) || Outstanding > WeightFifo) begin : gen_bad_outstanding
    $error("sterna_top: Outstanding must be at least the longest burst, 4 KiB or 256 beats, and at most WeightFifo");
  end
  if (LaneStages > 4) begin : gen_bad_stages
    $error("sterna_top: LaneStages must be at most 4");
  end
  if (Dies < 1 || Dies > 4 || Dies / 2 > LaneStages) begin : gen_bad_dies
    $error("sterna_top: Dies must be 1 to 4, and LaneStages half of it or more");
  end
  if (BeatBits != 64 && BeatBits != 128 && BeatBits != 256 && BeatBits != 512) begin : gen_bad_beat
    $error("sterna_top: BeatBits must be 64, 128, 256 or 512");
  end
  if (VecLen < 64 || VecLen % 64 != 0 || VecLen > sterna_isa_pkg::MAX_VECTOR_LENGTH) begin : gen_bad_length
    $error("sterna_top: VecLen must be a multiple of 64, at most sterna_isa_pkg::MAX_VECTOR_LENGTH");
  end
  if (Registers < 2 || Registers > sterna_isa_pkg::MAX_REGISTERS) begin : gen_bad_registers
    $error("sterna_top: Registers must be 2 to sterna_isa_pkg::MAX_REGISTERS");
  end
  if (RomDepth < 2 || RomDepth > 65536) begin : gen_bad_rom
    $error("sterna_top: RomDepth must be 2 to 65536");
  end
  if (Fff && (FffTrees != sterna_isa_pkg::MAX_TREES || BeatBits < 128 || Channels > 4)) begin : gen_bad_trees
    $error("sterna_top: FffTrees must be 0 or sterna_isa_pkg::MAX_TREES, and 0 where BeatBits is below 128 or Channels above 4");
  end
  if (FffSlotBeats != 0 && (!Fff || FffSlotBeats < 512 || FffSlotBeats > 65536 || (1 << $clog2(FffSlotBeats)) != FffSlotBeats)) begin : gen_bad_slots
    $error("sterna_top: FffSlotBeats must be 0 or a power of two from 512 to 65536, and 0 without FffTrees");
  end
  if (ClockKhz < 1) begin : gen_bad_clock
    $error("sterna_top: ClockKhz must be at least 1");
  end

  // ------------------------------------------------------------------------------------------------------------- control
  logic                   start, program_end;
  logic [StatusBits-1:0]  status;
  logic [31:0]            status_pc, entry;
  logic [Lanes*32-1:0]    token;
  logic [Lanes-1:0]       lane_mask;
  logic                   prefill, fff_keep;
  logic [sterna_segment_pkg::WRITE_BITS-1:0] segment;
  logic                   rom_wr_en;
  logic [RomAddrBits-1:0] rom_wr_addr;
  logic [1:0]             rom_wr_word;
  logic [31:0]            rom_wr_data;
  logic [CounterBits-1:0] counter_index;
  logic [63:0]            counter;
  logic [Channels-1:0]    draining, far_draining;  // a channel has bursts outstanding from before a reset

  // Control is reset at once; a program that it starts waits until all is.
  localparam int unsigned DieStages = Dies / 2;
  logic            front_rst_n, resets, unused_draining;
  logic [Dies-1:0] die_rst_n;

  sterna_die_reset #(
    .Dies(Dies)
  ) u_die_reset (
    .clk_i       (ap_clk),
    .rst_ni      (ap_rst_n),
    .front_rst_no(front_rst_n),
    .die_rst_no  (die_rst_n),
    .resets_o    (resets)
  );

  sterna_pipe_reg #(
    .Stages(DieStages),
    .Valids(Channels)
  ) u_delay_draining (
    .clk_i  (ap_clk),
    .rst_ni (front_rst_n),
    .valid_i(far_draining),
    .data_i (1'b0),
    .valid_o(draining),
    .data_o (unused_draining)
  );

  sterna_control #(
    .Channels    (Channels),
    .Lanes       (Lanes),
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .FffTrees    (FffTrees),
    .ClockKhz    (ClockKhz)
  ) u_control (
    .clk_i          (ap_clk),
    .rst_ni         (ap_rst_n),
    .interrupt_o    (interrupt),
    .awaddr_i       (s_axi_control_awaddr),
    .awvalid_i      (s_axi_control_awvalid),
    .awready_o      (s_axi_control_awready),
    .wdata_i        (s_axi_control_wdata),
    .wstrb_i        (s_axi_control_wstrb),
    .wvalid_i       (s_axi_control_wvalid),
    .wready_o       (s_axi_control_wready),
    .bresp_o        (s_axi_control_bresp),
    .bvalid_o       (s_axi_control_bvalid),
    .bready_i       (s_axi_control_bready),
    .araddr_i       (s_axi_control_araddr),
    .arvalid_i      (s_axi_control_arvalid),
    .arready_o      (s_axi_control_arready),
    .rdata_o        (s_axi_control_rdata),
    .rresp_o        (s_axi_control_rresp),
    .rvalid_o       (s_axi_control_rvalid),
    .rready_i       (s_axi_control_rready),
    .draining_i     (draining != '0 || resets),
    .start_o        (start),
    .end_i          (program_end),
    .status_i       (status),
    .status_pc_i    (status_pc),
    .entry_o        (entry),
    .token_o        (token),
    .lane_mask_o    (lane_mask),
    .prefill_o      (prefill),
    .fff_keep_o     (fff_keep),
    .segment_o      (segment),
    .rom_wr_en_o    (rom_wr_en),
    .rom_wr_addr_o  (rom_wr_addr),
    .rom_wr_word_o  (rom_wr_word),
    .rom_wr_data_o  (rom_wr_data),
    .counter_index_o(counter_index),
    .counter_i      (counter)
  );

  // ---------------------------------------------------------------------------------------------------------------- core
  logic [Channels-1:0]          load_req_valid, load_req_ready, load_data_valid, load_data_ready;
  logic [Channels-1:0]          load_data_error;
  logic [63:0]                  load_req_addr;
  logic [31:0]                  load_req_lines;
  logic [Channels*BeatBits-1:0] load_data;
  logic [Channels-1:0]          store_req_valid, store_req_ready, store_data_valid, store_data_ready;
  logic [Channels-1:0]          store_resp_valid, store_resp_error;
  logic [63:0]                  store_req_addr;
  logic [31:0]                  store_req_lines;
  logic [BeatBits-1:0]          store_data;
  logic [Channels-1:0]          weight_ar_valid, weight_ar_ready, weight_r_valid, weight_r_error;
  logic [Channels*64-1:0]       weight_ar_addr;
  logic [Channels*9-1:0]        weight_ar_beats;
  logic [Channels*BeatBits-1:0] weight_r_data;
  logic [Channels-1:0]          fff_ar_valid, fff_ar_ready, fff_r_valid;
  logic [Channels*64-1:0]       fff_ar_addr;
  logic [Channels*9-1:0]        fff_ar_beats;
  logic [Channels-1:0]          read_beat, write_beat;

  sterna_core #(
    .Channels    (Channels),
    .Lanes       (Lanes),
    .BeatsPerStep(BeatsPerStep),
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Registers   (Registers),
    .RomDepth    (RomDepth),
    .WeightFifo  (WeightFifo),
    .Outstanding (Outstanding),
    .LaneStages  (LaneStages),
    .Dies        (Dies),
    .Fff         (Fff),
    .FffSlotBeats(FffSlotBeats),
    .RomFile     (RomFile)
  ) u_core (
    .clk_i             (ap_clk),
    .rst_ni            (front_rst_n),
    .die_rst_ni        (die_rst_n),
    .start_i           (start),
    .end_o             (program_end),
    .status_o          (status),
    .status_pc_o       (status_pc),
    .entry_i           (entry),
    .token_i           (token),
    .lane_mask_i       (lane_mask),
    .prefill_i         (prefill),
    .fff_keep_i        (fff_keep),
    .segment_i         (segment),
    .rom_wr_en_i       (rom_wr_en),
    .rom_wr_addr_i     (rom_wr_addr),
    .rom_wr_word_i     (rom_wr_word),
    .rom_wr_data_i     (rom_wr_data),
    .counter_index_i   (counter_index),
    .counter_o         (counter),
    .load_req_valid_o  (load_req_valid),
    .load_req_ready_i  (load_req_ready),
    .load_req_addr_o   (load_req_addr),
    .load_req_lines_o  (load_req_lines),
    .load_data_valid_i (load_data_valid),
    .load_data_ready_o (load_data_ready),
    .load_data_i       (load_data),
    .load_data_error_i (load_data_error),
    .store_req_valid_o (store_req_valid),
    .store_req_ready_i (store_req_ready),
    .store_req_addr_o  (store_req_addr),
    .store_req_lines_o (store_req_lines),
    .store_data_valid_o(store_data_valid),
    .store_data_ready_i(store_data_ready),
    .store_data_o      (store_data),
    .store_resp_valid_i(store_resp_valid),
    .store_resp_error_i(store_resp_error),
    .weight_ar_valid_o (weight_ar_valid),
    .weight_ar_ready_i (weight_ar_ready),
    .weight_ar_addr_o  (weight_ar_addr),
    .weight_ar_beats_o (weight_ar_beats),
    .weight_r_valid_i  (weight_r_valid),
    .weight_r_data_i   (weight_r_data),
    .weight_r_error_i  (weight_r_error),
    .fff_ar_valid_o    (fff_ar_valid),
    .fff_ar_ready_i    (fff_ar_ready),
    .fff_ar_addr_o     (fff_ar_addr),
    .fff_ar_beats_o    (fff_ar_beats),
    .fff_r_valid_i     (fff_r_valid),
    .read_beat_i       (read_beat),
    .write_beat_i      (write_beat),
    .trace_issue_o,
    .trace_issue_pc_o,
    .trace_retire_o,
    .trace_retire_pc_o
  );

  // -------------------------------------------------------------------------------------------------------------- memory
  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    localparam int unsigned Die = c * Dies / Channels;
    // fff_stream is the first of the burst readers, the weight stream the last.
    logic [BurstReaders-1:0]             ar_ready, r_valid;
    logic [$clog2(1 + BurstReaders)-1:0] awid, arid;

    assign weight_ar_ready[c] = ar_ready[BurstReaders-1];
    assign weight_r_valid[c]  = r_valid[BurstReaders-1];
    assign fff_ar_ready[c]    = Fff && ar_ready[0];
    assign fff_r_valid[c]     = Fff && r_valid[0];
    if (BurstReaders == 1) begin : gen_one_reader
      logic unused_ids;
      assign unused_ids = ^{m_axi_bid[c*IdBits+1], m_axi_rid[c*IdBits+1]};
    end
    assign m_axi_awid[c*IdBits +: IdBits] = IdBits'(awid);
    assign m_axi_arid[c*IdBits +: IdBits] = IdBits'(arid);

    logic                far_load_req_valid, far_load_req_ready, far_load_data_valid, far_load_data_ready, far_load_data_error;
    logic [63:0]         far_load_addr, far_store_addr;
    logic [31:0]         far_load_lines, far_store_lines;
    logic [BeatBits-1:0] far_load_data, far_store_data;
    logic                far_store_req_valid, far_store_req_ready, far_store_data_valid, far_store_data_ready;
    logic                far_store_resp_valid, far_store_resp_error;

    sterna_channel_link #(
      .BeatBits(BeatBits),
      .Stages  (DieStages)
    ) u_channel_link (
      .clk_i     (ap_clk),
      .rst_ni    (front_rst_n),
      .far_rst_ni(die_rst_n[Die]),
      .near_load_req_valid_i  (load_req_valid[c]),
      .near_load_req_ready_o  (load_req_ready[c]),
      .near_load_data_valid_o (load_data_valid[c]),
      .near_load_data_ready_i (load_data_ready[c]),
      .near_load_data_o       (load_data[c*BeatBits +: BeatBits]),
      .near_load_data_error_o (load_data_error[c]),
      .near_store_req_valid_i (store_req_valid[c]),
      .near_store_req_ready_o (store_req_ready[c]),
      .near_store_data_valid_i(store_data_valid[c]),
      .near_store_data_ready_o(store_data_ready[c]),
      .near_store_resp_valid_o(store_resp_valid[c]),
      .near_store_resp_error_o(store_resp_error[c]),
      .load_addr_i            (load_req_addr),
      .load_lines_i           (load_req_lines),
      .store_addr_i           (store_req_addr),
      .store_lines_i          (store_req_lines),
      .store_data_i           (store_data),
      .far_load_req_valid_o   (far_load_req_valid),
      .far_load_req_ready_i   (far_load_req_ready),
      .far_load_addr_o        (far_load_addr),
      .far_load_lines_o       (far_load_lines),
      .far_load_data_valid_i  (far_load_data_valid),
      .far_load_data_ready_o  (far_load_data_ready),
      .far_load_data_i        (far_load_data),
      .far_load_data_error_i  (far_load_data_error),
      .far_store_req_valid_o  (far_store_req_valid),
      .far_store_req_ready_i  (far_store_req_ready),
      .far_store_addr_o       (far_store_addr),
      .far_store_lines_o      (far_store_lines),
      .far_store_data_valid_o (far_store_data_valid),
      .far_store_data_ready_i (far_store_data_ready),
      .far_store_data_o       (far_store_data),
      .far_store_resp_valid_i (far_store_resp_valid),
      .far_store_resp_error_i (far_store_resp_error)
    );

    sterna_axi_mux #(
      .BeatBits    (BeatBits),
      .BurstReaders(BurstReaders),
      .BurstBeats  (Outstanding)
    ) u_axi_mux (
      .clk_i             (ap_clk),
      .rst_ni            (die_rst_n[Die]),
      .draining_o        (far_draining[c]),
      .load_req_valid_i  (far_load_req_valid),
      .load_req_ready_o  (far_load_req_ready),
      .load_req_addr_i   (far_load_addr),
      .load_req_lines_i  (far_load_lines),
      .load_data_valid_o (far_load_data_valid),
      .load_data_ready_i (far_load_data_ready),
      .load_data_o       (far_load_data),
      .load_data_error_o (far_load_data_error),
      .store_req_valid_i (far_store_req_valid),
      .store_req_ready_o (far_store_req_ready),
      .store_req_addr_i  (far_store_addr),
      .store_req_lines_i (far_store_lines),
      .store_data_valid_i(far_store_data_valid),
      .store_data_ready_o(far_store_data_ready),
      .store_data_i      (far_store_data),
      .store_resp_valid_o(far_store_resp_valid),
      .store_resp_error_o(far_store_resp_error),
      .burst_ar_valid_i  (BurstReaders'({weight_ar_valid[c], fff_ar_valid[c]} >> (2 - BurstReaders))),
      .burst_ar_ready_o  (ar_ready),
      .burst_ar_addr_i   ((BurstReaders * 64)'({weight_ar_addr[c*64 +: 64], fff_ar_addr[c*64 +: 64]} >> (64 * (2 - BurstReaders)))),
      .burst_ar_beats_i  ((BurstReaders * 9)'({weight_ar_beats[c*9 +: 9], fff_ar_beats[c*9 +: 9]} >> (9 * (2 - BurstReaders)))),
      .burst_r_valid_o   (r_valid),
      .burst_r_data_o    (weight_r_data[c*BeatBits +: BeatBits]),
      .burst_r_error_o   (weight_r_error[c]),
      .read_beat_o       (read_beat[c]),
      .write_beat_o      (write_beat[c]),
      .m_axi_awid_o      (awid),
      .m_axi_awaddr_o    (m_axi_awaddr[c*64 +: 64]),
      .m_axi_awlen_o     (m_axi_awlen[c*8 +: 8]),
      .m_axi_awsize_o    (m_axi_awsize[c*3 +: 3]),
      .m_axi_awburst_o   (m_axi_awburst[c*2 +: 2]),
      .m_axi_awvalid_o   (m_axi_awvalid[c]),
      .m_axi_awready_i   (m_axi_awready[c]),
      .m_axi_wdata_o     (m_axi_wdata[c*BeatBits +: BeatBits]),
      .m_axi_wstrb_o     (m_axi_wstrb[c*BeatBits/8 +: BeatBits/8]),
      .m_axi_wlast_o     (m_axi_wlast[c]),
      .m_axi_wvalid_o    (m_axi_wvalid[c]),
      .m_axi_wready_i    (m_axi_wready[c]),
      .m_axi_bid_i       (m_axi_bid[c*IdBits +: $bits(awid)]),
      .m_axi_bresp_i     (m_axi_bresp[c*2 +: 2]),
      .m_axi_bvalid_i    (m_axi_bvalid[c]),
      .m_axi_bready_o    (m_axi_bready[c]),
      .m_axi_arid_o      (arid),
      .m_axi_araddr_o    (m_axi_araddr[c*64 +: 64]),
      .m_axi_arlen_o     (m_axi_arlen[c*8 +: 8]),
      .m_axi_arsize_o    (m_axi_arsize[c*3 +: 3]),
      .m_axi_arburst_o   (m_axi_arburst[c*2 +: 2]),
      .m_axi_arvalid_o   (m_axi_arvalid[c]),
      .m_axi_arready_i   (m_axi_arready[c]),
      .m_axi_rid_i       (m_axi_rid[c*IdBits +: $bits(arid)]),
      .m_axi_rdata_i     (m_axi_rdata[c*BeatBits +: BeatBits]),
      .m_axi_rresp_i     (m_axi_rresp[c*2 +: 2]),
      .m_axi_rlast_i     (m_axi_rlast[c]),
      .m_axi_rvalid_i    (m_axi_rvalid[c]),
      .m_axi_rready_o    (m_axi_rready[c])
    );
  end

endmodule
