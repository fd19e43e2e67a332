// SPDX-License-Identifier: Apache-2.0
// Registers between distant parts of a chip on a path that can be stalled: valid, data and ready go through Stages registers each.
//
// Handshake: valid/ready on both sides; valid_o and ready_o are registers. A stage holds two words: the one it offers, and the one that came while it
// could not yet say that it has no place. A register chooses between them, so data_o has one look-up table.
// Latency: Stages cycles, then a word a cycle; 0 is wires.
`include "rtl/assertions.svh"

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
  localparam int unsigned Low = Width > 64 ? Width / 2 : Width;  // bits that give_q chooses
  logic [Stages:0]           valid, ready;
  logic [(Stages+1)*Width-1:0] data;  // before stage s: part s

  assign valid[0]      = valid_i;
  assign data[Width-1:0] = data_i;
  assign ready_o       = ready[0];
  assign valid_o       = valid[Stages];
  assign data_o        = data[Stages*Width +: Width];
  assign ready[Stages] = ready_i;

  for (genvar s = 0; s < Stages; s++) begin : gen_stage
    // Two words by turns. What comes from afar, valid and ready, moves only these bits and enables no word: a place that is free takes what
    // there is, each cycle until it is a word.
    logic             valid_q, ready_q;  // one word at least; a place at least
    logic             take_q, give_q;    // the place that takes the next word, and the one whose word is next
    logic             not_give_q;        // !give_q, for the upper half of a wide word
    logic [Width-1:0] word0_q, word1_q;
    logic             push, pop;

    assign push       = valid[s] && ready_q;
    assign pop        = valid_q && ready[s+1];
    assign ready[s]   = ready_q;
    assign valid[s+1] = valid_q;
    assign data[(s+1)*Width +: Low] = give_q ? word1_q[Low-1:0] : word0_q[Low-1:0];
    if (Low < Width) begin : gen_upper_half
      assign data[(s+1)*Width+Low +: Width-Low] = not_give_q ? word0_q[Width-1:Low] : word1_q[Width-1:Low];
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        ready_q <= 1'b1;
        take_q  <= 1'b0;
        give_q  <= 1'b0;
        not_give_q <= 1'b1;
      end else begin
        valid_q <= push || (valid_q && (!ready_q || !pop));
        ready_q <= pop || (ready_q && (!valid_q || !push));
        take_q  <= take_q ^ push;
        give_q  <= give_q ^ pop;
        not_give_q <= !(give_q ^ pop);
      end
      if (ready_q && !take_q) word0_q <= data[s*Width +: Width];
      if (ready_q && take_q) word1_q <= data[s*Width +: Width];
    end

    `STERNA_ASSERT(CopiesAgree, not_give_q == !give_q)
  end

  if (Stages == 0) begin : gen_wires
    logic unused;
    assign unused = ^{clk_i, rst_ni};
  end
endmodule
