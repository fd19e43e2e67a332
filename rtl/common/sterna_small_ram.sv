// SPDX-License-Identifier: Apache-2.0
// A few words in look-up tables.
//
// Commands: wr_en_i writes a word.
// Handshake: none.
// Latency: none from rd_addr_i to rd_data_o; a word is read from the cycle after its write on.
module sterna_small_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 16,
  localparam int unsigned AddrBits = Depth > 1 ? $clog2(Depth) : 1
) (
  input  logic                clk_i,
  input  logic                wr_en_i,
  input  logic [AddrBits-1:0] wr_addr_i,
  input  logic [Width-1:0]    wr_data_i,
  input  logic [AddrBits-1:0] rd_addr_i,
  output logic [Width-1:0]    rd_data_o
);
  (* ram_style = "distributed" *) logic [Width-1:0] mem[Depth];

  always_ff @(posedge clk_i) if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
  assign rd_data_o = mem[rd_addr_i];
endmodule
