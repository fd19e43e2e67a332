// SPDX-License-Identifier: Apache-2.0
// The beats that one channel of the weight stream holds: a FIFO of which up to BeatsPerStep words are popped a cycle.
//
// Commands: push_i writes data_i; pop_i pops the first words of those held, word b where pop_words_i[b] and those before it. Reset
// empties it.
// Handshake: valid_o[b], a register: word b is held, and those before it. There is no full: whoever pushes reserves space. Pop only what is valid.
// Latency: a word counts from the cycle after its push on. Pops only move pointers, so that what decides on them may be late in the
// cycle: the words follow on data_o two cycles later. The SRAM's output and data_o are registers of their own.
// BeatsPerStep: 1 or 2. Depth: words, a power of two.
//
// Word i lies in bank i mod BeatsPerStep, so that each bank is written and read once a cycle at most.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_weight_banks #(
  parameter int unsigned Width        = 32,
  parameter int unsigned BeatsPerStep = 2,
  parameter int unsigned Depth        = 16
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          push_i,
  input  logic [Width-1:0]              data_i,
  output logic [BeatsPerStep-1:0]       valid_o,
  input  logic                          pop_i,
  input  logic [BeatsPerStep-1:0]       pop_words_i,  // with pop_i
  output logic [BeatsPerStep*Width-1:0] data_o        // word b of those popped two cycles ago
);
  localparam int unsigned PtrBits   = $clog2(Depth);
  localparam int unsigned BankDepth = Depth / BeatsPerStep;
  localparam int unsigned BankBits  = $clog2(BankDepth);
  `STERNA_CHECKED_PARAMETERS_BEGIN
  localparam RamStyle = BankDepth >= 2048 ? "ultra" : "block";  // UltraRAM is 4096 words deep
  `STERNA_CHECKED_PARAMETERS_END

  logic [PtrBits-1:0]       write_q;
  logic                     pop_two;
  logic                     bank_q;    // of the first word held
  logic [BeatsPerStep-1:0]  bank_pop;  // by bank
  logic [BeatsPerStep-1:0]  kept, left;       // words are held in the next cycle where none is popped; where they are
  logic                     reads;            // a word may be held

  // ------------------------------------------------------------------------------------------------------ what is held
  sterna_weight_count #(
    .BeatsPerStep(BeatsPerStep),
    .Depth       (Depth)
  ) u_count (
    .clk_i,
    .rst_ni,
    .push_i,
    .pop_i,
    .pop_two_i(pop_two),
    .kept_o   (kept),
    .left_o   (left),
    .reads_o  (reads)
  );

  assign pop_two = BeatsPerStep == 2 && pop_words_i[BeatsPerStep-1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      valid_o <= '0;
      bank_q  <= 1'b0;
    end else begin
      write_q <= write_q + PtrBits'(push_i);
      valid_o <= pop_i ? left : kept;
      bank_q  <= bank_q ^ (BeatsPerStep == 2 && pop_i && !pop_two);
    end
  end

  // ------------------------------------------------------------------------------------------------------------- banks
  logic [BeatsPerStep*Width-1:0] words, in_order;  // that were first in their banks a cycle ago; as they were pushed
  logic                          popped_q;

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_bank
    (* ram_style = RamStyle *) logic [Width-1:0] mem[BankDepth];
    logic [BankBits-1:0] read_q;
    logic [Width-1:0]    word_q;

    assign bank_pop[b] = BeatsPerStep == 1 ? pop_i : pop_i && (pop_two || bank_q == 1'(b));

    always_ff @(posedge clk_i) begin
      if (push_i && (BeatsPerStep == 1 || write_q[0] == 1'(b))) mem[BankBits'(write_q / PtrBits'(BeatsPerStep))] <= data_i;
    end
    always_ff @(posedge clk_i) begin
      if (reads) word_q <= mem[read_q];
    end
    always_ff @(posedge clk_i) begin
      if (!rst_ni) read_q <= '0;
      else if (bank_pop[b]) read_q <= read_q + 1'b1;
    end
    assign words[Width*b+:Width] = word_q;
  end

  if (BeatsPerStep == 1) begin : gen_one
    assign in_order = words;
  end else begin : gen_two
    logic odd_q;  // bank_q a cycle ago
    always_ff @(posedge clk_i) odd_q <= bank_q;
    assign in_order = odd_q ? {words[Width-1:0], words[2*Width-1:Width]} : words;
  end

  always_ff @(posedge clk_i) begin
    popped_q <= pop_i;
    if (popped_q) data_o <= in_order;
  end

  `STERNA_ASSERT(PopsWhatIsHeld, !pop_i || ((pop_words_i & ~valid_o) == '0 && (pop_words_i & (pop_words_i + 1'b1)) == '0 && pop_words_i[0]))
  `STERNA_ASSERT(ReadsWhatIsHeld, !valid_o[0] || reads)
endmodule
