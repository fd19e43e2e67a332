// SPDX-License-Identifier: Apache-2.0
// One AXI4 port of sterna_top with 64-bit beats on a native port of LiteDRAM with words of half that width.
//
// Commands: AXI4 bursts (INCR, full beats); each beat is two commands of the native port, the next burst's first right behind
// the last one's second.
// Handshake: AXI4, but the master must take R at once, as sterna_top does. The native port takes a write's words as it comes to
// them, so a write's command waits until its word is in the FIFO. A write is answered when its last command is accepted: LiteDRAM
// keeps the commands of a bank in order, so what is read afterwards is what was written.
// Latency: four cycles from AR to the first command, one from the second word of a beat to R.
// Addresses above the memory wrap: the host places nothing there.
`include "rtl/assertions.svh"

module sterna_sdram_port #(
  parameter int unsigned AddrBits = 23,  // of the native port, in words
  localparam int unsigned IdBits  = 2
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  input  logic [IdBits-1:0]   awid_i,
  input  logic [63:0]         awaddr_i,
  input  logic [7:0]          awlen_i,
  input  logic                awvalid_i,
  output logic                awready_o,
  input  logic [63:0]         wdata_i,
  input  logic [7:0]          wstrb_i,
  input  logic                wvalid_i,
  output logic                wready_o,
  output logic [IdBits-1:0]   bid_o,
  output logic                bvalid_o,
  input  logic                bready_i,
  input  logic [IdBits-1:0]   arid_i,
  input  logic [63:0]         araddr_i,
  input  logic [7:0]          arlen_i,
  input  logic                arvalid_i,
  output logic                arready_o,
  output logic [IdBits-1:0]   rid_o,
  output logic [63:0]         rdata_o,
  output logic                rlast_o,
  output logic                rvalid_o,
  input  logic                rready_i,

  output logic                cmd_valid_o,
  input  logic                cmd_ready_i,
  output logic                cmd_we_o,
  output logic [AddrBits-1:0] cmd_addr_o,
  output logic                wdata_valid_o,
  input  logic                wdata_ready_i,
  output logic [31:0]         wdata_o,
  output logic [3:0]          wstrb_o,
  input  logic                rdata_valid_i,
  input  logic [31:0]         rdata_i
);

  localparam int unsigned WordBits = AddrBits;
  localparam int unsigned HalfBits = 9;  // of the number of a burst's words, less one
  localparam int unsigned Queue    = 8;  // bursts whose addresses wait
  localparam int unsigned Open     = 32; // bursts of which not all words are back
  localparam int unsigned Words    = 16; // of a write, on their way

  logic read_fire, write_fire;

  // --------------------------------------------------------------------------------------------------------------- reads
  logic                ar_valid, ar_full, ar_pop, open_full, open_valid, open_pop;
  logic [IdBits-1:0]   ar_id, open_id;
  logic [7:0]          ar_len, open_len;
  logic [WordBits-2:0] ar_beat;
  logic [$clog2(Queue):0] unused_ar_count;
  logic [$clog2(Open):0]  unused_open_count;

  sterna_fifo #(
    .Width(IdBits + 8 + WordBits - 1),
    .Depth(Queue)
  ) u_ar (
    .clk_i,
    .rst_ni,
    .push_i (arvalid_i && arready_o),
    .data_i ({arid_i, arlen_i, araddr_i[3 +: WordBits-1]}),
    .full_o (ar_full),
    .pop_i  (ar_pop),
    .valid_o(ar_valid),
    .data_o ({ar_id, ar_len, ar_beat}),
    .count_o(unused_ar_count)
  );

  assign arready_o = !ar_full;

  logic                read_busy_q, read_ends;
  logic [WordBits-1:0] read_addr_q;
  logic [HalfBits-1:0] read_left_q;  // words behind this one

  assign read_ends = read_fire && read_left_q == '0;
  assign ar_pop    = ar_valid && !open_full && (!read_busy_q || read_ends);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) read_busy_q <= 1'b0;
    else read_busy_q <= ar_pop || (read_busy_q && !read_ends);

    if (ar_pop) begin
      read_addr_q <= {ar_beat, 1'b0};
      read_left_q <= {ar_len, 1'b1};
    end else if (read_fire) begin
      read_addr_q <= read_addr_q + 1'b1;
      read_left_q <= read_left_q - 1'b1;
    end
  end

  sterna_fifo #(
    .Width(IdBits + 8),
    .Depth(Open)
  ) u_open (
    .clk_i,
    .rst_ni,
    .push_i (ar_pop),
    .data_i ({ar_id, ar_len}),
    .full_o (open_full),
    .pop_i  (open_pop),
    .valid_o(open_valid),
    .data_o ({open_id, open_len}),
    .count_o(unused_open_count)
  );

  logic        high_q;       // the word that comes next is a beat's upper half
  logic [31:0] low_q;
  logic [7:0]  beats_q;      // of the burst, that are back
  logic        beat_comes;

  assign beat_comes = rdata_valid_i && high_q;
  assign open_pop   = beat_comes && beats_q == open_len;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      high_q   <= 1'b0;
      beats_q  <= '0;
      rvalid_o <= 1'b0;
    end else begin
      if (rdata_valid_i) high_q <= !high_q;
      if (beat_comes) beats_q <= open_pop ? '0 : beats_q + 1'b1;
      rvalid_o <= beat_comes;
    end
    if (rdata_valid_i && !high_q) low_q <= rdata_i;
    if (beat_comes) begin
      rdata_o <= {rdata_i, low_q};
      rid_o   <= open_id;
      rlast_o <= beats_q == open_len;
    end
  end

  // -------------------------------------------------------------------------------------------------------------- writes
  // A beat is held until both of its words are in the FIFO. A word counts for a command two cycles after it went in, when the
  // FIFO offers it.
  logic        beat_held_q, upper_q, word_full, word_push;
  logic [63:0] beat_q;
  logic [7:0]  beat_strobe_q;
  logic [1:0]  pushed_q;
  logic [$clog2(Words):0] ready_words_q, unused_word_count;

  assign wready_o  = !beat_held_q || (upper_q && word_push);
  assign word_push = beat_held_q && !word_full;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_held_q   <= 1'b0;
      upper_q       <= 1'b0;
      pushed_q      <= '0;
      ready_words_q <= '0;
    end else begin
      beat_held_q   <= (wvalid_i && wready_o) || (beat_held_q && !wready_o);
      upper_q       <= upper_q ^ word_push;
      pushed_q      <= {pushed_q[0], word_push};
      ready_words_q <= ready_words_q + {{$clog2(Words){1'b0}}, pushed_q[1]} - {{$clog2(Words){1'b0}}, write_fire};
    end
    if (wvalid_i && wready_o) begin
      beat_q        <= wdata_i;
      beat_strobe_q <= wstrb_i;
    end
  end

  sterna_fifo #(
    .Width(36),
    .Depth(Words)
  ) u_words (
    .clk_i,
    .rst_ni,
    .push_i (word_push),
    .data_i (upper_q ? {beat_strobe_q[7:4], beat_q[63:32]} : {beat_strobe_q[3:0], beat_q[31:0]}),
    .full_o (word_full),
    .pop_i  (wdata_ready_i && wdata_valid_o),
    .valid_o(wdata_valid_o),
    .data_o ({wstrb_o, wdata_o}),
    .count_o(unused_word_count)
  );

  logic                write_busy_q, answer_q;
  logic [WordBits-1:0] write_addr_q;
  logic [HalfBits-1:0] write_left_q;

  assign awready_o = !write_busy_q && !answer_q;
  assign bvalid_o  = answer_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_busy_q <= 1'b0;
      answer_q     <= 1'b0;
    end else begin
      write_busy_q <= (awvalid_i && awready_o) || (write_busy_q && !(write_fire && write_left_q == '0));
      answer_q     <= (write_fire && write_left_q == '0) || (answer_q && !bready_i);
    end
    if (awvalid_i && awready_o) begin
      bid_o        <= awid_i;
      write_addr_q <= {awaddr_i[3 +: WordBits-1], 1'b0};
      write_left_q <= {awlen_i, 1'b1};
    end else if (write_fire) begin
      write_addr_q <= write_addr_q + 1'b1;
      write_left_q <= write_left_q - 1'b1;
    end
  end

  // ------------------------------------------------------------------------------------------------------------ commands
  // Writes go first. A slice stands between what is next here and LiteDRAM, whose answer hangs on the command: two long ways without a
  // register between them otherwise. What is in the slice counts as accepted: it stays in order.
  logic cmd_valid, cmd_ready, write_next;

  assign write_next = write_busy_q && ready_words_q != '0;
  assign cmd_valid  = write_next || read_busy_q;
  assign write_fire = cmd_ready && write_next;
  assign read_fire  = cmd_ready && read_busy_q && !write_next;

  sterna_slice #(
    .Stages(1),
    .Width (1 + AddrBits)
  ) u_command (
    .clk_i,
    .rst_ni,
    .valid_i(cmd_valid),
    .ready_o(cmd_ready),
    .data_i ({write_next, write_next ? write_addr_q : read_addr_q}),
    .valid_o(cmd_valid_o),
    .ready_i(cmd_ready_i),
    .data_o ({cmd_we_o, cmd_addr_o})
  );

  logic unused_address;
  assign unused_address = &{1'b0, awaddr_i[2:0], araddr_i[2:0], awaddr_i[63:WordBits+2], araddr_i[63:WordBits+2], rready_i, open_valid};

  `STERNA_ASSERT(MasterTakesData, !rvalid_o || rready_i)
  `STERNA_ASSERT(WordIsThere, !wdata_ready_i || wdata_valid_o)
  `STERNA_ASSERT(BurstIsKnown, !beat_comes || open_valid)
  `STERNA_ASSERT_STABLE(CommandStable, cmd_valid_o, cmd_ready_i, {cmd_we_o, cmd_addr_o})

endmodule
