// Row-wise unit: element by element arithmetic on registers (docs/numerics.md). Ports only as yet.
// Read streams: 0 va, 1 vb, 2 vc.
module row_wise #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned VecLen   = 8192,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic         start_i,
  output logic         ready_o,
  input  logic [127:0] instr_i,
  output logic         done_o,

  output logic [2:0]              rd_en_o,
  output logic [3*WordAddrBits-1:0] rd_addr_o,
  input  logic [3*BeatBits-1:0]     rd_data_i,
  output logic                    wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  output logic divide_o  // waits for the serial divider
);
  assign ready_o = '0;
  assign done_o = '0;
  assign rd_en_o = '0;
  assign rd_addr_o = '0;
  assign wr_en_o = '0;
  assign wr_addr_o = '0;
  assign wr_data_o = '0;
  assign divide_o = '0;
  logic unused;
  assign unused = &{1'b0, clk_i, rst_ni, start_i, instr_i, rd_data_i};
endmodule
