// SPDX-License-Identifier: Apache-2.0
// The reset of each die of a card: a register of its own for the front and for each die, to which the rest is near.
//
// Handshake: a reset of one cycle is enough. It is held for eight, in the front from the next cycle on, in the dies Dies / 2 cycles later: what was
// on its way between dies is gone by then, and what clears by a register of its own has cleared. resets_o: 16 cycles, in which no program may start.
module sterna_die_reset #(
  parameter int unsigned Dies = 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  output logic            front_rst_no,
  output logic [Dies-1:0] die_rst_no,
  output logic            resets_o
);
  logic [15:0]     past_q  = '0;  // bit i: i + 1 cycles ago
  logic            front_q = 1'b0;
  logic [Dies-1:0] unused_data;

  always_ff @(posedge clk_i) begin
    past_q  <= {past_q[14:0], rst_ni};
    front_q <= rst_ni && past_q[6:0] == '1;
  end

  sterna_die_tree #(
    .Dies (Dies),
    .Loads(0)
  ) u_tree (
    .clk_i,
    .rst_ni ('1),
    .valid_i(front_q),
    .data_i (1'b0),
    .valid_o(die_rst_no),
    .data_o (unused_data)
  );

  assign front_rst_no = front_q;
  assign resets_o     = past_q != '1;
endmodule
