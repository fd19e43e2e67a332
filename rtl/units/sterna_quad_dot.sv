// SPDX-License-Identifier: Apache-2.0
// Dot products of five rows with BeatBits / 8 columns in four streams at once, on DSP slices: what ternary_dot gives, for four lanes that take the same
// weights.
//
// Handshake: none; load_i[0] is high with the first pair's numbers and the codes, and load_i[k] k cycles later, when the chains' slices k take theirs;
// moves_i is high then and in all cycles between.
// Latency: Chain + 2 cycles from the codes, and from the first pair's numbers. Row r's sum in stream s, or minus the sum where bit 15 of it
// is set, is sums_o[16*(5*s + r) +: 14] - 8192.
//
// A slice adds a pair of columns to its chain's sum (quad_add), and a chain has eight: so pair p's code waits p mod 8 cycles, as its numbers have.
// A sum of 16 columns may need 13 bits, but for its sign: signs are relative to that of the chain's first pair, whose slice adds, so that the sum is
// between -2048 and 2046. The first pairs' signs are relative to one another, as ternary_dot's are (trit_decode), and the chains are added up as there.
// Codes that wait move all at once, as quad_pairs' numbers do. Shaped for Verilator (docs/verilator.md).
`include "rtl/verilator.svh"

module sterna_quad_dot #(
  parameter int unsigned BeatBits = 512,
  localparam int unsigned Trits  = sterna_isa_pkg::TRITS_PER_BYTE,
  localparam int unsigned Pairs  = BeatBits / 16,
  localparam int unsigned Chain  = Pairs < 8 ? Pairs : 8,  // slices
  localparam int unsigned Chains = Pairs / Chain
) (
  input  logic                     clk_i,
  input  logic [Chain+1:0]         load_i,
  input  logic                     moves_i,
  input  logic [4*Trits*Pairs-1:0] codes_i,        // trit_decode's, for chains
  input  logic [48*Pairs-1:0]      differences_i,  // quad_pairs'
  input  logic [48*Pairs-1:0]      seconds_i,
  output logic [4*16*Trits-1:0]    sums_o
);
  localparam int unsigned Codes = 4 * Trits;  // bits of a pair's codes

  `STERNA_UNTRACED_BEGIN
  // ------------------------------------------------------------------------------------------------------------ chains
  logic [4*Trits-1:0] chain_minus;  // of chain k, row r: bit Trits*k + r; the sign of its first pair, relative

  for (genvar p = 0; p < Pairs; p++) begin : gen_pair
    localparam int unsigned Cycles = p % Chain;
    logic [Codes-1:0] codes;

    if (Cycles == 0) begin : gen_now
      assign codes = codes_i[Codes*p+:Codes];
    end else begin : gen_line
      for (genvar k = 1; k <= Cycles; k++) begin : gen_stage
        logic [Codes-1:0] codes_q;
        if (k == 1) begin : gen_first
          always_ff @(posedge clk_i) if (moves_i) codes_q <= codes_i[Codes*p+:Codes];
        end else begin : gen_later
          always_ff @(posedge clk_i) if (moves_i) codes_q <= gen_stage[k-1].codes_q;
        end
      end
      assign codes = gen_stage[Cycles].codes_q;
    end

    for (genvar r = 0; r < Trits; r++) begin : gen_row
      logic [47:0] above, chain, sum;
      if (Cycles == 0) begin : gen_first
        assign above = '0;
      end else begin : gen_later
        assign above = gen_pair[p-1].gen_row[r].chain;
      end
      sterna_quad_add u_add (
        .clk_i,
        .load_i      (load_i[Cycles+:2]),
        .difference_i(differences_i[48*p+:48]),
        .second_i    (seconds_i[48*p+:48]),
        .code_i      ({codes[4*r+3] && Cycles != 0, codes[4*r+:3]}),
        .chain_i     (above),
        .chain_o     (chain),
        .sum_o       (sum)
      );
      logic unused;  // of the last slice its chain, of the others their sums
      assign unused = ^{chain, sum};
    end

    if (Cycles == 0) begin : gen_minus  // until the chain's sum is there
      logic [(Chain+1)*Trits-1:0] line_q;  // the newest lowest
      logic [Trits-1:0]           minus;
      for (genvar r = 0; r < Trits; r++) begin : gen_sign
        assign minus[r] = codes[4*r+3];
      end
      always_ff @(posedge clk_i) if (moves_i) line_q <= {line_q[Chain*Trits-1:0], minus};
      assign chain_minus[Trits*(p/Chain)+:Trits] = line_q[Chain*Trits+:Trits];
    end
  end

  for (genvar k = Chains; k < 4; k++) begin : gen_no_chain
    assign chain_minus[Trits*k+:Trits] = '0;
  end

  // -------------------------------------------------------------------------------------------------------- their sums
  // An adder's operands have a lowest bit for the carry in: 1 + minus.
  for (genvar r = 0; r < Trits; r++) begin : gen_sum
    logic [47:0] sum0, sum1, sum2, sum3;  // of each chain
    assign sum0 = gen_pair[Chain-1].gen_row[r].sum;
    if (Chains > 1) begin : gen_second
      assign sum1 = gen_pair[2*Chain-1].gen_row[r].sum;
    end else begin : gen_no_second
      assign sum1 = '0;
    end
    if (Chains > 2) begin : gen_four
      assign sum2 = gen_pair[3*Chain-1].gen_row[r].sum;
      assign sum3 = gen_pair[4*Chain-1].gen_row[r].sum;
    end else begin : gen_no_four
      assign sum2 = '0;
      assign sum3 = '0;
    end

    `STERNA_TEMPORARIES_BEGIN
    `STERNA_SOME_BITS_BEGIN
    logic [11:0] c0, c1, c2, c3;
    logic        minus1, minus2, minus3;
    logic [13:0] low, high;
    logic [14:0] all;

    always_ff @(posedge clk_i) begin
      if (load_i[Chain+1]) begin
        minus1 = chain_minus[Trits+r];
        minus2 = chain_minus[2*Trits+r];
        minus3 = chain_minus[3*Trits+r];
        for (int unsigned s = 0; s < 4; s++) begin
          c0   = sum0[12*s+:12];
          c1   = sum1[12*s+:12];
          c2   = sum2[12*s+:12];
          c3   = sum3[12*s+:12];
          low  = {c0[11], c0, 1'b1} + {{c1[11], c1} ^ {13{minus1}}, minus1};
          high = {c2[11], c2, 1'b1} + {{c3[11], c3} ^ {13{minus3}}, minus3};
          all  = {low[13], low[13:1], 1'b1} + {{high[13], high[13:1]} ^ {14{minus2}}, minus2};
          sums_o[16*(Trits*s+r)+:16] <= {chain_minus[r], 1'b0, all[14:1] ^ 14'h2000};
        end
      end
    end
    `STERNA_SOME_BITS_END
    `STERNA_TEMPORARIES_END
  end
  `STERNA_UNTRACED_END
endmodule
