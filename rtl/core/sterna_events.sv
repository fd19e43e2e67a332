// SPDX-License-Identifier: Apache-2.0
// What the counters count in a cycle (counters): an increment for each of isa/isa.toml's.
//
// Handshake: none. Saturation of an instruction is looked at two cycles after its done.
// Latency: none, but for saturation and for the ports' beats, which come DieStages cycles late.
module sterna_events #(
  parameter int unsigned Channels      = 1,
  parameter int unsigned Lanes         = 1,
  parameter int unsigned DieStages     = 0,
  parameter int unsigned BeatsBits     = 1,
  parameter int unsigned SharedBits    = 1,
  parameter int unsigned IncrementBits = 1,
  localparam int unsigned Counters     = sterna_isa_pkg::COUNTERS,
  localparam int unsigned Units        = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni,

  // Issue.
  input  logic             running_i,
  input  logic [Lanes-1:0] active_i,
  input  logic [Units-1:0] unit_busy_i,
  input  logic [Units-1:0] unit_done_i,
  input  logic             cause_issue_i,
  input  logic             cause_fetch_i,
  input  logic             cause_unit_busy_i,
  input  logic             cause_raw_i,
  input  logic             cause_war_i,
  input  logic             cause_waw_i,
  input  logic             cause_port_i,
  input  logic             cause_drain_i,

  // Units.
  input  logic                   lsu_wait_dram_i,
  input  logic [Lanes-1:0]       row_divide_i,
  input  logic [Lanes-1:0]       row_wait_i,
  input  logic [Lanes-1:0]       rms_scalar_i,
  input  logic [Lanes-1:0]       rms_wait_i,
  input  logic [Lanes-1:0]       top_wait_i,
  input  logic [Lanes*Units-1:0] saturated_i,
  input  logic                   tmm_wait_dram_i,
  input  logic [BeatsBits-1:0]   tmm_beats_i,
  input  logic                   wait_block_i,
  input  logic                   wait_record_i,
  input  logic                   visited_i,
  input  logic                   visited_record_i,
  input  logic                   visited_hit_i,
  input  logic [SharedBits-1:0]  visit_shared_i,

  // Ports.
  input  logic [Channels-1:0] read_beat_i,
  input  logic [Channels-1:0] write_beat_i,
  input  logic [Channels-1:0] fff_beat_i,

  output logic [Counters*IncrementBits-1:0] increments_o
);
  localparam int unsigned Lsu = 32'(sterna_isa_pkg::UNIT_LSU);
  localparam int unsigned Row = 32'(sterna_isa_pkg::UNIT_ROW);
  localparam int unsigned Rms = 32'(sterna_isa_pkg::UNIT_RMS);
  localparam int unsigned Tmm = 32'(sterna_isa_pkg::UNIT_TMM);
  localparam int unsigned Top = 32'(sterna_isa_pkg::UNIT_TOP);
  localparam logic [Units-1:0] Saturates = sterna_isa_pkg::UNIT_SATURATES;

  // Saturation of an instruction is stable for a cycle at least after its done. Several units may be done at once; the counter
  // takes one a cycle.
  logic [Units-1:0] clamped, clamped_q, ended_q, ended2_q, counted;
  logic [1:0]       uncounted_q, uncounted_d;

  always_comb begin
    clamped = '0;
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (active_i[l]) clamped = clamped | (saturated_i[l*Units +: Units] & Saturates);
    end
    uncounted_d = uncounted_q - 2'(uncounted_q != '0);
    for (int unsigned u = 0; u < Units; u++) uncounted_d = uncounted_d + 2'(counted[u]);
  end

  assign counted = ended2_q & clamped_q;
  always_ff @(posedge clk_i) begin
    clamped_q <= clamped;
    if (!rst_ni) begin
      ended_q     <= '0;
      ended2_q    <= '0;
      uncounted_q <= '0;
    end else begin
      ended_q     <= unit_done_i;
      ended2_q    <= ended_q;
      uncounted_q <= uncounted_d;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ counters
  logic [Channels-1:0]               read_beat, write_beat, fff_beat;
  logic                              unused_beat, unused_beats;
  assign unused_beats = unused_beat;

  sterna_pipe_reg #(
    .Stages(DieStages),
    .Valids(3 * Channels)
  ) u_delay_beats (
    .clk_i,
    .rst_ni,
    .valid_i({read_beat_i, write_beat_i, fff_beat_i}),
    .data_i (1'b0),
    .valid_o({read_beat, write_beat, fff_beat}),
    .data_o (unused_beat)
  );

  always_comb begin
    increments_o = '0;
    increments_o[sterna_isa_pkg::COUNTER_CYCLES*IncrementBits]          = running_i;
    increments_o[sterna_isa_pkg::COUNTER_INSTRUCTIONS*IncrementBits]    = cause_issue_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_FETCH*IncrementBits]     = cause_fetch_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_UNIT_BUSY*IncrementBits] = cause_unit_busy_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_RAW*IncrementBits]       = cause_raw_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_WAR*IncrementBits]       = cause_war_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_WAW*IncrementBits]       = cause_waw_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_PORT*IncrementBits]      = cause_port_i;
    increments_o[sterna_isa_pkg::COUNTER_ISSUE_DRAIN*IncrementBits]     = cause_drain_i;
    increments_o[sterna_isa_pkg::COUNTER_LSU_BUSY*IncrementBits]        = unit_busy_i[Lsu];
    increments_o[sterna_isa_pkg::COUNTER_LSU_WAIT_DRAM*IncrementBits]   = lsu_wait_dram_i;
    increments_o[sterna_isa_pkg::COUNTER_ROW_BUSY*IncrementBits]        = unit_busy_i[Row];
    increments_o[sterna_isa_pkg::COUNTER_ROW_DIVIDE*IncrementBits]      = row_divide_i != '0;
    increments_o[sterna_isa_pkg::COUNTER_ROW_WAIT*IncrementBits]        = row_wait_i != '0;
    increments_o[sterna_isa_pkg::COUNTER_RMS_BUSY*IncrementBits]        = unit_busy_i[Rms];
    increments_o[sterna_isa_pkg::COUNTER_RMS_SCALAR*IncrementBits]      = rms_scalar_i != '0;
    increments_o[sterna_isa_pkg::COUNTER_RMS_WAIT*IncrementBits]        = rms_wait_i != '0;
    increments_o[sterna_isa_pkg::COUNTER_TMM_BUSY*IncrementBits]        = unit_busy_i[Tmm];
    increments_o[sterna_isa_pkg::COUNTER_TMM_WAIT_DRAM*IncrementBits]   = tmm_wait_dram_i;
    increments_o[sterna_isa_pkg::COUNTER_TOP_BUSY*IncrementBits]        = unit_busy_i[Top];
    increments_o[sterna_isa_pkg::COUNTER_TOP_WAIT*IncrementBits]        = top_wait_i != '0;
    increments_o[sterna_isa_pkg::COUNTER_SATURATED*IncrementBits]       = uncounted_q != '0;
    increments_o[sterna_isa_pkg::COUNTER_TMM_BEATS*IncrementBits +: IncrementBits] = IncrementBits'(tmm_beats_i);
    increments_o[sterna_isa_pkg::COUNTER_FFF_BLOCKS*IncrementBits]      = visited_i && !visited_record_i;
    increments_o[sterna_isa_pkg::COUNTER_FFF_RECORDS*IncrementBits]     = visited_i && visited_record_i;
    increments_o[sterna_isa_pkg::COUNTER_FFF_BLOCKS_HIT*IncrementBits]  = visited_i && visited_hit_i;
    increments_o[sterna_isa_pkg::COUNTER_FFF_WAIT_BLOCK*IncrementBits]  = wait_block_i;
    increments_o[sterna_isa_pkg::COUNTER_FFF_WAIT_RECORD*IncrementBits] = wait_record_i;
    if (visited_i && !visited_record_i) begin
      increments_o[sterna_isa_pkg::COUNTER_FFF_BLOCKS_SHARED*IncrementBits +: IncrementBits] = IncrementBits'(visit_shared_i);
    end
    if (visited_i && visited_record_i) begin
      increments_o[sterna_isa_pkg::COUNTER_FFF_RECORDS_SHARED*IncrementBits +: IncrementBits] = IncrementBits'(visit_shared_i);
    end
    for (int unsigned c = 0; c < Channels; c++) begin
      increments_o[sterna_isa_pkg::COUNTER_FFF_BEATS*IncrementBits +: IncrementBits] =
          increments_o[sterna_isa_pkg::COUNTER_FFF_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(fff_beat[c]);
      increments_o[sterna_isa_pkg::COUNTER_READ_BEATS*IncrementBits +: IncrementBits] =
          increments_o[sterna_isa_pkg::COUNTER_READ_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(read_beat[c]);
      increments_o[sterna_isa_pkg::COUNTER_WRITE_BEATS*IncrementBits +: IncrementBits] =
          increments_o[sterna_isa_pkg::COUNTER_WRITE_BEATS*IncrementBits +: IncrementBits]
          + IncrementBits'(write_beat[c]);
    end
  end
endmodule
