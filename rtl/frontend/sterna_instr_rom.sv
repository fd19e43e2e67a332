// SPDX-License-Identifier: Apache-2.0
// Instruction ROM: block RAM with two synchronous reads whose outputs hold, written 32 bits at a time by the host. One read port
// is the program counter's, the other the weight stream's, which reads ahead of it.
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

  input  logic                wr_en_i,    // writes word wr_word_i of instruction wr_addr_i; word 3 completes it
  input  logic [AddrBits-1:0] wr_addr_i,
  input  logic [1:0]          wr_word_i,
  input  logic [31:0]         wr_data_i,

  input  logic                rd_en_i,
  input  logic [AddrBits-1:0] rd_addr_i,
  output logic [127:0]        rd_data_o,  // one cycle after rd_en_i
  input  logic                ahead_en_i,
  input  logic [AddrBits-1:0] ahead_addr_i,
  output logic [127:0]        ahead_data_o  // one cycle after ahead_en_i
);

  // Not UltraRAM, which cannot be initialised.
  (* ram_style = "block" *) logic [127:0] mem[Depth];

  initial begin
`ifndef SYNTHESIS  // a block RAM does so by itself, and Yosys would take minutes for the loop
    for (int unsigned i = 0; i < Depth; i++) mem[i] = '0;
`endif
    if (RomFile != "") $readmemh(RomFile, mem);
  end

  // Words 0 to 2 wait here, so that the memory needs no partial writes.
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
    if (ahead_en_i) ahead_data_o <= mem[ahead_addr_i];
  end

endmodule
