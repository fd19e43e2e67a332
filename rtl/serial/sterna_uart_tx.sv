// SPDX-License-Identifier: Apache-2.0
// Sends bytes over a serial line: a start bit, eight data bits from the lowest on, a stop bit.
//
// Commands: a byte.
// Handshake: valid/ready.
// Latency: ten bits from a byte to the next ready_o.
module sterna_uart_tx #(
  parameter int unsigned ClockKhz = 50000,
  parameter int unsigned Baud     = 3000000
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       valid_i,
  output logic       ready_o,
  input  logic [7:0] byte_i,
  output logic       line_o
);

  localparam int unsigned Step = (Baud * 64 + ClockKhz * 1000 / 2048) / (ClockKhz * 1000 / 1024);  // as uart_rx says

  logic [3:0]  bits_q;   // that are still to be sent, the one on the line included
  logic [16:0] phase_q;  // the carry ends a bit
  logic [8:0]  shift_q;

  assign ready_o = bits_q == '0;
  assign line_o  = shift_q[0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bits_q  <= '0;
      phase_q <= '0;
      shift_q <= '1;
    end else if (ready_o) begin
      phase_q <= '0;
      if (valid_i) begin
        bits_q  <= 4'd10;
        shift_q <= {byte_i, 1'b0};
      end
    end else begin
      phase_q <= {1'b0, phase_q[15:0]} + 17'(Step);
      if (phase_q[16]) begin
        bits_q  <= bits_q - 1'b1;
        shift_q <= {1'b1, shift_q[8:1]};
      end
    end
  end

endmodule
