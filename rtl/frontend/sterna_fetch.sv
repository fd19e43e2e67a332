// SPDX-License-Identifier: Apache-2.0
// Program counter. One instruction a cycle leaves the ROM while the decoder takes them; there are no branches, so what it
// reads ahead is always what comes next (and what lies behind a HALT is thrown away with flush).
module sterna_fetch #(
  parameter int unsigned RomDepth = 1024,
  localparam int unsigned RomAddrBits = $clog2(RomDepth)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic                   start_i,    // begin at entry_i
  input  logic [31:0]            entry_i,
  input  logic                   stop_i,     // the program has ended

  output logic                   rom_en_o,
  output logic [RomAddrBits-1:0] rom_addr_o,

  // The instruction on the ROM's output.
  output logic                   valid_o,
  output logic                   overrun_o,  // pc_o is no place in the ROM; nothing follows
  output logic [31:0]            pc_o,
  input  logic                   ready_i
);

  logic        active_q, valid_q, overrun_q;
  logic [31:0] next_q, pc_q;
  logic        advance, overrun;

  assign overrun    = next_q >= 32'(RomDepth);
  assign advance    = active_q && (!valid_q || ready_i);
  assign rom_en_o   = advance && !overrun;
  assign rom_addr_o = next_q[RomAddrBits-1:0];

  always_ff @(posedge clk_i) begin
    if (start_i) next_q <= entry_i;
    else if (advance) next_q <= next_q + 1'b1;
    if (advance) begin
      pc_q      <= next_q;
      overrun_q <= overrun;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      active_q <= 1'b0;
      valid_q  <= 1'b0;
    end else begin
      active_q <= start_i || (active_q && !(advance && overrun));
      valid_q  <= advance || (valid_q && !ready_i);
    end
  end

  assign valid_o   = valid_q;
  assign overrun_o = overrun_q;
  assign pc_o      = pc_q;

endmodule
