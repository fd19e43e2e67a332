// SPDX-License-Identifier: Apache-2.0
// Receives bytes of a serial line: a start bit, eight data bits from the lowest on, a stop bit.
//
// Commands: none.
// Handshake: valid_o is high for one cycle with each byte; nothing holds it back. A byte without its stop bit is dropped.
// Latency: half a bit from a stop bit's begin to valid_o, and five cycles through the filter.
// ClockKhz must be at least five times the rate; rate and clock need no whole ratio.
module sterna_uart_rx #(
  parameter int unsigned ClockKhz = 50000,
  parameter int unsigned Baud     = 3000000
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       line_i,  // asynchronous
  output logic       valid_o,
  output logic [7:0] byte_o
);

  // The phase of a bit, of which Step passes in a cycle: 2^16 is a bit.
  localparam int unsigned Step = (Baud * 64 + ClockKhz * 1000 / 2048) / (ClockKhz * 1000 / 1024);

  if (ClockKhz * 1000 < 5 * Baud) begin : gen_bad_rate
    $error("uart_rx: ClockKhz must be at least five times the rate");
  end

  // Two registers against metastability, then the majority of three samples against spikes.
  logic [1:0] sync_q;
  logic [2:0] samples_q;
  logic       level_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sync_q    <= '1;
      samples_q <= '1;
      level_q   <= 1'b1;
    end else begin
      sync_q    <= {sync_q[0], line_i};
      samples_q <= {samples_q[1:0], sync_q[1]};
      level_q   <= (samples_q[0] && samples_q[1]) || (samples_q[1] && samples_q[2]) || (samples_q[0] && samples_q[2]);
    end
  end

  logic        busy_q, sample;
  logic [3:0]  bits_q;   // of the ten: those that are sampled
  logic [16:0] phase_q;  // the carry says that a bit's middle has come
  logic [7:0]  shift_q;

  assign sample = phase_q[16];
  assign byte_o = shift_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      bits_q  <= '0;
      phase_q <= '0;
      valid_o <= 1'b0;
    end else begin
      valid_o <= 1'b0;
      if (!busy_q) begin
        busy_q  <= !level_q;
        bits_q  <= '0;
        phase_q <= 17'h8000;  // the middle of the start bit is half a bit away
      end else begin
        phase_q <= {1'b0, phase_q[15:0]} + 17'(Step);
        if (sample) begin
          bits_q <= bits_q + 1'b1;
          if (bits_q == 4'd0) busy_q <= !level_q;  // a spike is no start bit
          if (bits_q == 4'd9) begin
            busy_q  <= 1'b0;
            valid_o <= level_q;
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (busy_q && sample && bits_q != 4'd9) shift_q <= {level_q, shift_q[7:1]};
  end

endmodule
