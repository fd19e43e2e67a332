// SPDX-License-Identifier: Apache-2.0
// One vector register: an SRAM with one read and one write port, a word (beat) wide.
//
// Handshake: none; the output holds until the next read. A read of the word that is written in the same cycle gives the old word.
// Latency: one cycle from rd_en_i to rd_data_o.
`include "rtl/verilator.svh"

module sterna_vector_register #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  `STERNA_CHECKED_PARAMETERS_BEGIN
  parameter              RamStyle = "auto",  // the synthesiser's ram_style; no type, as instr_rom says
  `STERNA_CHECKED_PARAMETERS_END
  localparam int unsigned VecWords = VecLen * 32 / BeatBits,
  localparam int unsigned WordAddrBits = $clog2(VecWords)
) (
  input  logic                    clk_i,
  input  logic                    rd_en_i,
  input  logic [WordAddrBits-1:0] rd_addr_i,
  output logic [BeatBits-1:0]     rd_data_o,
  input  logic                    wr_en_i,
  input  logic [WordAddrBits-1:0] wr_addr_i,
  input  logic [BeatBits-1:0]     wr_data_i
);

  // The lockstep checker reads it.
  (* ram_style = RamStyle *) logic [BeatBits-1:0] mem[VecWords]  `STERNA_VISIBLE;

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
  end

endmodule
