// Ternary MatMul unit: a matrix streamed from DRAM times a quantised register. Ports only as yet.
// Read stream: va.
module ternary_matmul #(
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
  output logic [1:0]   error_o,
  input  logic [63:0]  line_addr_i,

  output logic                    rd_en_o,
  output logic [WordAddrBits-1:0] rd_addr_o,
  input  logic [BeatBits-1:0]     rd_data_i,
  output logic                    wr_en_o,
  output logic [WordAddrBits-1:0] wr_addr_o,
  output logic [BeatBits-1:0]     wr_data_o,

  input  logic [31:0] scale_i,  // va's scale register, from start_i until done_o

  // Read requester towards axi_read_engine.
  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [63:0]         req_addr_o,
  output logic [31:0]         req_lines_o,
  input  logic                data_valid_i,
  output logic                data_ready_o,
  input  logic [BeatBits-1:0] data_i,
  input  logic                data_error_i,

  output logic wait_dram_o,  // could take a beat and none is there
  output logic beat_o        // takes a beat
);
  assign ready_o = '0;
  assign done_o = '0;
  assign rd_en_o = '0;
  assign rd_addr_o = '0;
  assign wr_en_o = '0;
  assign wr_addr_o = '0;
  assign wr_data_o = '0;
  assign error_o = '0;
  assign req_valid_o = '0;
  assign req_addr_o = '0;
  assign req_lines_o = '0;
  assign data_ready_o = '0;
  assign wait_dram_o = '0;
  assign beat_o = '0;
  logic unused;
  assign unused = &{1'b0, clk_i, rst_ni, start_i, instr_i, rd_data_i, line_addr_i, scale_i, req_ready_i, data_valid_i, data_i, data_error_i};
endmodule
