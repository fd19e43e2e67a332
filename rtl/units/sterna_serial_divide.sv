// SPDX-License-Identifier: Apache-2.0
// Serial restoring divider of non-negative integers: quo_o = floor(num_i / den_i), BitsPerCycle quotient bits a cycle.
//
// Commands: start_i takes num_i and den_i. The numerator's upper DenBits must be below the denominator: the quotient fits then.
// Handshake: done_o is high for one cycle; quo_o holds until the next start.
// Latency: QuoBits / BitsPerCycle + 1 cycles from start_i to done_o.
// BitsPerCycle: a divisor of QuoBits.
module sterna_serial_divide #(
  parameter int unsigned DenBits      = 32,
  parameter int unsigned QuoBits      = 32,
  parameter int unsigned BitsPerCycle = 1
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       start_i,
  input  logic [DenBits+QuoBits-1:0] num_i,
  input  logic [DenBits-1:0]         den_i,
  output logic                       done_o,
  output logic [QuoBits-1:0]         quo_o
);
  localparam int unsigned Steps     = QuoBits / BitsPerCycle;
  localparam int unsigned CountBits = $clog2(Steps + 1);

  if (Steps * BitsPerCycle != QuoBits) begin : gen_bad_steps
    $error("serial_divide: BitsPerCycle must divide QuoBits");
  end

  // The remainder, and the numerator bits still to come; quotient bits follow in from below.
  logic [DenBits-1:0]   den_q;
  logic [DenBits-1:0]   rem_q, rem_d;
  logic [QuoBits-1:0]   quo_q, quo_d;
  logic [CountBits-1:0] count_q;
  logic                 last_q;

  logic [DenBits:0] partial;
  always_comb begin
    rem_d   = rem_q;
    quo_d   = quo_q;
    partial = '0;
    for (int unsigned i = 0; i < BitsPerCycle; i++) begin
      partial = {rem_d, quo_d[QuoBits-1]};
      if (partial >= {1'b0, den_q}) begin
        rem_d = DenBits'(partial - {1'b0, den_q});
        quo_d = {quo_d[QuoBits-2:0], 1'b1};
      end else begin
        rem_d = partial[DenBits-1:0];
        quo_d = {quo_d[QuoBits-2:0], 1'b0};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      den_q <= den_i;
      rem_q <= num_i[QuoBits+:DenBits];
      quo_q <= num_i[QuoBits-1:0];
    end else if (count_q != '0) begin
      rem_q <= rem_d;
      quo_q <= quo_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      last_q  <= 1'b0;
    end else begin
      if (start_i) count_q <= CountBits'(Steps);
      else if (count_q != '0) count_q <= count_q - 1'b1;
      last_q <= !start_i && count_q == CountBits'(1);
    end
  end

  assign done_o = last_q;
  assign quo_o  = quo_q;
endmodule
