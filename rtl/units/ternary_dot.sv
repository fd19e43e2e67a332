// Five rows times BeatBits / 8 columns: what one beat of weights adds to a row group's sums.
//
// A beat of weights comes in with valid_i, its activations a cycle later, as a register answers a read. Some cycles
// later valid_o is high (last_o is last_i of that beat), and row r's sum is sums_o[r*SumBits +: SumBits] (signed)
// + carries_o[r]. A beat every cycle.
module ternary_dot #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Columns = BeatBits / 8,
  localparam int unsigned SumBits = 8 + $clog2(Columns)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 valid_i,
  input  logic                 last_i,
  input  logic [BeatBits-1:0]  weights_i,  // byte c: column c of the five rows
  input  logic [BeatBits-1:0]  q8_i,       // byte c: column c's activation; one cycle after weights_i
  input  logic                 all_i,      // with q8_i: every column counts; else ...
  input  logic [Columns-1:0]   keep_i,     // ... those whose bit is set
  output logic                 valid_o,
  output logic                 last_o,
  output logic [5*SumBits-1:0] sums_o,
  output logic [4:0]           carries_o
);
  localparam int unsigned Stages  = ($clog2(Columns) + 1) / 2;  // of the adder trees
  localparam int unsigned Latency = 2 + Stages;                 // decoding takes two

  logic [Latency-1:0] valid_q, last_q;  // bit t: the registers of time t + 1 hold a beat
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  always_ff @(posedge clk_i) last_q <= {last_q[Latency-2:0], last_i};
  assign valid_o = valid_q[Latency-1];
  assign last_o  = last_q[Latency-1];

  // A masked activation rather than a masked trit: one mask for the five rows. Only the last word of a vector needs it.
  logic [BeatBits-1:0] q8_q;
  always_ff @(posedge clk_i) begin
    if (valid_q[0]) begin
      q8_q <= q8_i;
      if (!all_i) begin
        for (int unsigned c = 0; c < Columns; c++) if (!keep_i[c]) q8_q[8*c+:8] <= '0;
      end
    end
  end

  logic [5*Columns-1:0] zero, plus;  // row by row
  for (genvar c = 0; c < Columns; c++) begin : gen_column
    logic [4:0] column_zero, column_plus;
    trit_decode u_trit_decode (
      .clk_i,
      .load_i({valid_q[0], valid_i}),
      .byte_i(weights_i[8*c+:8]),
      .zero_o(column_zero),
      .plus_o(column_plus)
    );
    for (genvar r = 0; r < 5; r++) begin : gen_transpose
      assign zero[Columns*r+c] = column_zero[r];
      assign plus[Columns*r+c] = column_plus[r];
    end
  end

  for (genvar r = 0; r < 5; r++) begin : gen_row
    ternary_row #(
      .Columns(Columns)
    ) u_ternary_row (
      .clk_i,
      .load_i (valid_q[Stages:1]),
      .q8_i   (q8_q),
      .zero_i (zero[Columns*r+:Columns]),
      .plus_i (plus[Columns*r+:Columns]),
      .sum_o  (sums_o[SumBits*r+:SumBits]),
      .carry_o(carries_o[r])
    );
  end
endmodule
