// SPDX-License-Identifier: Apache-2.0
// The words that Load/Store reads from the lanes, from each die to the front.
//
// Handshake: valid only, never stalled.
// Latency: DieStages + 1 cycles.
module sterna_store_words #(
  parameter int unsigned Dies      = 1,
  parameter int unsigned DieStages = 0,
  parameter int unsigned Lanes     = 1,
  parameter int unsigned BeatBits  = 512
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic [Dies-1:0]           die_rst_ni,
  input  logic [Lanes-1:0]          valid_i,  // one at most
  input  logic [Lanes*BeatBits-1:0] data_i,
  output logic                      valid_o,
  output logic [BeatBits-1:0]       data_o
);
  // One lane is read at a time: what comes from a die is of one of its lanes.
  logic [Dies-1:0]          die_stored_valid;
  logic [Dies*BeatBits-1:0] die_stored;
  logic [BeatBits-1:0]      stored;

  for (genvar d = 0; d < Dies; d++) begin : gen_die_stored
    logic                any;
    logic [BeatBits-1:0] word;

    always_comb begin
      any  = 1'b0;
      word = '0;
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (l * Dies / Lanes == d && valid_i[l]) begin
          any  = 1'b1;
          word = word | data_i[l*BeatBits +: BeatBits];
        end
      end
    end

    sterna_pipe_reg #(
      .Stages(DieStages),
      .Width (BeatBits)
    ) u_delay_stored (
      .clk_i,
      .rst_ni (die_rst_ni[d]),
      .valid_i(any),
      .data_i (word),
      .valid_o(die_stored_valid[d]),
      .data_o (die_stored[d*BeatBits +: BeatBits])
    );
  end

  always_comb begin
    stored = '0;
    for (int unsigned d = 0; d < Dies; d++) begin
      if (die_stored_valid[d]) stored = stored | die_stored[d*BeatBits +: BeatBits];
    end
  end

  always_ff @(posedge clk_i) begin
    valid_o <= rst_ni && die_stored_valid != '0;
    if (die_stored_valid != '0) data_o <= stored;
  end
endmodule
