// Five rows times BeatBits / 8 columns: what one beat of weights adds to a row group's sums.
//
// A beat of weights comes in with valid_i, its activations a cycle later, as a register answers a read. Some cycles
// later valid_o is high (last_o is last_i of that beat), and row r's sum is sums_o[r*SumBits +: SumBits] (signed)
// + carries_o[r]. A beat every cycle.
//
// Minus q is ~q + 1. The ones would cost an adder each; instead they ride along as carries: an adder takes in one carry
// of its two terms', and hands the other on. So no sum needs a bit more than plain adding would. Two levels of adders lie
// between registers. All arithmetic is in functions, so that a simulator computes it only when a register is loaded.
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

  // A term: {value + 128 a column, one still to be added}. The offset keeps values positive: no sign to extend.
  typedef logic [SumBits:0] term_t;

  // q is an activation + 128. Bit operations only: a branch would cost a simulator more.
  function automatic term_t select(input logic [7:0] q, input logic zero, input logic plus);
    select = {{SumBits - 8{1'b0}}, ((q ^ {8{!plus}}) & {8{!zero}}) | {zero, 7'b0}, !zero && !plus};
  endfunction

  // The spare bit below the sum makes the carry input part of the operands.
  function automatic term_t add(input term_t a, input term_t b);
    /* verilator lint_off UNUSEDSIGNAL */
    term_t sum;  // the spare bit has done its work
    /* verilator lint_on UNUSEDSIGNAL */
    sum = {a[SumBits:1], 1'b1} + b;
    add = {sum[SumBits:1], a[0]};
  endfunction

  logic [Latency-1:0] valid_q, last_q;  // bit t: the registers of time t + 1 hold a beat
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  always_ff @(posedge clk_i) last_q <= {last_q[Latency-2:0], last_i};
  assign valid_o = valid_q[Latency-1];
  assign last_o  = last_q[Latency-1];

  for (genvar c = 0; c < Columns; c++) begin : gen_column
    logic [7:0] q8_q;
    logic [4:0] zero, plus;

    trit_decode u_trit_decode (
      .clk_i,
      .load_i({valid_q[0], valid_i}),
      .byte_i(weights_i[8*c+:8]),
      .zero_o(zero),
      .plus_o(plus)
    );

    // The activation + 128. A masked activation rather than a masked trit: one mask for the five rows.
    always_ff @(posedge clk_i) begin
      if (valid_q[0]) begin
        if (!all_i && !keep_i[c]) q8_q <= 8'h80;
        else q8_q <= q8_i[8*c+:8] ^ 8'h80;
      end
    end
  end

  for (genvar r = 0; r < 5; r++) begin : gen_row
    for (genvar s = 0; s < Stages; s++) begin : gen_stage
      localparam int unsigned Terms = Columns >> (2 * s);
      localparam int unsigned Group = Terms < 4 ? Terms : 4;
      localparam int unsigned Bits  = 9 + 2 * s + $clog2(Group);  // of a sum and its carry

      for (genvar g = 0; g < Terms / Group; g++) begin : gen_group
        logic [Bits-1:0] term_q;
        if (s == 0) begin : gen_first
          always_ff @(posedge clk_i) begin
            if (valid_q[1]) begin
              term_q <= Bits'(add(
                  add(select(gen_column[4*g].q8_q, gen_column[4*g].zero[r], gen_column[4*g].plus[r]),
                      select(gen_column[4*g+1].q8_q, gen_column[4*g+1].zero[r], gen_column[4*g+1].plus[r])),
                  add(select(gen_column[4*g+2].q8_q, gen_column[4*g+2].zero[r], gen_column[4*g+2].plus[r]),
                      select(gen_column[4*g+3].q8_q, gen_column[4*g+3].zero[r], gen_column[4*g+3].plus[r]))));
            end
          end
        end else if (Group == 4) begin : gen_four
          always_ff @(posedge clk_i) begin
            if (valid_q[s+1]) begin
              term_q <= Bits'(add(
                  add((SumBits + 1)'(gen_stage[s-1].gen_group[4*g].term_q),
                      (SumBits + 1)'(gen_stage[s-1].gen_group[4*g+1].term_q)),
                  add((SumBits + 1)'(gen_stage[s-1].gen_group[4*g+2].term_q),
                      (SumBits + 1)'(gen_stage[s-1].gen_group[4*g+3].term_q))));
            end
          end
        end else begin : gen_two
          always_ff @(posedge clk_i) begin
            if (valid_q[s+1]) begin
              term_q <= Bits'(add((SumBits + 1)'(gen_stage[s-1].gen_group[2*g].term_q),
                                  (SumBits + 1)'(gen_stage[s-1].gen_group[2*g+1].term_q)));
            end
          end
        end
      end
    end

    // The offsets of all columns together are half the range: turning the top bit takes them off.
    logic [SumBits:0] total;
    assign total = gen_stage[Stages-1].gen_group[0].term_q;
    assign sums_o[SumBits*r+:SumBits] = {!total[SumBits], total[SumBits-1:1]};
    assign carries_o[r] = total[0];
  end
endmodule
