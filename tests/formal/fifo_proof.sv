// SPDX-License-Identifier: Apache-2.0
// The FIFO against a queue that shifts: the same words in the same order, none lost, count and full exact, and a word on data_o
// from the second cycle after its push on. Whoever pushes and pops keeps to what the ports' comments ask.
`include "tests/formal/proof.svh"

module fifo_proof #(
  parameter int unsigned Width = 2,
  parameter int unsigned Depth = 4,
  localparam int unsigned PtrBits = $clog2(Depth)
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             push_i,
  input logic [Width-1:0] data_i,
  input logic             pop_i
);

  `PROOF_RESET

  logic             full, valid;
  logic [Width-1:0] data;
  logic [PtrBits:0] count;

  `STERNA_RULE(NoPushWhenFull, 1'b1, !(push_i && full))
  `STERNA_RULE(NoPopWhenEmpty, 1'b1, !(pop_i && !valid))

  sterna_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) u_dut (
    .clk_i, .rst_ni, .push_i, .data_i, .full_o(full), .pop_i, .valid_o(valid), .data_o(data), .count_o(count)
  );

  // The queue: its first word is the lowest.
  logic [Depth*Width-1:0] queue_q, popped;
  logic [PtrBits:0]       held_q, left;
  logic                   ready_q;  // a word was there a cycle ago, and still is

  assign popped = pop_i ? queue_q >> Width : queue_q;
  assign left   = held_q - (PtrBits + 1)'(pop_i);

  always @(posedge clk_i) begin
    queue_q <= popped;
    for (int unsigned i = 0; i < Depth; i++) begin
      if (push_i && left == (PtrBits + 1)'(i)) queue_q[i*Width +: Width] <= data_i;
    end
    held_q  <= rst_ni ? left + (PtrBits + 1)'(push_i) : '0;
    ready_q <= rst_ni && left != '0;
  end

  `STERNA_ASSERT(CountIsExact, count == held_q && held_q <= (PtrBits + 1)'(Depth))
  `STERNA_ASSERT(FullIsExact, full == (held_q == (PtrBits + 1)'(Depth)))
  `STERNA_ASSERT(ValidIsPrompt, valid == ready_q)
  `STERNA_ASSERT(FirstInFirstOut, !valid || data == queue_q[Width-1:0])

  // How the SRAM's words stand to the queue's.
  `PROOF_SEES([PtrBits-1:0], \u_dut.read_q )
  `PROOF_SEES([PtrBits-1:0], \u_dut.next_q )
  `PROOF_SEES([PtrBits-1:0], \u_dut.write_q )
  logic [PtrBits-1:0] ahead, behind;
  assign ahead  = \u_dut.write_q - \u_dut.read_q ;
  assign behind = \u_dut.next_q - \u_dut.read_q ;
  `STERNA_ASSERT(PointersAgree, ahead == held_q[PtrBits-1:0] && behind == PtrBits'(1))
  for (genvar a = 0; a < Depth; a++) begin : gen_word
    logic [PtrBits-1:0] place;
    assign place = PtrBits'(a) - \u_dut.read_q ;
  end
  `PROOF_SEES([Width-1:0], \u_dut.mem[0] )
  `PROOF_SEES([Width-1:0], \u_dut.mem[1] )
  `PROOF_SEES([Width-1:0], \u_dut.mem[2] )
  `PROOF_SEES([Width-1:0], \u_dut.mem[3] )

  logic [Depth*Width-1:0] mem;
  assign mem = { \u_dut.mem[3] , \u_dut.mem[2] , \u_dut.mem[1] , \u_dut.mem[0] };

  for (genvar a = 0; a < Depth; a++) begin : gen_kept
    `STERNA_ASSERT(WordIsKept, (PtrBits + 1)'(gen_word[a].place) >= held_q ||
        mem[a*Width +: Width] == queue_q[gen_word[a].place*Width +: Width])
  end

  always @(posedge clk_i) begin
    if (rst_ni) Full: cover (full && push_i == pop_i);
    if (rst_ni) EmptyAgain: cover ($past(rst_ni && pop_i) && held_q == '0);
  end

endmodule
