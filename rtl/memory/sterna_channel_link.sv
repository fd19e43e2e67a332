// SPDX-License-Identifier: Apache-2.0
// Load/Store's way to one channel's axi_mux and back, Stages registers each way: the two may lie on different dies. near_*: Load/Store's side,
// far_*: axi_mux's.
//
// Handshake: as axi_mux's; the response is valid only, and comes once for each store.
// Latency: Stages cycles each way; 0 is wires.
module sterna_channel_link #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned Stages   = 0
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic far_rst_ni,

  input  logic                near_load_req_valid_i,
  output logic                near_load_req_ready_o,
  output logic                near_load_data_valid_o,
  input  logic                near_load_data_ready_i,
  output logic [BeatBits-1:0] near_load_data_o,
  output logic                near_load_data_error_o,
  input  logic                near_store_req_valid_i,
  output logic                near_store_req_ready_o,
  input  logic                near_store_data_valid_i,
  output logic                near_store_data_ready_o,
  output logic                near_store_resp_valid_o,
  output logic                near_store_resp_error_o,
  input  logic [63:0]         load_addr_i,
  input  logic [31:0]         load_lines_i,
  input  logic [63:0]         store_addr_i,
  input  logic [31:0]         store_lines_i,
  input  logic [BeatBits-1:0] store_data_i,

  output logic                far_load_req_valid_o,
  input  logic                far_load_req_ready_i,
  output logic [63:0]         far_load_addr_o,
  output logic [31:0]         far_load_lines_o,
  input  logic                far_load_data_valid_i,
  output logic                far_load_data_ready_o,
  input  logic [BeatBits-1:0] far_load_data_i,
  input  logic                far_load_data_error_i,
  output logic                far_store_req_valid_o,
  input  logic                far_store_req_ready_i,
  output logic [63:0]         far_store_addr_o,
  output logic [31:0]         far_store_lines_o,
  output logic                far_store_data_valid_o,
  input  logic                far_store_data_ready_i,
  output logic [BeatBits-1:0] far_store_data_o,
  input  logic                far_store_resp_valid_i,
  input  logic                far_store_resp_error_i
);
  sterna_slice #(
    .Stages(Stages),
    .Width (96)
  ) u_load_req (
    .clk_i,
    .rst_ni,
    .valid_i(near_load_req_valid_i),
    .ready_o(near_load_req_ready_o),
    .data_i ({load_addr_i, load_lines_i}),
    .valid_o(far_load_req_valid_o),
    .ready_i(far_load_req_ready_i),
    .data_o ({far_load_addr_o, far_load_lines_o})
  );

  sterna_slice #(
    .Stages(Stages),
    .Width (BeatBits + 1)
  ) u_load_data (
    .clk_i,
    .rst_ni (far_rst_ni),
    .valid_i(far_load_data_valid_i),
    .ready_o(far_load_data_ready_o),
    .data_i ({far_load_data_error_i, far_load_data_i}),
    .valid_o(near_load_data_valid_o),
    .ready_i(near_load_data_ready_i),
    .data_o ({near_load_data_error_o, near_load_data_o})
  );

  sterna_slice #(
    .Stages(Stages),
    .Width (96)
  ) u_store_req (
    .clk_i,
    .rst_ni,
    .valid_i(near_store_req_valid_i),
    .ready_o(near_store_req_ready_o),
    .data_i ({store_addr_i, store_lines_i}),
    .valid_o(far_store_req_valid_o),
    .ready_i(far_store_req_ready_i),
    .data_o ({far_store_addr_o, far_store_lines_o})
  );

  sterna_slice #(
    .Stages(Stages),
    .Width (BeatBits)
  ) u_store_data (
    .clk_i,
    .rst_ni,
    .valid_i(near_store_data_valid_i),
    .ready_o(near_store_data_ready_o),
    .data_i (store_data_i),
    .valid_o(far_store_data_valid_o),
    .ready_i(far_store_data_ready_i),
    .data_o (far_store_data_o)
  );

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (1)
  ) u_store_resp (
    .clk_i,
    .rst_ni (far_rst_ni),
    .valid_i(far_store_resp_valid_i),
    .data_i (far_store_resp_error_i),
    .valid_o(near_store_resp_valid_o),
    .data_o (near_store_resp_error_o)
  );
endmodule
