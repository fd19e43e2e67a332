// SPDX-License-Identifier: Apache-2.0
// The control registers' addresses: a bit for each register whose access takes more than a constant; of the segments, which and a bit for
// each of their words.
//
// Handshake: none; without en_i no bit is set.
// Latency: one cycle.
module sterna_control_decode #(
  parameter int unsigned Lanes     = 1,
  localparam int unsigned IndexBits = sterna_segment_pkg::INDEX_BITS,
  localparam int unsigned AddrBits = sterna_isa_pkg::REG_ADDR_BITS
) (
  input  logic                clk_i,
  input  logic                en_i,
  input  logic [AddrBits-1:0] addr_i,
  output logic [3:0]          segment_words_o,  // of a segment: base's low word, its high one, size, stride
  output logic [IndexBits-1:0] segment_o,       // which
  output logic [Lanes-1:0]    token_o,
  output logic                ctrl_o,
  output logic                gie_o,
  output logic                ier_o,
  output logic                isr_o,
  output logic                entry_o,
  output logic                lane_mask_lo_o,
  output logic                lane_mask_hi_o,
  output logic                prefill_o,
  output logic                fff_keep_o,
  output logic                status_o,
  output logic                status_pc_o,
  output logic                rom_addr_o,
  output logic                rom_data_o
);
  // The four words of a segment follow each other, and a segment the one before.
  localparam int unsigned WordBytes = 4, SegmentBytes = 4 * WordBytes;
  localparam logic [AddrBits-1:0] FirstSegment = sterna_isa_pkg::REG_SEG_BASE_LO;
  if (sterna_isa_pkg::REG_SEG_BASE_LO_STRIDE != SegmentBytes || sterna_isa_pkg::REG_SEG_BASE_HI != FirstSegment + AddrBits'(WordBytes)
      || sterna_isa_pkg::REG_SEG_SIZE != FirstSegment + AddrBits'(2 * WordBytes)
      || sterna_isa_pkg::REG_SEG_LANE_STRIDE != FirstSegment + AddrBits'(3 * WordBytes)) begin : gen_bad_map
    $error("control_decode: a segment's registers must follow each other");
  end

  logic [AddrBits-1:0] offset;
  logic                in_segments;
  assign offset      = addr_i - FirstSegment;
  assign in_segments = offset < AddrBits'(sterna_isa_pkg::SEGMENTS * SegmentBytes);

  always_ff @(posedge clk_i) begin
    segment_o <= offset[$clog2(SegmentBytes) +: IndexBits];
    for (int unsigned w = 0; w < 4; w++) segment_words_o[w] <= en_i && in_segments && offset[$clog2(WordBytes) +: 2] == 2'(w);
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
    fff_keep_o     <= en_i && addr_i == sterna_isa_pkg::REG_FFF_KEEP;
    status_o       <= en_i && addr_i == sterna_isa_pkg::REG_STATUS;
    status_pc_o    <= en_i && addr_i == sterna_isa_pkg::REG_STATUS_PC;
    rom_addr_o     <= en_i && addr_i == sterna_isa_pkg::REG_ROM_ADDR;
    rom_data_o     <= en_i && addr_i == sterna_isa_pkg::REG_ROM_DATA;
  end
endmodule
