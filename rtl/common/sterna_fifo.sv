// SPDX-License-Identifier: Apache-2.0
// Synchronous first-word-fall-through FIFO around an SRAM with one read and one write port.
//
// Commands: push_i writes data_i, only while !full_o; pop_i removes the word on data_o, only while valid_o. Both in one cycle are
// fine. Reset empties it.
// Handshake: valid_o, full_o and count_o are registers. count_o counts the words held, those not yet on data_o included.
// Latency: two cycles from a push into an empty FIFO to valid_o: the output is the SRAM's own read register, so that deep
// instances map to block RAM. Then a word a cycle.
// Depth: a power of two, at least 2.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 16,
  `STERNA_CHECKED_PARAMETERS_BEGIN
  parameter              RamStyle = "auto",  // the synthesiser's ram_style; no type, as instr_rom says
  `STERNA_CHECKED_PARAMETERS_END
  localparam int unsigned PtrBits = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  output logic             full_o,
  input  logic             pop_i,
  output logic             valid_o,
  output logic [Width-1:0] data_o,
  output logic [PtrBits:0] count_o
);

  if (Depth < 2 || (1 << PtrBits) != Depth) begin : gen_bad_depth
    $error("fifo: Depth must be a power of two, at least 2");
  end

  (* ram_style = RamStyle *) logic [Width-1:0] mem[Depth];

  logic [PtrBits-1:0] write_q, read_d;
  logic [PtrBits-1:0] read_q, next_q;  // the word on data_o, or the next to be; the one behind it
  logic [PtrBits:0]   count_q, more, fewer;
  logic               valid_q;
  logic               one_q, two_q, full_q;  // count_q is 1 or more, 2 or more, Depth: known before push_i and pop_i are
  logic               fetch, grows, shrinks;

  // The SRAM reads the next word as soon as the current one leaves. Only words written in an earlier cycle count, so
  // that the SRAM never reads and writes one address at once.
  assign read_d = pop_i ? next_q : read_q;
  assign fetch  = pop_i ? two_q : one_q && !valid_q;

  assign grows   = push_i && !pop_i;
  assign shrinks = pop_i && !push_i;
  assign more    = count_q + 1'b1;
  assign fewer   = ~(~count_q + 1'b1);  // count_q - 1, as an adder of its own: with one for both what is pushed would choose first

  always_ff @(posedge clk_i) begin
    if (push_i) mem[write_q] <= data_i;
  end

  always_ff @(posedge clk_i) begin
    if (fetch) data_o <= mem[read_d];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      next_q  <= PtrBits'(1);
      count_q <= '0;
      valid_q <= 1'b0;
      one_q   <= 1'b0;
      two_q   <= 1'b0;
      full_q  <= 1'b0;
    end else begin
      if (push_i) write_q <= write_q + 1'b1;
      if (pop_i) begin
        read_q <= next_q;
        next_q <= next_q + 1'b1;
      end
      valid_q <= pop_i ? two_q : one_q;  // a word that is held, valid or fetched
      count_q <= grows ? more : shrinks ? fewer : count_q;
      one_q   <= push_i || (one_q && !pop_i) || two_q;
      two_q   <= (grows && one_q) || (two_q && !shrinks) || (shrinks && count_q > (PtrBits + 1)'(2));
      full_q  <= (grows && count_q == (PtrBits + 1)'(Depth - 1)) || (full_q && !shrinks);
    end
  end

  assign valid_o = valid_q;
  assign count_o = count_q;
  assign full_o  = full_q;

  `STERNA_ASSERT(PushWhenFull, !(push_i && full_o))
  `STERNA_ASSERT(PopWhenEmpty, !(pop_i && !valid_o))
  `STERNA_ASSERT(ValidWordIsHeld, !valid_o || count_o != '0)
  `STERNA_ASSERT(KnownAhead, one_q == (count_q != '0) && two_q == (count_q > (PtrBits + 1)'(1)) && full_q == (count_q == (PtrBits + 1)'(Depth)))

endmodule
