// SPDX-License-Identifier: Apache-2.0
// Event counters: one 64-bit counter for each of isa/isa.toml's.
//
// Commands: increment_i adds in each cycle; clear_i or reset clears all.
// Handshake: none.
// Latency: an increment counts two cycles later (registered, so that no unit's timing depends on a carry chain here); rd_data_o two
// cycles after rd_index_i.
`include "rtl/verilator.svh"

module sterna_counters #(
  parameter int unsigned IncrementBits = 1,
  localparam int unsigned Counters = sterna_isa_pkg::COUNTERS,
  localparam int unsigned IndexBits = $clog2(Counters)
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  logic                              clear_i,
  input  logic [Counters*IncrementBits-1:0] increment_i,

  input  logic [IndexBits-1:0] rd_index_i,
  output logic [63:0]          rd_data_o  // two cycles after rd_index_i
);

  // Registered, so that no unit's timing depends on a carry chain here.
  logic [IncrementBits-1:0] increment_q[Counters];
  logic                     clear_q;
  logic [63:0]              count_q[Counters]  `STERNA_VISIBLE;  // a debugger reads it between two cycles

  always_ff @(posedge clk_i) begin
    clear_q <= clear_i || !rst_ni;
    for (int unsigned i = 0; i < Counters; i++) begin
      increment_q[i] <= increment_i[i*IncrementBits +: IncrementBits];
      if (clear_q) count_q[i] <= '0;
      else if (increment_q[i] != '0) count_q[i] <= count_q[i] + 64'(increment_q[i]);
    end
  end

  logic [IndexBits-1:0] rd_index_q;

  always_ff @(posedge clk_i) begin
    rd_index_q <= rd_index_i;
    rd_data_o  <= count_q[rd_index_q];
  end

endmodule
