// SPDX-License-Identifier: Apache-2.0
// One lane: the registers and units of one sequence.
//
// Commands: an instruction (start_i, a bit a unit); Load/Store's reads and writes of registers; steps of the Ternary MatMul.
// Handshake: start_i only while the lane's unit is idle (the router's doing); nothing that comes in can be stalled. SCAN's carry
// (carry_*) is the recurrence handed from lane to lane in prefill; vector chaining is the register file's rd_ready. done_o is high
// for one cycle a unit.
// Latency: Stages registers in and Stages registers out; SCAN's carry has one here and one in row_wise, whatever Stages.
//
// Nothing in here may depend on which lane it is: all share one copy of simulated code (docs/verilator.md).
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_lane #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Registers    = 8,
  parameter int unsigned Channels     = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned Stages       = 0,
  parameter int unsigned LaneStages   = 0,  // of them and those outside
  parameter bit          Fff          = 1'b0,
  parameter bit          Quads        = 1'b0,  // ternary_lane's
  parameter int unsigned Buses        = 1,     // likewise
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits),
  localparam int unsigned CodeBits     = 2 * sterna_isa_pkg::TRITS_PER_BYTE,  // of a byte of weights
  localparam int unsigned SumsBits     = 16 * sterna_isa_pkg::TRITS_PER_BYTE, // of a beat
  localparam int unsigned ResultBits   = sterna_isa_pkg::RESULT_BITS,
  localparam int unsigned Units        = sterna_isa_pkg::UNITS
) (
  input  logic clk_i,
  input  logic rst_ni  `STERNA_OPAQUE,

  // Of a program.
  input  logic clear_i   `STERNA_OPAQUE,  // it starts
  input  logic active_i  `STERNA_OPAQUE,  // this lane takes part
  input  logic carry_i   `STERNA_OPAQUE,  // its SCAN takes the previous lane's result

  // Issue; an idle lane sees none.
  input  logic                  issue_i  `STERNA_OPAQUE,
  input  logic [Units-1:0]      start_i  `STERNA_OPAQUE,  // with issue_i: its unit
  input  logic [4*Registers-1:0] operands_i  `STERNA_OPAQUE,  // vc, vb, va, vd: one-hot, or none
  input  logic [127:0]          instr_i  `STERNA_OPAQUE,
  input  logic [ResultBits-1:0] result_i  `STERNA_OPAQUE,  // what it writes to vd
  input  logic [1:0]            reuse_i  `STERNA_OPAQUE,   // rms_reuse's hits: amax, factor
  output logic [Units-1:0]      done_o,    // of the units that lie in the lane
  output logic                  due_o,     // of rms

  // Load/Store.
  input  logic                    load_en_i  `STERNA_OPAQUE,
  input  logic [WordAddrBits-1:0] load_addr_i  `STERNA_OPAQUE,
  input  logic [BeatBits-1:0]     load_data_i  `STERNA_OPAQUE,
  input  logic                    store_en_i  `STERNA_OPAQUE,
  input  logic [WordAddrBits-1:0] store_addr_i  `STERNA_OPAQUE,
  output logic                    store_valid_o,  // 2 * Stages + 1 cycles later
  output logic [BeatBits-1:0]     store_data_o,

  // SCAN's carry, from lane to lane.
  input  logic                carry_valid_i  `STERNA_OPAQUE,
  input  logic [BeatBits-1:0] carry_data_i  `STERNA_OPAQUE,
  output logic                carry_valid_o,
  output logic [BeatBits-1:0] carry_data_o,

  // Ternary MatMul.
  input  logic [sterna_ternary_pkg::CONTROL_BITS-1:0]              control_i  `STERNA_OPAQUE,
  input  logic [Channels*BeatsPerStep*BeatBits/8*CodeBits-1:0]     codes_i  `STERNA_OPAQUE,
  output logic [BeatsPerStep*BeatBits-1:0]                         activations_o,
  input  logic [Channels*BeatsPerStep*SumsBits-1:0]                sums_i  `STERNA_OPAQUE,
  output logic                                      ternary_done_o,
  input  logic [sterna_ternary_pkg::FFF_BITS-1:0]   fff_i  `STERNA_OPAQUE,
  input  logic                                      fff_mine_i  `STERNA_OPAQUE,  // this lane is meant
  input  logic [Buses-1:0]                          record_valid_i  `STERNA_OPAQUE,
  input  logic [Buses*sterna_ternary_pkg::RECORD_BITS-1:0] record_i  `STERNA_OPAQUE,
  input  logic [Buses-1:0]                          record_mine_i  `STERNA_OPAQUE,
  input  logic [BeatBits-1:0]                       record_data_i  `STERNA_OPAQUE,
  output logic                                      pick_valid_o,
  output logic [3:0]                                pick_o,

  // For the counters.
  output logic row_divide_o,
  output logic row_wait_o,
  output logic rms_scalar_o,
  output logic rms_wait_o,
  output logic top_wait_o,
  output logic [Units-1:0] saturated_o  // the unit's last instruction clamped an element, from the cycle after its done_o on
);

  `STERNA_ONE_COPY

  localparam int unsigned Lsu     = 32'(sterna_isa_pkg::UNIT_LSU);
  localparam int unsigned Row     = 32'(sterna_isa_pkg::UNIT_ROW);
  localparam int unsigned Rms     = 32'(sterna_isa_pkg::UNIT_RMS);
  localparam int unsigned Tmm     = 32'(sterna_isa_pkg::UNIT_TMM);
  localparam int unsigned Top     = 32'(sterna_isa_pkg::UNIT_TOP);

  // Streams of the register file: a unit's first one, and how many it has. Write streams are numbered as the units.
  localparam int unsigned Reads      = sterna_isa_pkg::READ_STREAMS;
  localparam int unsigned ReadBuses  = sterna_isa_pkg::READ_BUSES;
  localparam int unsigned WriteBuses = sterna_isa_pkg::WRITE_BUSES;
  localparam int unsigned LsuRead    = sterna_isa_pkg::READ_LSU;
  localparam int unsigned RowRead    = sterna_isa_pkg::READ_ROW;
  localparam int unsigned RowReads   = sterna_isa_pkg::READ_ROW_COUNT;
  localparam int unsigned RmsRead    = sterna_isa_pkg::READ_RMS;
  localparam int unsigned RmsReads   = sterna_isa_pkg::READ_RMS_COUNT;
  localparam int unsigned TmmRead    = sterna_isa_pkg::READ_TMM;
  localparam int unsigned TopRead    = sterna_isa_pkg::READ_TOP;

  // ------------------------------------------------------------------------------------------------------------- arrival
  logic [Units-1:0]      start;
  logic                  clear, issue;
  logic [4*Registers-1:0] operands;  // vc, vb, va, vd
  logic [127:0]          instr;
  logic [ResultBits-1:0] result;
  logic [1:0]            reuse;

  sterna_pipe_reg #(
    .Stages(Stages),
    .Valids(Units + 2),
    .Width (4 * Registers + ResultBits + 2 + 128)
  ) u_delay_start (
    .clk_i,
    .rst_ni,
    .valid_i({clear_i, issue_i, start_i}),
    .data_i ({operands_i, result_i, reuse_i, instr_i}),
    .valid_o({clear, issue, start}),
    .data_o ({operands, result, reuse, instr})
  );

  logic [Reads-1:0]              rd_en;
  logic [Reads*WordAddrBits-1:0] rd_addr;
  logic [Reads-1:0]              rd_ready, rd_complete;
  logic [ReadBuses*BeatBits-1:0] rd_data;
  logic [Units-1:0]              wr_en;
  logic [Units*WordAddrBits-1:0] wr_addr;
  logic [WriteBuses*BeatBits-1:0] wr_data;

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (WordAddrBits + BeatBits)
  ) u_delay_load (
    .clk_i,
    .rst_ni,
    .valid_i(load_en_i),
    .data_i ({load_addr_i, load_data_i}),
    .valid_o(wr_en[Lsu]),
    .data_o ({wr_addr[Lsu*WordAddrBits +: WordAddrBits], wr_data[Lsu*BeatBits +: BeatBits]})
  );

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (WordAddrBits)
  ) u_delay_store (
    .clk_i,
    .rst_ni,
    .valid_i(store_en_i),
    .data_i (store_addr_i),
    .valid_o(rd_en[LsuRead]),
    .data_o (rd_addr[LsuRead*WordAddrBits +: WordAddrBits])
  );

  // ----------------------------------------------------------------------------------------------------------- registers
  logic        scale_en;
  logic [31:0] rms_scale, tmm_scale;

  // Words that the instruction will write: whole lines.
  localparam int unsigned LenBits = sterna_isa_pkg::FIELD_LEN_BITS;
  logic [LenBits-1:0]    len, rows;
  logic [1:0]            blocks;    // of a path, but for the first
  logic [16:0]           elements;  // of 32 bits
  logic [WordAddrBits:0] words;

  assign len  = instr[sterna_isa_pkg::FIELD_LEN_LSB +: LenBits];
  assign rows = LenBits'(instr[sterna_isa_pkg::FIELD_ROWS_LSB +: sterna_isa_pkg::FIELD_ROWS_BITS]);

  assign blocks = instr[sterna_isa_pkg::FIELD_DEPTH_LSB+2 +: 2];

  always_comb begin
    if (result == sterna_isa_pkg::RESULT_ROWS) elements = 17'(rows);
    else if (result == sterna_isa_pkg::RESULT_Q8) elements = (17'(len) + 17'd3) >> 2;
    else if (Fff && result == sterna_isa_pkg::RESULT_PATH)  // path_elements of sterna_ternary_pkg: a lane calls no function, and has no time for a product
      elements = {6'b0, 9'(rows[6:0]) + (blocks[0] ? 9'(rows[6:0]) : '0) + (blocks[1] ? {1'b0, rows[6:0], 1'b0} : '0), 2'b00};
    else if (result == sterna_isa_pkg::RESULT_LIST) elements = 17'(2 * sterna_isa_pkg::TOP_ENTRIES);
    else elements = 17'(len);
  end
  assign words  = (WordAddrBits + 1)'(((32'(elements) + 32'd15) >> 4) * (512 / BeatBits));

  sterna_register_file #(
    .BeatBits (BeatBits),
    .VecLen   (VecLen),
    .Registers(Registers)
  ) u_register_file (
    .clk_i,
    .rst_ni,
    .clear_i   (clear),
    .issue_i   (issue),
    .start_i   (start),
    .vd_i      (operands[0 +: Registers]),
    .va_i      (operands[Registers +: Registers]),
    .vb_i      (operands[2*Registers +: Registers]),
    .vc_i      (operands[3*Registers +: Registers]),
    .words_i   (words),
    .rd_en_i   (rd_en),
    .rd_addr_i (rd_addr),
    .rd_ready_o(rd_ready),
    .rd_complete_o(rd_complete),
    .rd_data_o (rd_data),
    .wr_en_i   (wr_en),
    .wr_addr_i (wr_addr),
    .wr_data_i (wr_data),
    .scale_en_i(scale_en),
    .scale_i   (rms_scale),
    .scale_o   (tmm_scale)
  );

  // --------------------------------------------------------------------------------------------------------------- units
  // Load/Store and the shared part of the Ternary MatMul are outside.
  logic [Units-1:0]    ready, done, saturated;
  logic                due;
  logic [BeatBits-1:0] rms_data;
  logic                list_q;    // TOPK came last: it and RMS share their buses, and never run at once

  assign ready[Lsu]     = 1'b1;
  assign done[Lsu]      = 1'b0;
  assign saturated[Lsu] = 1'b0;
  assign ready[Tmm]     = 1'b1;
  assign done[Tmm]      = 1'b0;
  assign saturated[Top] = 1'b0;

  sterna_row_wise #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_row_wise (
    .clk_i,
    .rst_ni,
    .start_i  (start[Row]),
    .ready_o  (ready[Row]),
    .instr_i  (instr),
    .done_o   (done[Row]),
    .rd_en_o  (rd_en[RowRead +: RowReads]),
    .rd_addr_o(rd_addr[RowRead*WordAddrBits +: RowReads*WordAddrBits]),
    .rd_ready_i(rd_ready[RowRead +: RowReads]),
    .rd_data_i(rd_data[RowRead*BeatBits +: RowReads*BeatBits]),
    .wr_en_o  (wr_en[Row]),
    .wr_addr_o(wr_addr[Row*WordAddrBits +: WordAddrBits]),
    .wr_data_o(wr_data[Row*BeatBits +: BeatBits]),
    .carry_i,
    .carry_valid_i,
    .carry_data_i,
    .divide_o (row_divide_o),
    .wait_o   (row_wait_o),
    .saturated_o(saturated[Row])
  );

  sterna_rms #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen),
    .Ahead   (LaneStages)
  ) u_rms (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .start_i      (start[Rms]),
    .ready_o      (ready[Rms]),
    .factor_hit_i (reuse[0]),
    .amax_hit_i   (reuse[1]),
    .instr_i      (instr),
    .done_o       (done[Rms]),
    .due_o        (due),
    .rd_ready_i   (rd_ready[RmsRead +: RmsReads]),
    .rd_complete_i(rd_complete[RmsRead]),
    .rd_en_o      (rd_en[RmsRead +: RmsReads]),
    .rd_addr_o    (rd_addr[RmsRead*WordAddrBits +: RmsReads*WordAddrBits]),
    .rd_data_i    (rd_data[RmsRead*BeatBits +: RmsReads*BeatBits]),
    .wr_en_o      (wr_en[Rms]),
    .wr_addr_o    (wr_addr[Rms*WordAddrBits +: WordAddrBits]),
    .wr_data_o    (rms_data),
    .scale_en_o   (scale_en),
    .scale_o      (rms_scale),
    .scalar_o     (rms_scalar_o),
    .wait_o       (rms_wait_o),
    .saturated_o(saturated[Rms])
  );

  logic       pick_valid;
  logic [3:0] pick;

  sterna_ternary_lane #(
    .BeatBits    (BeatBits),
    .VecLen      (VecLen),
    .Channels    (Channels),
    .BeatsPerStep(BeatsPerStep),
    .Fff         (Fff),
    .Quads       (Quads),
    .Buses       (Buses)
  ) u_ternary_lane (
    .clk_i,
    .rst_ni,
    .active_i,
    .control_i,
    .codes_i,
    .activations_o,
    .sums_i,
    .scale_i  (tmm_scale),
    .rd_en_o  (rd_en[TmmRead]),
    .rd_addr_o(rd_addr[TmmRead*WordAddrBits +: WordAddrBits]),
    .rd_data_i(rd_data[TmmRead*BeatBits +: BeatBits]),
    .wr_en_o  (wr_en[Tmm]),
    .wr_addr_o(wr_addr[Tmm*WordAddrBits +: WordAddrBits]),
    .wr_data_o(wr_data[Tmm*BeatBits +: BeatBits]),
    .done_o   (ternary_done_o),
    .fff_i,
    .fff_mine_i,
    .record_valid_i,
    .record_i,
    .record_mine_i,
    .record_data_i,
    .pick_valid_o(pick_valid),
    .pick_o   (pick),
    .saturated_o(saturated[Tmm])
  );

  sterna_topk #(
    .BeatBits(BeatBits),
    .VecLen  (VecLen)
  ) u_topk (
    .clk_i,
    .rst_ni,
    .clear_i  (clear),
    .start_i  (start[Top]),
    .ready_o  (ready[Top]),
    .instr_i  (instr),
    .done_o   (done[Top]),
    .rd_ready_i(rd_ready[TopRead]),
    .rd_en_o  (rd_en[TopRead]),
    .rd_addr_o(rd_addr[TopRead*WordAddrBits +: WordAddrBits]),
    .rd_data_i(rd_data[RmsRead*BeatBits +: BeatBits]),
    .wr_en_o  (wr_en[Top]),
    .wr_addr_o(wr_addr[Top*WordAddrBits +: WordAddrBits]),
    .wr_data_o(wr_data[Rms*BeatBits +: BeatBits]),
    .mine_i   (list_q),
    .other_data_i(rms_data),
    .wait_o   (top_wait_o)
  );

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (4)
  ) u_delay_pick (
    .clk_i,
    .rst_ni,
    .valid_i(pick_valid),
    .data_i (pick),
    .valid_o(pick_valid_o),
    .data_o (pick_o)
  );

  always_ff @(posedge clk_i) list_q <= start[Top] || (list_q && !start[Rms]);

  // ----------------------------------------------------------------------------------------------------------- departure
  logic read_q, unused_done;

  always_ff @(posedge clk_i) read_q <= rst_ni && rd_en[LsuRead];

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (BeatBits)
  ) u_delay_read (
    .clk_i,
    .rst_ni,
    .valid_i(read_q),
    .data_i (rd_data[LsuRead*BeatBits +: BeatBits]),
    .valid_o(store_valid_o),
    .data_o (store_data_o)
  );

  sterna_pipe_reg #(
    .Stages(Stages),
    .Valids(2 * Units + 1)
  ) u_delay_done (
    .clk_i,
    .rst_ni,
    .valid_i({saturated, done, due}),
    .data_i (1'b0),
    .valid_o({saturated_o, done_o, due_o}),
    .data_o (unused_done)
  );

  // Registered here and in row_wise: the next lane may lie in another part of the chip.
  always_ff @(posedge clk_i) begin
    carry_valid_o <= rst_ni && wr_en[Row];
    carry_data_o  <= wr_data[Row*BeatBits +: BeatBits];  // with no enable, which would be one for all its bits
  end

  logic unused;
  assign unused = &{1'b0, unused_done, ready, rd_ready[LsuRead], rd_ready[TmmRead], rd_complete};

  // The router starts a unit only after it was done in every lane.
  `STERNA_ASSERT(StartOnlyWhenReady, (start & ~ready) == '0)

endmodule
