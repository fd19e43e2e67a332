// SPDX-License-Identifier: Apache-2.0
// Program counter: reads the instruction ROM ahead of the decoder.
//
// Commands: start_i begins at entry_i; stop_i ends the program and drops what was read ahead. There are no branches, so what is
// read ahead is what comes next.
// Handshake: valid/ready to the decoder, which may stall it in any cycle: the ROM's output holds. A PC at or beyond RomDepth is
// passed on with overrun_o, and nothing follows it.
// Latency: two cycles from start_i to valid_o, then an instruction a cycle.
module sterna_fetch #(
  parameter int unsigned RomDepth = 1024,
  localparam int unsigned RomAddrBits = $clog2(RomDepth)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic                   start_i,
  input  logic [31:0]            entry_i,
  input  logic                   stop_i,     // the program has ended

  output logic                   rom_en_o,
  output logic [RomAddrBits-1:0] rom_addr_o,

  // The instruction on the ROM's output.
  output logic                   valid_o,
  output logic                   overrun_o,  // pc_o >= RomDepth
  output logic [31:0]            pc_o,
  input  logic                   ready_i
);

  logic        active_q, valid_q, overrun_q;
  logic        beyond_q;  // next_q >= RomDepth, known ahead
  logic [31:0] next_q, pc_q;
  logic        advance;

  assign advance    = active_q && (!valid_q || ready_i);
  assign rom_en_o   = advance && !beyond_q;
  assign rom_addr_o = next_q[RomAddrBits-1:0];

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      next_q   <= entry_i;
      beyond_q <= entry_i >= 32'(RomDepth);
    end else if (advance) begin
      next_q   <= next_q + 1'b1;
      beyond_q <= next_q >= 32'(RomDepth - 1);  // nothing follows one that is
    end
    if (advance) begin
      pc_q      <= next_q;
      overrun_q <= beyond_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      active_q <= 1'b0;
      valid_q  <= 1'b0;
    end else begin
      active_q <= start_i || (active_q && !(advance && beyond_q));
      valid_q  <= advance || (valid_q && !ready_i);
    end
  end

  assign valid_o   = valid_q;
  assign overrun_o = overrun_q;
  assign pc_o      = pc_q;

endmodule
