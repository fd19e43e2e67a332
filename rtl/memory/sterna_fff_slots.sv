// SPDX-License-Identifier: Apache-2.0
// A channel's part of the blocks that are kept on chip: in front of its weight_channel, which gets their beats from here and not from memory.
//
// Commands: a request of fff_walk. With req_hit_i its beats are read out of the slots; else it goes on to the weight_channel, and with req_keep_i its
// beats are written into the slots as they come. When a block's last request (req_last_i) has come, and no beat of it with an error, the block counts as held.
// clear_i drops requests and what is on its way; off_i says that what comes is not kept, until the program's end. forget_i: block forget_number_i is held no more.
// Handshake: valid/ready for requests; beats keep the requests' order: one of the slots waits until all that was asked of memory is there, and one
// of memory until the slots' beats have been read. reserve_o takes the place of a beat in the weight_channel's FIFO, where there is room_i, before it comes.
// Latency: none from look_number_i to held_o and from a request to ask_valid_o; two from a request to its first beat, then one a cycle.
// Beats: a power of two. Numbers: of blocks.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_fff_slots #(
  parameter int unsigned BeatBits = 512,
  parameter int unsigned Beats    = 512,
  parameter int unsigned Numbers  = 512,
  localparam int unsigned WordsPerLine = 512 / BeatBits,
  localparam int unsigned LineBits     = $clog2(Beats / WordsPerLine),
  localparam int unsigned NumberBits   = $clog2(Numbers)
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,
  input  logic off_i,
  input  logic                  forget_i,
  input  logic [NumberBits-1:0] forget_number_i,

  input  logic [NumberBits-1:0] look_number_i,
  output logic                  held_o,

  input  logic                  req_valid_i,
  output logic                  req_ready_o,
  input  logic [9:0]            req_lines_i,
  input  logic                  req_hit_i,
  input  logic                  req_keep_i,
  input  logic                  req_last_i,
  input  logic [LineBits-1:0]   req_slot_i,    // first line
  input  logic [NumberBits-1:0] req_number_i,

  output logic ask_valid_o,
  input  logic ask_ready_i,
  input  logic room_i,
  output logic reserve_o,

  input  logic                r_valid_i,
  input  logic [BeatBits-1:0] r_data_i,
  input  logic                r_error_i,
  output logic                soon_o,     // given_o in the next cycle
  output logic                given_o,    // a beat of the slots is on r_data_o, else memory's
  output logic [BeatBits-1:0] r_data_o,
  output logic                r_error_o
);
  localparam int unsigned AtBits    = $clog2(Beats);
  localparam int unsigned ShiftBits = $clog2(WordsPerLine);
  localparam int unsigned CountBits = 10 + ShiftBits;  // of a request's beats
  localparam int unsigned Asked     = 16;              // requests that memory has
  localparam int unsigned RequestBits = 2 + AtBits + NumberBits + CountBits;
  `STERNA_CHECKED_PARAMETERS_BEGIN
  localparam RamStyle = Beats >= 2048 ? "ultra" : "block";
  `STERNA_CHECKED_PARAMETERS_END

  (* ram_style = RamStyle *) logic [BeatBits-1:0] mem[Beats];

  logic rst_n;
  assign rst_n = rst_ni && !clear_i;

  // ----------------------------------------------------------------------------------------------- from the slots
  logic                   asked;
  logic [$clog2(Asked):0] asked_q;
  logic                   comes_q;  // beats of a request that is not among those
  logic [AtBits-1:0]    at_q, read_at;
  logic [CountBits-1:0] left_q;       // beats of the request that are still to be read
  logic                 copies_q;     // there are some
  logic                 may_hit_q, may_ask_q;  // what decides on a request is known ahead: the walk waits for all channels
  logic                 hits, reads;
  logic [1:0]           read_q;       // i: i + 1 cycles ago
  logic                 memory_q;     // !read_q[1], for the data
  logic [BeatBits-1:0]  word_q, given_q;
  logic [CountBits-1:0] req_beats;

  assign req_beats = CountBits'(req_lines_i) << ShiftBits;
  assign hits      = req_valid_i && req_hit_i && may_hit_q;
  assign reads     = copies_q ? room_i : hits;
  // What a request asks for is read while it is not yet known whether it may be.
  assign read_at   = copies_q ? at_q : AtBits'(req_slot_i) << ShiftBits;
  assign reserve_o = reads;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      copies_q  <= 1'b0;
      may_hit_q <= 1'b0;
      may_ask_q <= 1'b0;
    end else begin
      copies_q <= copies_q ? !(room_i && left_q == CountBits'(1)) : hits && req_beats != CountBits'(1);
      may_hit_q <= asked_q == '0 && !comes_q && !asked && !copies_q && !hits && room_i;
      may_ask_q <= asked_q < ($clog2(Asked) + 1)'(Asked - 2) && !copies_q && !hits;
    end
    // A beat that is announced comes, though the program may have ended.
    if (!rst_ni) begin
      read_q   <= '0;
      memory_q <= 1'b1;
    end else begin
      read_q   <= {read_q[0], reads && !clear_i};
      memory_q <= !read_q[0];
    end
    // Of a request, whether or not it is taken.
    at_q   <= copies_q && !room_i ? at_q : read_at + 1'b1;
    left_q <= copies_q ? left_q - CountBits'(room_i) : req_beats - 1'b1;
  end

  always_ff @(posedge clk_i) word_q <= mem[read_at];
  always_ff @(posedge clk_i) given_q <= word_q;

  assign soon_o    = read_q[0];
  assign given_o   = read_q[1];
  assign r_data_o  = memory_q ? r_data_i : given_q;
  assign r_error_o = r_error_i && !given_o;

  // -------------------------------------------------------------------------------------------------- from memory
  logic [$clog2(Asked)-1:0] asked_write_q, asked_read_q;
  logic                  asked_valid, load, ends;
  logic                  next_keep, next_last, keep_q, last_q;  // of the request behind the one whose beats come, and of that one
  logic [AtBits-1:0]     next_slot, slot_q;                     // its next beat's
  logic [NumberBits-1:0] next_number, number_q;
  logic [CountBits-1:0]  next_beats, come_q;                    // beats that are to come behind the next
  logic                  ends_q;                                // the next beat is its last
  logic                  bad_q;                                 // a beat of the block came with an error
  logic                  write_q, held_q;
  logic [AtBits-1:0]     write_at_q;
  logic [BeatBits-1:0]   write_data_q;
  logic [NumberBits-1:0] held_number_q;

  assign ask_valid_o = req_valid_i && !req_hit_i && may_ask_q;
  assign asked       = ask_valid_o && ask_ready_i;
  assign req_ready_o = req_hit_i ? may_hit_q : may_ask_q && ask_ready_i;
  assign ends        = r_valid_i && ends_q;
  assign asked_valid = asked_q != '0;
  assign load        = asked_valid && (ends || !comes_q);

  // A queue without the cycles of a FIFO: a beat may come two cycles after its request.
  sterna_small_ram #(
    .Width(RequestBits),
    .Depth(Asked)
  ) u_asked (
    .clk_i,
    .wr_en_i  (asked),
    .wr_addr_i(asked_write_q),
    .wr_data_i({req_keep_i, req_last_i, AtBits'(req_slot_i) << ShiftBits, req_number_i, CountBits'(req_beats - 1'b1)}),
    .rd_addr_i(asked_read_q),
    .rd_data_o({next_keep, next_last, next_slot, next_number, next_beats})
  );

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      asked_q       <= '0;
      asked_write_q <= '0;
      asked_read_q  <= '0;
      comes_q <= 1'b0;
      ends_q  <= 1'b0;
      bad_q   <= 1'b0;
      write_q <= 1'b0;
      held_q  <= 1'b0;
    end else begin
      asked_q       <= asked_q + ($clog2(Asked) + 1)'(asked) - ($clog2(Asked) + 1)'(load);
      asked_write_q <= asked_write_q + $clog2(Asked)'(asked);
      asked_read_q  <= asked_read_q + $clog2(Asked)'(load);
      comes_q <= load || (comes_q && !ends);
      if (load) ends_q <= next_beats == '0;
      else if (r_valid_i) ends_q <= come_q == CountBits'(1);
      if (r_valid_i) bad_q <= (bad_q || r_error_i) && !(ends_q && last_q);
      write_q <= r_valid_i && keep_q && !off_i;
      held_q  <= ends && keep_q && last_q && !off_i && !bad_q && !r_error_i;
    end
    if (load) begin
      keep_q   <= next_keep;
      last_q   <= next_last;
      slot_q   <= next_slot;
      number_q <= next_number;
      come_q   <= next_beats;
    end else if (r_valid_i) begin
      slot_q <= slot_q + 1'b1;
      come_q <= come_q - 1'b1;
    end
    write_at_q    <= slot_q;
    write_data_q  <= r_data_i;
    held_number_q <= number_q;
  end

  always_ff @(posedge clk_i) begin
    if (write_q) mem[write_at_q] <= write_data_q;
  end

  sterna_small_ram #(
    .Width(1),
    .Depth(Numbers)
  ) u_held (
    .clk_i,
    .wr_en_i  (forget_i || (held_q && !off_i)),
    .wr_addr_i(forget_i ? forget_number_i : held_number_q),
    .wr_data_i(!forget_i),
    .rd_addr_i(look_number_i),
    .rd_data_o(held_o)
  );

  `STERNA_ASSERT(OneBeatACycle, !(r_valid_i && given_o))
  `STERNA_ASSERT(AsksBeforeItComes, !rst_n || !r_valid_i || comes_q)
  `STERNA_ASSERT(ForgetsAlone, !(forget_i && held_q && !off_i))
endmodule
