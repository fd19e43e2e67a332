// SPDX-License-Identifier: Apache-2.0
// weight_banks against a queue that shifts: the same words in the same order, two cycles after their pop, none lost, and valid_o
// exact. Whoever pushes and pops keeps to what the ports' comments ask.
`include "tests/formal/proof.svh"

module weight_banks_proof #(
  parameter int unsigned Width        = 2,
  parameter int unsigned Depth        = 4,
  parameter int unsigned BeatsPerStep = 2,
  localparam int unsigned PtrBits = $clog2(Depth)
) (
  input logic                    clk_i,
  input logic                    rst_ni,
  input logic                    push_i,
  input logic [Width-1:0]        data_i,
  input logic                    pop_i,
  input logic [BeatsPerStep-1:0] pop_words_i
);

  `PROOF_RESET

  logic [BeatsPerStep-1:0]       valid;
  logic [BeatsPerStep*Width-1:0] data;

  sterna_weight_banks #(
    .Width       (Width),
    .BeatsPerStep(BeatsPerStep),
    .Depth       (Depth)
  ) u_dut (
    .clk_i, .rst_ni, .far_rst_ni(rst_ni), .push_i, .data_i, .valid_o(valid), .pop_i, .pop_words_i, .data_o(data)
  );

  // The queue: its first word is the lowest.
  logic [Depth*Width-1:0]        queue_q, popped;
  logic [PtrBits:0]              held_q, left, pops;
  logic [BeatsPerStep*Width-1:0] pop1_q, pop2_q;  // words popped a cycle ago, and two
  logic [BeatsPerStep-1:0]       due1_q, due2_q;

  logic [BeatsPerStep-1:0] pop;
  assign pop    = pop_words_i & {BeatsPerStep{pop_i}};
  assign pops   = BeatsPerStep == 2 && pop[BeatsPerStep-1] ? (PtrBits + 1)'(2) : (PtrBits + 1)'(pop[0]);
  assign popped = pops == (PtrBits + 1)'(2) ? queue_q >> 2 * Width : pop[0] ? queue_q >> Width : queue_q;
  assign left   = held_q - pops;

  `STERNA_RULE(NoPushWhenFull, 1'b1, !push_i || left != (PtrBits + 1)'(Depth))
  `STERNA_RULE(PopsWhatIsHeld, 1'b1, !pop_i || (pop_words_i[0] && (pop_words_i & ~valid) == '0 && (pop_words_i & (pop_words_i + 1'b1)) == '0))

  always @(posedge clk_i) begin
    queue_q <= popped;
    for (int unsigned i = 0; i < Depth; i++) begin
      if (push_i && left == (PtrBits + 1)'(i)) queue_q[i*Width +: Width] <= data_i;
    end
    held_q <= rst_ni ? left + (PtrBits + 1)'(push_i) : '0;
    pop1_q <= queue_q[BeatsPerStep*Width-1:0];
    pop2_q <= pop1_q;
    due1_q <= rst_ni ? pop : '0;
    due2_q <= rst_ni ? due1_q : '0;
  end

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_beat
    `STERNA_ASSERT(ValidIsExact, valid[b] == (held_q > (PtrBits + 1)'(b)))
    `STERNA_ASSERT(FirstInFirstOut, !due2_q[b] || data[b*Width +: Width] == pop2_q[b*Width +: Width])
  end
  `STERNA_ASSERT(NeverMoreThanFits, held_q <= (PtrBits + 1)'(Depth))

  // How the SRAMs' words stand to the queue's.
  localparam int unsigned BankBits = $clog2(Depth / BeatsPerStep);
  `PROOF_SEES([PtrBits-1:0], \u_dut.write_q )
  `PROOF_SEES([PtrBits:0], \u_dut.u_held.u_count.held_q )
  `PROOF_SEES([1:0], \u_dut.u_held.u_count.change_q )
  `PROOF_SEES([2*BeatsPerStep+3:0], \u_dut.u_held.u_count.had_q )
  `PROOF_SEES(, \u_dut.bank_q )
  `PROOF_SEES(, \u_dut.popped_q )
  `PROOF_SEES([BeatsPerStep*Width-1:0], \u_dut.in_order )
  `PROOF_SEES([BankBits-1:0], \u_dut.gen_bank[0].read_q )
  `PROOF_SEES([BankBits-1:0], \u_dut.gen_bank[1].read_q )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[0].mem[0] )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[0].mem[1] )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[1].mem[0] )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[1].mem[1] )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[0].mem[2] )
  `PROOF_SEES([Width-1:0], \u_dut.gen_bank[0].mem[3] )

  // Where the first word lies, as places are counted through the banks; the words by place.
  logic [PtrBits-1:0]     first;
  logic [Depth*Width-1:0] mem;
  assign first = \u_dut.write_q - held_q[PtrBits-1:0];
  logic [PtrBits:0] change;
  assign change = {{PtrBits - 1{ \u_dut.u_held.u_count.change_q [1]}}, \u_dut.u_held.u_count.change_q };
  `STERNA_ASSERT(CountAgrees, \u_dut.u_held.u_count.held_q + change == held_q)
  for (genvar k = 0; k <= 2 * BeatsPerStep + 3; k++) begin : gen_had
    `STERNA_ASSERT(BoundAgrees, \u_dut.u_held.u_count.had_q [k] == (k == 0 || 32'( \u_dut.u_held.u_count.held_q ) + 32'd1 >= k))
  end
  if (BeatsPerStep == 2) begin : gen_two
    logic [PtrBits-1:0] second;
    assign second = first + 1'b1;
    assign mem    = { \u_dut.gen_bank[1].mem[1] , \u_dut.gen_bank[0].mem[1] , \u_dut.gen_bank[1].mem[0] , \u_dut.gen_bank[0].mem[0] };
    `STERNA_ASSERT(FirstBank, \u_dut.bank_q == first[0])
    `STERNA_ASSERT(ReadsTheFirst, ( \u_dut.gen_bank[0].read_q == (first[0] ? second[PtrBits-1:1] : first[PtrBits-1:1])))
    `STERNA_ASSERT(ReadsTheSecond, ( \u_dut.gen_bank[1].read_q == (first[0] ? first[PtrBits-1:1] : second[PtrBits-1:1])))
  end else begin : gen_one
    assign mem = { \u_dut.gen_bank[0].mem[3] , \u_dut.gen_bank[0].mem[2] , \u_dut.gen_bank[0].mem[1] , \u_dut.gen_bank[0].mem[0] };
    `STERNA_ASSERT(ReadsTheFirst, \u_dut.gen_bank[0].read_q == first)
  end
  for (genvar a = 0; a < Depth; a++) begin : gen_kept
    logic [PtrBits-1:0] place;
    assign place = PtrBits'(a) - first;
    `STERNA_ASSERT(WordIsKept, (PtrBits + 1)'(place) >= held_q || mem[a*Width +: Width] == queue_q[place*Width +: Width])
  end
  `STERNA_ASSERT(PoppedNow, \u_dut.popped_q || !due1_q[0])
  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_read
    `STERNA_ASSERT(ReadWhilePopped, !due1_q[b] || \u_dut.in_order [b*Width +: Width] == pop1_q[b*Width +: Width])
  end

  always @(posedge clk_i) begin
    if (rst_ni) Full: cover (held_q == (PtrBits + 1)'(Depth) && push_i);
    if (rst_ni) EmptyAgain: cover ($past(rst_ni && pop == '1) && held_q == '0);
  end

endmodule
