// SPDX-License-Identifier: Apache-2.0
// From the front's die to every die of a card, a register in each on the way, and a copy of its own for each die in the end. The dies lie in a row,
// the front in the middle: die (Dies - 1) / 2, from which the farthest is Dies / 2 away.
//
// Handshake: valid only, never stalled (die_hop).
// Latency: Dies / 2 cycles to every die, so that all get it at once; with one die it is wires.
module sterna_die_tree #(
  parameter int unsigned Dies   = 1,
  parameter int unsigned Valids = 1,
  parameter int unsigned Loads  = Valids,  // of them, the lowest: what data goes with
  parameter int unsigned Width  = 1
) (
  input  logic                   clk_i,
  input  logic [Dies-1:0]        rst_ni,  // of each die
  input  logic [Valids-1:0]      valid_i,
  input  logic [Width-1:0]       data_i,
  output logic [Dies*Valids-1:0] valid_o,
  output logic [Dies*Width-1:0]  data_o
);
  localparam int unsigned Front  = (Dies - 1) / 2;
  localparam int unsigned Stages = Dies / 2;

  // Stage s of die d, which has one if it is s hops away or fewer; from stage s - 1 of the same die, or of the next one on the way to the front.
  logic [(Stages+1)*Dies*Valids-1:0] valid;  // part s * Dies + d
  logic [(Stages+1)*Dies*Width-1:0]  data;

  for (genvar d = 0; d < Dies; d++) begin : gen_source
    assign valid[d*Valids +: Valids] = d == Front ? valid_i : '0;
    assign data[d*Width +: Width]    = d == Front ? data_i : '0;
  end

  for (genvar s = 1; s <= Stages; s++) begin : gen_stage
    for (genvar d = 0; d < Dies; d++) begin : gen_die
      localparam int unsigned Away = d > Front ? d - Front : Front - d;
      localparam int unsigned From = Away < s ? d : d > Front ? d - 1 : d + 1;
      localparam int unsigned At     = s * Dies + d;
      localparam int unsigned Before = (s - 1) * Dies + From;
      if (Away > s) begin : gen_none
        assign valid[At*Valids +: Valids] = '0;
        assign data[At*Width +: Width]    = '0;
      end else begin : gen_hop
        sterna_die_hop #(
          .Valids(Valids),
          .Loads (Loads),
          .Width (Width)
        ) u_hop (
          .clk_i,
          .rst_ni (rst_ni[d]),
          .valid_i(valid[Before*Valids +: Valids]),
          .data_i (data[Before*Width +: Width]),
          .valid_o(valid[At*Valids +: Valids]),
          .data_o (data[At*Width +: Width])
        );
      end
    end
  end

  assign valid_o = valid[Stages*Dies*Valids +: Dies*Valids];
  assign data_o  = data[Stages*Dies*Width +: Dies*Width];

  logic unused;  // of dies that a stage does not reach
  assign unused = ^{clk_i, rst_ni, valid, data};
endmodule
