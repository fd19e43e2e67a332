// SPDX-License-Identifier: Apache-2.0
// The vector registers of a lane, and the buses between them and the units.
//
// Commands: start_i binds the unit's read and write streams to registers until its next start. Which streams and buses there are is
// in the package (isa/isa.toml's units); units that never run at once share buses.
// Handshake: no arbitration and no stall: the router grants a register's ports to one instruction at a time (streams of one
// instruction that name the same register always have the same address). Vector chaining: units write their words in order, so a
// count of a register's words says which may be read. A unit asks for the words of all its streams (rd_en_i) together, and takes
// them where rd_ready_o of all of them is high; else it asks again. rd_ready_o is a register, and looks at no address: while a source
// is not complete, a stream takes word after word from 0 on, or those again that it has taken. A stream that does not look at rd_ready_o
// reads what has been written all the same: the router sees to it.
// Latency: rd_data_o one cycle after rd_en_i, held until the next one; a word that is written may be read in the next cycle.
// Registers: 2 to 16.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_register_file #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits),
  localparam int unsigned Units      = sterna_isa_pkg::UNITS,
  localparam int unsigned Reads      = sterna_isa_pkg::READ_STREAMS,
  localparam int unsigned ReadBuses  = sterna_isa_pkg::READ_BUSES,
  localparam int unsigned WriteBuses = sterna_isa_pkg::WRITE_BUSES
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // a program starts: scale registers become 0, all words count as written

  // Binding.
  input  logic                 issue_i,  // an instruction starts,
  input  logic [Units-1:0]     start_i,  // in this unit
  input  logic [Registers-1:0] vd_i,     // its operands: one-hot, or none
  input  logic [Registers-1:0] va_i,
  input  logic [Registers-1:0] vb_i,
  input  logic [Registers-1:0] vc_i,
  input  logic [WordAddrBits:0] words_i,  // words that it will write to vd

  input  logic [Reads-1:0]              rd_en_i,
  input  logic [Reads*WordAddrBits-1:0] rd_addr_i,
  output logic [Reads-1:0]              rd_ready_o,  // the word at rd_addr_i has been written
  output logic [Reads-1:0]              rd_complete_o,  // all words of the stream's register have been, a cycle ago
  output logic [ReadBuses*BeatBits-1:0] rd_data_o,  // a cycle after rd_en_i, held until the next read
  input  logic [Units-1:0]              wr_en_i,
  input  logic [Units*WordAddrBits-1:0] wr_addr_i,
  input  logic [WriteBuses*BeatBits-1:0] wr_data_i,

  input  logic        scale_en_i,  // the unit that writes scales writes its vd's
  input  logic [31:0] scale_i,
  output logic [31:0] scale_o      // of the va of the unit that reads them, from the cycle after its start on
);

  localparam int unsigned VecWords   = VecLen * 32 / BeatBits;
  localparam int unsigned IndexBits  = $clog2(Registers);
  localparam int unsigned StreamBits = $clog2(Reads);
  localparam int unsigned UnitBits   = $clog2(Units);
  localparam int unsigned BusBits    = $clog2(WriteBuses);
  localparam int unsigned Writer     = sterna_isa_pkg::SCALE_WRITER;
  localparam int unsigned Scaled     = sterna_isa_pkg::SCALE_STREAM;
  localparam logic [2*Reads-1:0]     Operands = sterna_isa_pkg::READ_OPERANDS;
  localparam logic [Units*Reads-1:0] Starts   = sterna_isa_pkg::READ_STARTS;
  localparam logic [4*Units-1:0]     WriteBus = sterna_isa_pkg::WRITE_BUS;

  // ------------------------------------------------------------------------------------------------------------ binding
  // Streams know their registers, and registers the last instruction's stream: an address waits for no enable.
  logic [Registers-1:0] source[Reads];       // one-hot, or none
  logic [Reads-1:0]     own;                 // it is vd
  logic [Reads-1:0]     bind_stream;
  logic [IndexBits-1:0] read_from_q[Reads];  // for the buses
  logic [Registers-1:0] reads_q[Reads];      // one-hot: the same
  logic [Registers-1:0] writes_q[Units];     // one-hot
  logic [Reads-1:0]     own_q;               // source is vd: all of it was written before

  for (genvar s = 0; s < Reads; s++) begin : gen_binding
    localparam logic [1:0]       Operand = Operands[2*s +: 2];
    localparam logic [Units-1:0] Start   = Starts[Units*s +: Units];

    logic [IndexBits-1:0] index;

    assign source[s]      = Operand == 2'd0 ? va_i : Operand == 2'd1 ? vb_i : vc_i;
    assign own[s]         = (source[s] & vd_i) != '0;
    assign bind_stream[s] = (start_i & Start) != '0;

    always_comb begin
      index = '0;
      for (int unsigned r = 0; r < Registers; r++) begin
        if (source[s][r]) index = index | IndexBits'(r);
      end
    end

    always_ff @(posedge clk_i) begin
      if (bind_stream[s]) begin
        own_q[s]       <= own[s];
        read_from_q[s] <= index;
      end
      if (!rst_ni) reads_q[s] <= '0;
      else if (bind_stream[s]) reads_q[s] <= source[s];
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      if (start_i[u]) writes_q[u] <= vd_i;
    end
  end

  // ---------------------------------------------------------------------------------------------------------- registers
  logic [BeatBits-1:0]   rd_data[Registers];
  logic [WordAddrBits:0] written_q[Registers];   // words that its last writer has written
  logic [Registers-1:0]  complete_q;             // it has written all
  logic [Registers-1:0]  some_q;                 // it has written word 0

  logic [WordAddrBits-1:0] addresses[Reads], write_addresses[Units];

  for (genvar s = 0; s < Reads; s++) begin : gen_address
    assign addresses[s] = rd_addr_i[s*WordAddrBits +: WordAddrBits];
  end
  for (genvar u = 0; u < Units; u++) begin : gen_write_address
    assign write_addresses[u] = wr_addr_i[u*WordAddrBits +: WordAddrBits];
  end

  for (genvar r = 0; r < Registers; r++) begin : gen_register
    logic                    start;  // of an instruction that writes it
    logic                    rd_en, wr_en, counts;
    logic [StreamBits-1:0]   reader_q;  // of the streams of the last instruction that reads it, any
    logic [UnitBits-1:0]     writer_q;
    logic [BusBits-1:0]      not_wr_bus_q;  // inverted: its bits drive a word each, and must not be writer_q's
    logic [WordAddrBits-1:0] rd_addr, wr_addr;
    logic [BeatBits-1:0]     wr_data;

    assign start = issue_i && vd_i[r];

    // By the unit that starts, as only one does in a cycle. Streams that share a bus are bound together: the unit's own is the last.
    logic [StreamBits-1:0] stream[Units], reader;
    logic [Units-1:0]      reads;
    logic [UnitBits-1:0]   writer;
    logic [BusBits-1:0]    wr_bus;

    always_comb begin
      reads  = '0;
      reader = '0;
      writer = '0;
      wr_bus = '0;
      for (int unsigned u = 0; u < Units; u++) begin
        stream[u] = '0;
        for (int unsigned s = 0; s < Reads; s++) begin
          if (Starts[Units*s + u] && source[s][r]) begin
            reads[u]  = 1'b1;
            stream[u] = StreamBits'(s);
          end
        end
        if (start_i[u]) begin
          reader = reader | stream[u];
          writer = writer | UnitBits'(u);
          wr_bus = wr_bus | BusBits'(WriteBus[4*u +: 4]);
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if ((start_i & reads) != '0) reader_q <= reader;
      if (start) begin
        writer_q     <= writer;
        not_wr_bus_q <= ~wr_bus;
      end
    end

    logic [Reads-1:0] reads_this;
    logic [Units-1:0] writes_this;

    always_comb begin
      for (int unsigned s = 0; s < Reads; s++) reads_this[s] = reads_q[s][r];
      for (int unsigned u = 0; u < Units; u++) writes_this[u] = writes_q[u][r];
    end

    sterna_any_enable #(
      .Users(Reads)
    ) u_rd_en (
      .enable_i(rd_en_i),
      .select_i(reads_this),
      .any_o   (rd_en)
    );
    sterna_any_enable #(
      .Users(Units)
    ) u_wr_en (
      .enable_i(wr_en_i),
      .select_i(writes_this),
      .any_o   (wr_en)
    );
    sterna_any_enable #(  // the same for what counts the words, as wr_en drives a whole one
      .Users(Units)
    ) u_counts (
      .enable_i(wr_en_i),
      .select_i(writes_this),
      .any_o   (counts)
    );

    assign rd_addr = addresses[reader_q];
    assign wr_addr = write_addresses[writer_q];
    assign wr_data = wr_data_i[BusBits'(~not_wr_bus_q)*BeatBits +: BeatBits];

    // A block RAM has 512 words of 72 bits, an UltraRAM 4,096: narrow and long registers lie in these by half, or they would use up those.
    sterna_vector_register #(
      .BeatBits(BeatBits),
      .VecLen  (VecLen),
      .RamStyle(VecWords > 512 && r % 2 == 0 ? "ultra" : "auto")
    ) u_sram (
      .clk_i,
      .rd_en_i  (rd_en),
      .rd_addr_i(rd_addr),
      .rd_data_o(rd_data[r]),
      .wr_en_i  (wr_en),
      .wr_addr_i(wr_addr),
      .wr_data_i(wr_data)
    );

    logic [WordAddrBits:0] total_q, written;

    assign written = written_q[r] + 1'b1;
    always_ff @(posedge clk_i) begin
      if (start) begin
        total_q      <= words_i;
        written_q[r] <= '0;
      end else if (counts) begin
        written_q[r] <= written;
      end
    end

    always_ff @(posedge clk_i) begin
      if (clear_i || !rst_ni) begin
        complete_q[r] <= 1'b1;
        some_q[r]     <= 1'b1;
      end else if (start) begin
        complete_q[r] <= 1'b0;
        some_q[r]     <= 1'b0;
      end else if (counts) begin
        complete_q[r] <= written == total_q;
        some_q[r]     <= 1'b1;
      end
    end

    // What the router grants: one writer, and readers that agree.
    logic [Units-1:0] writers;
    logic             agree, unused_check;

    always_comb begin
      agree = 1'b1;
      for (int unsigned s = 0; s < Reads; s++) begin
        if (rd_en_i[s] && reads_q[s][r]) agree = agree && rd_addr == addresses[s];
      end
      for (int unsigned u = 0; u < Units; u++) begin
        writers[u] = wr_en_i[u] && writes_q[u][r];
      end
    end
    assign unused_check = &{1'b0, agree, writers};

    `STERNA_ASSERT(ReadersAgree, agree)
    `STERNA_ASSERT(OneWriter, writers == '0 || writers == Units'(1'b1) << writer_q)
    `STERNA_ASSERT(InOrder, !wr_en || !rst_ni || wr_addr == written_q[r][WordAddrBits-1:0])
  end

  for (genvar s = 0; s < ReadBuses; s++) begin : gen_bus
    assign rd_data_o[s*BeatBits +: BeatBits] = rd_data[read_from_q[s]];
  end

  // ------------------------------------------------------------------------------------------------------------ chaining
  // Words written less words taken. Who reads a register twice takes its first words again, and is not held up by that: it has been
  // written as far as the first reading went.
  logic [Reads-1:0] ready_q, ready_d;
  assign rd_ready_o = ready_q;

  for (genvar s = 0; s < Reads; s++) begin : gen_ready
    logic [WordAddrBits:0] lead_q;
    logic [Units-1:0]      from_q, from_d;  // units that write its register
    logic [Units-1:0]      writes_source;   // that write the one that it is being bound to
    logic [WordAddrBits:0] written;         // of that one
    logic                  some, stays_ready;  // some: it has a word, or is vd, all of which was written before
    logic                  complete, taken, write, first_write;  // a word of its register is being written; of the one that it is being bound to
    logic                  owed_q, took_q;  // a word more than lead_q says, and one less: it was written, or taken, in the last cycle

    always_comb begin
      taken = rd_en_i[s];
      write = 1'b0;
      for (int unsigned t = 0; t < Reads; t++) begin
        if (Starts[Units*s +: Units] == Starts[Units*t +: Units] && rd_en_i[t] && !ready_q[t]) taken = 1'b0;
      end
      for (int unsigned u = 0; u < Units; u++) begin
        write       = write || (wr_en_i[u] && from_q[u]);
        writes_source[u] = (writes_q[u] & source[s]) != '0;
      end
      written = '0;
      for (int unsigned r = 0; r < Registers; r++) written = written | (source[s][r] ? written_q[r] : '0);
      some = (source[s] & (some_q | vd_i)) != '0;
    end
    for (genvar u = 0; u < Units; u++) begin : gen_from  // by masks: the start is late, and later in an enable
      assign from_d[u] = (bind_stream[s] && (start_i[u] ? own[s] : writes_source[u]))
                         || (!bind_stream[s] && ((start_i[u] && (reads_q[s] & vd_i) != '0) || (!start_i[u] && from_q[u])));
    end
    sterna_any_enable #(  // a write is late
      .Users(Units)
    ) u_first_write (
      .enable_i(wr_en_i),
      .select_i(writes_source),
      .any_o   (first_write)
    );
    assign stays_ready = complete || write || lead_q[WordAddrBits:2] != '0 || 3'(lead_q[1:0]) + 3'(owed_q) > 3'(took_q) + 3'(taken);
    sterna_choose #(  // the start and its operands are late
      .Words(4),
      .Width(1)
    ) u_ready (
      .index_i({bind_stream[s], some}),
      .words_i({1'b1, first_write, {2{stays_ready}}}),
      .word_o (ready_d[s])
    );
    always_ff @(posedge clk_i) ready_q[s] <= ready_d[s];

    assign complete = own_q[s] || (complete_q & reads_q[s]) != '0;
    always_ff @(posedge clk_i) rd_complete_o[s] <= complete && !bind_stream[s];
    always_ff @(posedge clk_i) begin
      from_q <= rst_ni ? from_d : '0;
      if (bind_stream[s]) begin
        owed_q     <= first_write;
        took_q     <= 1'b0;
        lead_q     <= written;
      end else begin
        owed_q     <= write;
        took_q     <= taken;
        lead_q     <= lead_q + (WordAddrBits + 1)'(owed_q) - (WordAddrBits + 1)'(took_q);
      end
    end

    logic [Units-1:0] from;
    always_comb begin
      for (int unsigned u = 0; u < Units; u++) from[u] = (writes_q[u] & reads_q[s]) != '0;
    end
    `STERNA_ASSERT(KnowsWhoWrites, from_q == from)

    // Words taken, once each: what lead_q rests on.
    logic [WordAddrBits:0] taken_q;
    logic                  unused_taken;
    always_ff @(posedge clk_i) taken_q <= bind_stream[s] ? '0 : taken_q + (WordAddrBits + 1)'(taken);
    assign unused_taken = &{1'b0, taken_q, from};
    `STERNA_ASSERT(ReadsWhatIsWritten, 32'(s) != Scaled || !rd_en_i[s] || ready_q[s] || complete)
    `STERNA_ASSERT(TakesInOrder, !rd_en_i[s] || complete || {1'b0, addresses[s]} <= taken_q)
  end

  // ------------------------------------------------------------------------------------------------------------- scales
  logic [31:0] scale_q[Registers]  `STERNA_VISIBLE;  // the lockstep checker reads it

  always_ff @(posedge clk_i) begin
    for (int unsigned r = 0; r < Registers; r++) begin
      if (!rst_ni || clear_i) scale_q[r] <= '0;
      else if (scale_en_i && writes_q[Writer][r]) scale_q[r] <= scale_i;
    end
  end

  assign scale_o = scale_q[read_from_q[Scaled]];

endmodule
