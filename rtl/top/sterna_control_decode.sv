// SPDX-License-Identifier: Apache-2.0
// The control registers' addresses: a bit for each register whose access takes more than a constant.
//
// Handshake: none; without en_i no bit is set.
// Latency: one cycle.
module sterna_control_decode #(
  parameter int unsigned Lanes     = 1,
  localparam int unsigned Segments = sterna_isa_pkg::SEGMENTS,
  localparam int unsigned AddrBits = sterna_isa_pkg::REG_ADDR_BITS
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic [AddrBits-1:0] addr_i,
  output logic [Segments-1:0] base_lo_o,
  output logic [Segments-1:0] base_hi_o,
  output logic [Segments-1:0] size_o,
  output logic [Segments-1:0] stride_o,
  output logic [Lanes-1:0]    token_o,
  output logic                ctrl_o,
  output logic                gie_o,
  output logic                ier_o,
  output logic                isr_o,
  output logic                entry_o,
  output logic                lane_mask_lo_o,
  output logic                lane_mask_hi_o,
  output logic                prefill_o,
  output logic                status_o,
  output logic                status_pc_o,
  output logic                rom_addr_o,
  output logic                rom_data_o
);
  always_ff @(posedge clk_i) begin
    for (int unsigned s = 0; s < Segments; s++) begin
      base_lo_o[s] <= en_i && addr_i == sterna_isa_pkg::REG_SEG_BASE_LO
                                        + AddrBits'(s * sterna_isa_pkg::REG_SEG_BASE_LO_STRIDE);
      base_hi_o[s] <= en_i && addr_i == sterna_isa_pkg::REG_SEG_BASE_HI
                                        + AddrBits'(s * sterna_isa_pkg::REG_SEG_BASE_HI_STRIDE);
      size_o[s]    <= en_i && addr_i == sterna_isa_pkg::REG_SEG_SIZE
                                        + AddrBits'(s * sterna_isa_pkg::REG_SEG_SIZE_STRIDE);
      stride_o[s]  <= en_i && addr_i == sterna_isa_pkg::REG_SEG_LANE_STRIDE
                                        + AddrBits'(s * sterna_isa_pkg::REG_SEG_LANE_STRIDE_STRIDE);
    end
    for (int unsigned l = 0; l < Lanes; l++) begin
      token_o[l] <= en_i && addr_i == sterna_isa_pkg::REG_TOKEN
                                      + AddrBits'(l * sterna_isa_pkg::REG_TOKEN_STRIDE);
    end
    ctrl_o         <= en_i && addr_i == sterna_isa_pkg::REG_CTRL;
    gie_o          <= en_i && addr_i == sterna_isa_pkg::REG_GIE;
    ier_o          <= en_i && addr_i == sterna_isa_pkg::REG_IER;
    isr_o          <= en_i && addr_i == sterna_isa_pkg::REG_ISR;
    entry_o        <= en_i && addr_i == sterna_isa_pkg::REG_ENTRY;
    lane_mask_lo_o <= en_i && addr_i == sterna_isa_pkg::REG_LANE_MASK_LO;
    lane_mask_hi_o <= en_i && addr_i == sterna_isa_pkg::REG_LANE_MASK_HI;
    prefill_o      <= en_i && addr_i == sterna_isa_pkg::REG_PREFILL;
    status_o       <= en_i && addr_i == sterna_isa_pkg::REG_STATUS;
    status_pc_o    <= en_i && addr_i == sterna_isa_pkg::REG_STATUS_PC;
    rom_addr_o     <= en_i && addr_i == sterna_isa_pkg::REG_ROM_ADDR;
    rom_data_o     <= en_i && addr_i == sterna_isa_pkg::REG_ROM_DATA;
  end
endmodule
