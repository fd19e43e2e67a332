// SPDX-License-Identifier: Apache-2.0
// Pipeline registers between distant parts of a chip: valid bits and the data with them, Stages cycles later. Width 0: valid bits alone.
//
// Handshake: valid only, never stalled. A stage loads data when one of its valid bits is set, so that idle data does not toggle.
// Latency: Stages cycles; 0 is wires.
module sterna_pipe_reg #(
  parameter int unsigned Stages = 0,
  parameter int unsigned Valids = 1,
  parameter int unsigned Width  = 0,
  localparam int unsigned DataBits = Width == 0 ? 1 : Width
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [Valids-1:0]   valid_i,
  input  logic [DataBits-1:0] data_i,
  output logic [Valids-1:0]   valid_o,
  output logic [DataBits-1:0] data_o
);

  if (Stages == 0) begin : gen_wires
    logic unused;
    assign unused  = &{1'b0, clk_i, rst_ni};
    assign valid_o = valid_i;
    assign data_o  = data_i;
  end else begin : gen_registers
    logic [Valids-1:0] valid_q[Stages];

    always_ff @(posedge clk_i) begin
      for (int unsigned s = 0; s < Stages; s++) begin
        if (!rst_ni) valid_q[s] <= '0;
        else valid_q[s] <= s == 0 ? valid_i : valid_q[(s+Stages-1)%Stages];
      end
    end
    assign valid_o = valid_q[Stages-1];

    if (Width == 0) begin : gen_no_data
      assign data_o = data_i;
    end else begin : gen_data
      logic [Width-1:0] data_q[Stages];

      always_ff @(posedge clk_i) begin
        for (int unsigned s = 0; s < Stages; s++) begin
          if ((s == 0 ? valid_i : valid_q[(s+Stages-1)%Stages]) != '0) begin
            data_q[s] <= s == 0 ? data_i : data_q[(s+Stages-1)%Stages];
          end
        end
      end
      assign data_o = data_q[Stages-1];
    end
  end

endmodule
