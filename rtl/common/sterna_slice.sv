// SPDX-License-Identifier: Apache-2.0
// Registers between distant parts of a chip on a path that can be stalled: valid, data and ready go through Stages registers each.
//
// Handshake: valid/ready on both sides; valid_o and ready_o are registers. A stage holds two words: the one it offers, and the one that came while it
// could not yet say that it has no place.
// Latency: Stages cycles, then a word a cycle; 0 is wires.
module sterna_slice #(
  parameter int unsigned Stages = 0,
  parameter int unsigned Width  = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             valid_i,
  output logic             ready_o,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  input  logic             ready_i,
  output logic [Width-1:0] data_o
);
  logic [Stages:0]           valid, ready;
  logic [(Stages+1)*Width-1:0] data;  // before stage s: part s

  assign valid[0]      = valid_i;
  assign data[Width-1:0] = data_i;
  assign ready_o       = ready[0];
  assign valid_o       = valid[Stages];
  assign data_o        = data[Stages*Width +: Width];
  assign ready[Stages] = ready_i;

  for (genvar s = 0; s < Stages; s++) begin : gen_stage
    logic             valid_q, spare_q, moves;  // spare_q: a second word is held
    logic             ready_q;                  // !spare_q for the stage before alone, as that chooses among all bits here
    logic [Width-1:0] data_q, spare_data_q;

    assign moves      = !valid_q || ready[s+1];
    assign ready[s]   = ready_q;
    assign valid[s+1] = valid_q;
    assign data[(s+1)*Width +: Width] = data_q;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        spare_q <= 1'b0;
        ready_q <= 1'b1;
      end else begin
        valid_q <= valid[s] || spare_q || !moves;
        spare_q <= (valid[s] || spare_q) && !moves;
        ready_q <= !(valid[s] || spare_q) || moves;
      end
      if (!spare_q) spare_data_q <= data[s*Width +: Width];
      if (moves) data_q <= spare_q ? spare_data_q : data[s*Width +: Width];
    end
  end

  if (Stages == 0) begin : gen_wires
    logic unused;
    assign unused = ^{clk_i, rst_ni};
  end
endmodule
