// SPDX-License-Identifier: Apache-2.0
// One channel of the weight stream: prefetches its parts of the matrices into a deep FIFO and hands out up to BeatsPerStep beats
// a cycle.
//
// Commands: a request of lines, one a matrix; a queue of them lets a channel that carries less besides run ahead by as much as
// its FIFO holds, and not only by a matrix. Without Queue a request waits outside.
// Handshake: valid/ready for requests and AR. Credits: a burst is issued only when the FIFO has space for all of its beats, so R
// has no ready. Up to Outstanding beats may be on their way, and one burst of 4 KiB while the FIFO is half full or few_i: Load/Store
// and FFFIN, on the same port, queue behind no more. The reader pops the beats that are valid (weight_banks); data never stalls it,
// only their absence does. While run_i is low, as in a reset, requests, beats held and beats still to come are dropped; idle_o says that no
// beat is outstanding. The reader may be Stages registers away: what goes between the two takes as long, and data_o 2 * Stages cycles more.
// Latency: four cycles from a request to AR; without Queue one, or two where not every burst would fit; then a burst every three; from R one to
// valid_o, and two from a pop to data_o; those of Stages besides.
// BeatsPerStep: 1 or 2. FifoBeats: a power of two. Outstanding: beats, at least the longest burst and at most FifoBeats.
`include "rtl/assertions.svh"

module sterna_weight_channel #(
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned FifoBeats    = 512,
  parameter int unsigned Outstanding  = 256,
  parameter bit          Queue        = 1'b1,  // of requests
  parameter int unsigned Stages       = 0
) (
  input  logic clk_i,
  input  logic rst_ni,      // the reader's
  input  logic far_rst_ni,  // the memory's side's
  input  logic run_i,    // a register: low in a reset; between programs until idle_o, which counts from 2 * Stages cycles later on
  input  logic few_i,    // one burst may be on its way, not more
  output logic idle_o,

  input  logic        req_valid_i,
  output logic        req_ready_o,
  input  logic [63:0] req_addr_i,   // byte address, a multiple of 64
  input  logic [31:0] req_lines_i,  // at least 1

  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [63:0]         ar_addr_o,
  output logic [8:0]          ar_beats_o,  // 1 to 256
  input  logic                r_valid_i,
  input  logic [BeatBits-1:0] r_data_i,
  input  logic                r_error_i,

  // Beats that come from elsewhere (fff_slots), while nothing is asked of memory.
  output logic room_o,     // for many
  input  logic reserve_i,  // one will come
  input  logic given_i,    // with r_valid_i: it is such a one

  output logic [BeatsPerStep-1:0]          valid_o,  // beat b, and those before it
  output logic [BeatsPerStep-1:0]          kept_o,   // valid_o in the next cycle, where nothing is popped,
  output logic [BeatsPerStep-1:0]          left_o,   // and where pop_beats_i are
  input  logic                             pop_i,
  input  logic [BeatsPerStep-1:0]          pop_beats_i,  // with pop_i: beat b, and those before it
  output logic [BeatsPerStep*BeatBits-1:0] data_o,       // of the pop two cycles ago
  output logic [BeatsPerStep-1:0]          error_o   // memory answered the beat with an error
);
  localparam int unsigned CreditBits = $clog2(FifoBeats) + 1;
  localparam int unsigned BeatsBits  = $clog2(Outstanding) + 1;
  localparam int unsigned Longest    = 32768 / BeatBits < 256 ? 32768 / BeatBits : 256;  // beats of 4 KiB
  localparam int unsigned Requests   = FifoBeats > 1024 ? FifoBeats / 512 : 2;  // matrices: as many small ones as it holds

  if (Outstanding < Longest || FifoBeats < Outstanding) begin : gen_bad_outstanding
    $error("weight_channel: Outstanding must be at least the longest burst, and FifoBeats at least Outstanding");
  end

  logic far_rst_n, run_far, few_far, unused_run;
  assign far_rst_n = far_rst_ni && run_far;

  sterna_pipe_reg #(
    .Stages(Stages),
    .Valids(2)
  ) u_run (
    .clk_i,
    .rst_ni (far_rst_ni),
    .valid_i({run_i, few_i}),
    .data_i (1'b0),
    .valid_o({run_far, few_far}),
    .data_o (unused_run)
  );

  // ---------------------------------------------------------------------------------------------------------- requests
  logic        request_valid, request_ready;
  logic [63:0] request_addr;
  logic [31:0] request_lines;

  logic        far_valid, far_ready;
  logic [63:0] far_addr;
  logic [31:0] far_lines;

  sterna_slice #(
    .Stages(Stages),
    .Width (96)
  ) u_requests_far (
    .clk_i,
    .rst_ni (run_i),
    .valid_i(req_valid_i),
    .ready_o(req_ready_o),
    .data_i ({req_addr_i, req_lines_i}),
    .valid_o(far_valid),
    .ready_i(far_ready),
    .data_o ({far_addr, far_lines})
  );

  if (Queue) begin : gen_queue
    logic                      requests_full;
    logic [$clog2(Requests):0] unused_requests;

    assign far_ready = !requests_full;

    sterna_fifo #(
      .Width(96),
      .Depth(Requests)
    ) u_requests (
      .clk_i,
      .rst_ni (far_rst_n),
      .push_i (far_valid && far_ready),
      .data_i ({far_addr, far_lines}),
      .full_o (requests_full),
      .pop_i  (request_valid && request_ready),
      .valid_o(request_valid),
      .data_o ({request_addr, request_lines}),
      .count_o(unused_requests)
    );
  end else begin : gen_no_queue
    assign far_ready     = request_ready;
    assign request_valid = far_valid;
    assign request_addr  = far_addr;
    assign request_lines = far_lines;
  end

  // ------------------------------------------------------------------------------------------------------------ bursts
  logic                  burst_valid, burst_sent;
  logic                  allowed_q;      // it has space, and few enough beats are on their way; where there is none: any would
  logic                  any_fits;       // the longest would, with nothing that is not counted yet
  logic [CreditBits-1:0] credits_q;      // FIFO words that no issued burst has reserved
  logic [BeatsBits-1:0]  outstanding_q;  // beats of issued bursts, not here yet
  logic                  sent_q, came_q, reserved_q;
  logic [1:0]            popped, popped_q;
  logic                  idle, unused_idle;
  logic                  many;           // beats may be on their way
  logic [BeatsBits:0]    on_their_way;   // with this burst
  logic                  unused_burst_last;

  assign ar_valid_o   = burst_valid && allowed_q;
  assign burst_sent   = ar_valid_o && ar_ready_i;
  assign idle         = outstanding_q == '0 && !sent_q && !burst_valid;
  // credits_q > FifoBeats / 2, without a carry chain before the next one.
  assign room_o       = credits_q[CreditBits-1:3] != '0;
  assign many         = (credits_q[CreditBits-1] || (credits_q[CreditBits-2] && credits_q[CreditBits-3:0] != '0)) && !few_far;
  assign on_their_way = (BeatsBits + 1)'(outstanding_q) + (BeatsBits + 1)'(ar_beats_o);
  // A shallow FIFO's credits are soon compared.
  assign any_fits     = !Queue && many && !sent_q && !reserved_q && credits_q >= CreditBits'(Longest) && outstanding_q <= BeatsBits'(Outstanding - Longest);

  sterna_pipe_reg #(
    .Stages(Stages)
  ) u_idle (
    .clk_i,
    .rst_ni,
    .valid_i(idle),
    .data_i (1'b0),
    .valid_o(idle_o),
    .data_o (unused_idle)
  );

  // Counted a cycle late, so that neither ar_ready_i nor pop_i nor r_valid_i meets an adder; the splitter's beats stay for that
  // cycle. When its next burst is there, all is counted.
  always_ff @(posedge clk_i) begin
    if (!far_rst_n) begin
      credits_q <= CreditBits'(FifoBeats);
      popped_q  <= '0;
      allowed_q <= 1'b0;
      reserved_q <= 1'b0;
    end else begin
      credits_q <= credits_q - (sent_q ? CreditBits'(ar_beats_o) : CreditBits'(reserved_q)) + CreditBits'(popped_q);
      popped_q  <= popped;
      reserved_q <= reserve_i;
      allowed_q <= burst_valid ? credits_q >= CreditBits'(ar_beats_o)
                                 && (many ? on_their_way <= (BeatsBits + 1)'(Outstanding) : on_their_way <= (BeatsBits + 1)'(Longest))
                               : any_fits;
    end
    if (!far_rst_ni) begin
      outstanding_q <= '0;
      sent_q        <= 1'b0;
      came_q        <= 1'b0;
    end else begin
      outstanding_q <= outstanding_q + (sent_q ? BeatsBits'(ar_beats_o) : '0) - BeatsBits'(came_q);
      sent_q        <= burst_sent;
      came_q        <= r_valid_i && !given_i;
    end
  end

  sterna_axi_burst_splitter #(
    .BeatBits(BeatBits),
    .AtOnce  (1'b1)
  ) u_splitter (
    .clk_i,
    .rst_ni       (far_rst_n),
    .req_valid_i  (request_valid),
    .req_ready_o  (request_ready),
    .req_addr_i   (request_addr),
    .req_lines_i  (request_lines),
    .burst_valid_o(burst_valid),
    .burst_ready_i(ar_ready_i),
    .burst_allowed_i(allowed_q),
    .burst_addr_o (ar_addr_o),
    .burst_beats_o(ar_beats_o),
    .burst_last_o (unused_burst_last)
  );

  // -------------------------------------------------------------------------------------------------------------- FIFO
  logic [BeatsPerStep*(BeatBits+1)-1:0] beats;

  sterna_weight_banks #(
    .Width       (BeatBits + 1),
    .BeatsPerStep(BeatsPerStep),
    .Depth       (FifoBeats),
    .Stages      (Stages)
  ) u_banks (
    .clk_i,
    .rst_ni    (run_i),
    .far_rst_ni(far_rst_n),
    .push_i (r_valid_i),
    .data_i ({r_error_i, r_data_i}),
    .valid_o,
    .kept_o,
    .left_o,
    .pop_i,
    .pop_words_i(pop_beats_i),
    .data_o  (beats),
    .popped_o(popped)
  );

  for (genvar b = 0; b < BeatsPerStep; b++) begin : gen_beat
    assign {error_o[b], data_o[BeatBits*b+:BeatBits]} = beats[(BeatBits+1)*b+:BeatBits+1];
  end

  logic unused;
  assign unused = ^{unused_run, unused_idle};

  `STERNA_ASSERT(NoUnrequestedData, !r_valid_i || given_i || outstanding_q + (sent_q ? BeatsBits'(ar_beats_o) : '0) > BeatsBits'(came_q))
  `STERNA_ASSERT(ReservesAlone, !(reserved_q && sent_q))
  `STERNA_ASSERT(FewEnoughOutstanding, outstanding_q <= BeatsBits'(Outstanding))
endmodule
