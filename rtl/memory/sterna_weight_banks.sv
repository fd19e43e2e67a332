// SPDX-License-Identifier: Apache-2.0
// The beats that one channel of the weight stream holds: a FIFO of which up to BeatsPerStep words are popped a cycle.
//
// Commands: push_i writes data_i; pop_i pops the first words of those held, word b where pop_words_i[b] and those before it. Reset
// empties it. The reader may be Stages registers away, where the words are counted: pushes, pops and words take as long between the two.
// Handshake: valid_o[b], a register: word b is held, and those before it. kept_o and left_o say what it will be, where nothing is popped in this cycle
// and where pop_words_i are: so that who pops several banks at once may know of all of them in one register. There is no full: whoever pushes reserves
// space. Pop only what is valid.
// Latency: a word counts from 1 + Stages cycles after its push on. Pops only move pointers, so that what decides on them may be late in the
// cycle: the words follow on data_o 2 + 2 * Stages cycles later. The SRAM's output and data_o are registers of their own.
// BeatsPerStep: 1 or 2. Depth: words, a power of two.
//
// Word i lies in bank i mod BeatsPerStep, so that each bank is written and read once a cycle at most.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_weight_banks #(
  parameter int unsigned Width        = 32,
  parameter int unsigned BeatsPerStep = 2,
  parameter int unsigned Depth        = 16,
  parameter int unsigned Stages       = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,      // the reader's
  input  logic                          far_rst_ni,  // the words'
  input  logic                          push_i,
  input  logic [Width-1:0]              data_i,
  output logic [BeatsPerStep-1:0]       valid_o,
  output logic [BeatsPerStep-1:0]       kept_o,
  output logic [BeatsPerStep-1:0]       left_o,
  input  logic                          pop_i,
  input  logic [BeatsPerStep-1:0]       pop_words_i,  // with pop_i
  output logic [BeatsPerStep*Width-1:0] data_o,       // word b of those popped then
  // Where the words are.
  output logic [1:0]                    popped_o      // so many are popped
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
  logic                     pushed;           // a word is counted
  logic                     pop, pop_two_far; // where the words are
  logic                     reads_q;          // there has been a word

  // ------------------------------------------------------------------------------------------------------ what is held
  sterna_weight_held #(
    .BeatsPerStep(BeatsPerStep),
    .Depth       (Depth)
  ) u_held (
    .clk_i,
    .rst_ni,
    .push_i   (pushed),
    .pop_i,
    .pop_two_i(pop_two),
    .valid_o,
    .kept_o,
    .left_o
  );

  assign pop_two = BeatsPerStep == 2 && pop_words_i[BeatsPerStep-1];

  logic unused_push, unused_data;
  sterna_pipe_reg #(
    .Stages(Stages)
  ) u_pushes (
    .clk_i,
    .rst_ni,
    .valid_i(push_i),
    .data_i (1'b0),
    .valid_o(pushed),
    .data_o (unused_push)
  );
  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (1)
  ) u_pops (
    .clk_i,
    .rst_ni (far_rst_ni),
    .valid_i(pop_i),
    .data_i (pop_two),
    .valid_o(pop),
    .data_o (pop_two_far)
  );
  assign popped_o = {pop && pop_two_far, pop && !pop_two_far};

  always_ff @(posedge clk_i) begin
    if (!far_rst_ni) begin
      write_q <= '0;
      bank_q  <= 1'b0;
      reads_q <= 1'b0;
    end else begin
      write_q <= write_q + PtrBits'(push_i);
      bank_q  <= bank_q ^ (BeatsPerStep == 2 && pop && !pop_two_far);
      reads_q <= reads_q || push_i;
    end
  end

  // ------------------------------------------------------------------------------------------------------------- banks
  logic [BeatsPerStep*Width-1:0] words, in_order;  // that were first in their banks a cycle ago; as they were pushed
  logic                          popped_q;

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_bank
    (* ram_style = RamStyle *) logic [Width-1:0] mem[BankDepth];
    logic [BankBits-1:0] read_q;
    logic [Width-1:0]    word_q;

    assign bank_pop[b] = BeatsPerStep == 1 ? pop : pop && (pop_two_far || bank_q == 1'(b));

    always_ff @(posedge clk_i) begin
      if (push_i && (BeatsPerStep == 1 || write_q[0] == 1'(b))) mem[BankBits'(write_q / PtrBits'(BeatsPerStep))] <= data_i;
    end
    always_ff @(posedge clk_i) begin
      if (reads_q) word_q <= mem[read_q];
    end
    always_ff @(posedge clk_i) begin
      if (!far_rst_ni) read_q <= '0;
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

  logic [BeatsPerStep*Width-1:0] data_q;
  logic                          new_q;  // data_q is

  always_ff @(posedge clk_i) begin
    popped_q <= pop;
    new_q    <= popped_q;
    if (popped_q) data_q <= in_order;
  end

  sterna_pipe_reg #(
    .Stages(Stages),
    .Width (BeatsPerStep * Width)
  ) u_words (
    .clk_i,
    .rst_ni,
    .valid_i(new_q),
    .data_i (data_q),
    .valid_o(unused_data),
    .data_o
  );

  logic unused;
  assign unused = ^{unused_push, unused_data};

  `STERNA_ASSERT(PopsWhatIsHeld, !pop_i || ((pop_words_i & ~valid_o) == '0 && (pop_words_i & (pop_words_i + 1'b1)) == '0 && pop_words_i[0]))
  `STERNA_ASSERT(ReadsWhatIsHeld, Stages != 0 || !valid_o[0] || reads_q)
endmodule
