// SPDX-License-Identifier: Apache-2.0
// Instruction ROM: block RAM with two synchronous read ports, one for the core's fetch, one for the weight stream's prefetch.
//
// Commands: the host writes 32-bit words; words 0 to 2 of an instruction are held, word 3 writes all 128 bits.
// Handshake: none; both outputs hold until their next read. The host must not write an instruction that a running program
// reaches.
// Latency: one cycle from rd_en_i to rd_data_o, prefetch_en_i to prefetch_data_o.
//
// It powers up as zeros, which is no legal instruction, or with RomFile ($readmemh: one 128-bit instruction a line, as
// `sterna asm --mem` writes it) for a board without a host. RomFile has no type because Yosys knows no `parameter string`;
// a string literal is a plain bit vector to both tools, as narrow or wide as it needs to be.
module sterna_instr_rom #(
  parameter int unsigned Depth   = 1024,  // instructions
  parameter              RomFile = "",
  localparam int unsigned AddrBits = $clog2(Depth)
) (
  input  logic                clk_i,

  input  logic                wr_en_i,
  input  logic [AddrBits-1:0] wr_addr_i,
  input  logic [1:0]          wr_word_i,  // of the instruction
  input  logic [31:0]         wr_data_i,

  input  logic                rd_en_i,
  input  logic [AddrBits-1:0] rd_addr_i,
  output logic [127:0]        rd_data_o,
  input  logic                prefetch_en_i,
  input  logic [AddrBits-1:0] prefetch_addr_i,
  output logic [127:0]        prefetch_data_o
);

  // Not UltraRAM, which cannot be initialised.
  (* ram_style = "block" *) logic [127:0] mem[Depth];

  initial begin
`ifndef SYNTHESIS  // a block RAM does so by itself, and Yosys would take minutes for the loop
    for (int unsigned i = 0; i < Depth; i++) mem[i] = '0;
`endif
    if (RomFile != "") $readmemh(RomFile, mem);
  end

  // Words 0 to 2 of the instruction being written: the memory needs no partial writes.
  logic [95:0] partial_q;

  always_ff @(posedge clk_i) begin
    if (wr_en_i && wr_word_i == 2'd0) partial_q[31:0] <= wr_data_i;
    if (wr_en_i && wr_word_i == 2'd1) partial_q[63:32] <= wr_data_i;
    if (wr_en_i && wr_word_i == 2'd2) partial_q[95:64] <= wr_data_i;
  end

  // No always_ff: a variable of one may be written nowhere else (IEEE 1800, 9.2.2.4), and this one is initialised above.
  always @(posedge clk_i) begin
    if (wr_en_i && wr_word_i == 2'd3) mem[wr_addr_i] <= {wr_data_i, partial_q};
  end

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
  end

  always_ff @(posedge clk_i) begin
    if (prefetch_en_i) prefetch_data_o <= mem[prefetch_addr_i];
  end

endmodule
