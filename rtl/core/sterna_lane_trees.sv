// SPDX-License-Identifier: Apache-2.0
// What goes from the front to the lanes, as it comes to each die: a tree of registers for each part of it (die_tree).
//
// Handshake: valid only, never stalled. Data stays where nothing is valid.
// Latency: Dies / 2 cycles.
module sterna_lane_trees #(
  parameter int unsigned Dies        = 1,
  parameter int unsigned Lanes       = 1,
  parameter int unsigned StartValids = 1,  // what says that an instruction, or a program, starts in a lane; the lowest: an instruction
  parameter int unsigned StartBits   = 1,  // what goes with it
  parameter int unsigned LoadBits    = 1,  // of Load/Store: addresses, a word
  parameter int unsigned CodesBits   = 1,  // of a step's weights, decoded
  parameter int unsigned Buses       = 1,  // of FFFOUT's records
  parameter int unsigned RecordBits  = 1,  // on all of them: which, whose, and their data where the codes do not have it
  localparam int unsigned ControlBits = sterna_ternary_pkg::CONTROL_BITS,
  localparam int unsigned FffBits     = sterna_ternary_pkg::FFF_BITS
) (
  input  logic            clk_i,
  input  logic [Dies-1:0] die_rst_ni,

  input  logic [StartValids-1:0] start_valids_i,
  input  logic [StartBits-1:0]   start_i,
  input  logic [2*Lanes-1:0]     load_valids_i,
  input  logic [LoadBits-1:0]    load_i,
  input  logic [ControlBits-1:0] control_i,
  input  logic                   codes_new_i,
  input  logic [CodesBits-1:0]   codes_i,
  input  logic [FffBits-1:0]     fff_i,
  input  logic [Lanes-1:0]       mine_i,  // the lanes that fff_i means
  input  logic [Buses-1:0]       record_valids_i,
  input  logic [RecordBits-1:0]  record_i,

  // Flat over the dies.
  output logic [Dies*StartValids-1:0] start_valids_o,
  output logic [Dies*StartBits-1:0]   starts_o,
  output logic [Dies*2*Lanes-1:0]     load_valids_o,
  output logic [Dies*LoadBits-1:0]    loads_o,
  output logic [Dies*ControlBits-1:0] controls_o,
  output logic [Dies*CodesBits-1:0]   codes_o,
  output logic [Dies*FffBits-1:0]     fffs_o,
  output logic [Dies*Lanes-1:0]       mines_o,
  output logic [Dies*Buses-1:0]       record_valids_o,
  output logic [Dies*RecordBits-1:0]  records_o
);
  logic [Dies-1:0]                 unused_controls, unused_codes;
  logic [Dies*4-1:0]               fff_valids;
  logic [Dies*(FffBits+Lanes)-1:0] fffs;
  sterna_ternary_pkg::fff_t    fff_fields, lane_fff_fields;

  assign fff_fields = fff_i;

  // Data stays where nothing is valid.
  always_comb begin
    fffs_o  = '0;
    mines_o = '0;
    for (int unsigned d = 0; d < Dies; d++) begin
      lane_fff_fields             = fffs[(FffBits+Lanes)*d+Lanes +: FffBits];
      lane_fff_fields.group_valid = fff_valids[4*d+1 +: 3];
      lane_fff_fields.block       = fff_valids[4*d];
      fffs_o[FffBits*d +: FffBits] = lane_fff_fields;
      mines_o[Lanes*d +: Lanes]    = fffs[(FffBits+Lanes)*d +: Lanes];
    end
  end

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(StartValids),
    .Loads (1),
    .Width (StartBits)
  ) u_start_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(start_valids_i),
    .data_i (start_i),
    .valid_o(start_valids_o),
    .data_o (starts_o)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(2 * Lanes),
    .Width (LoadBits)
  ) u_load_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(load_valids_i),
    .data_i (load_i),
    .valid_o(load_valids_o),
    .data_o (loads_o)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(ControlBits),
    .Loads (0)
  ) u_control_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(control_i),
    .data_i (1'b0),
    .valid_o(controls_o),
    .data_o (unused_controls)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Width (CodesBits)
  ) u_codes_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(codes_new_i),
    .data_i (codes_i),
    .valid_o(unused_codes),
    .data_o (codes_o)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(4),
    .Width (FffBits + Lanes)
  ) u_fff_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i({fff_fields.group_valid, fff_fields.block}),
    .data_i ({fff_i, mine_i}),
    .valid_o(fff_valids),
    .data_o (fffs)
  );

  sterna_die_tree #(
    .Dies  (Dies),
    .Valids(Buses),
    .Width (RecordBits)
  ) u_record_tree (
    .clk_i,
    .rst_ni (die_rst_ni),
    .valid_i(record_valids_i),
    .data_i (record_i),
    .valid_o(record_valids_o),
    .data_o (records_o)
  );

  logic unused;
  assign unused = ^{fff_fields, unused_controls, unused_codes, lane_fff_fields, fff_valids, fffs};
endmodule
