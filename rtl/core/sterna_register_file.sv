// SPDX-License-Identifier: Apache-2.0
// The vector registers of a lane, and the buses between them and the units.
//
// Commands: start_i binds the unit's read and write streams to registers until its next start. Which streams and buses there are is
// in the package (isa/isa.toml's units); units that never run at once share buses.
// Handshake: no arbitration and no stall: the router grants a register's ports to one instruction at a time (two streams of one
// instruction that name the same register send the same addresses). Vector chaining: units write their words in order, so a count
// of a register's words says which may be read; a unit reads stream s only while rd_ready_o[s].
// Latency: rd_data_o one cycle after rd_en_i, held until the next read; a word that is written may be read in the next cycle.
// Registers: 2 to 16.
`include "rtl/assertions.svh"
`include "rtl/verilator.svh"

module sterna_register_file #(
  parameter int unsigned BeatBits  = 512,
  parameter int unsigned VecLen    = 8192,
  parameter int unsigned Registers = 8,
  localparam int unsigned WordAddrBits = $clog2(VecLen * 32 / BeatBits),
  localparam int unsigned RegBits = sterna_isa_pkg::FIELD_VD_BITS,
  localparam int unsigned Units      = sterna_isa_pkg::UNITS,
  localparam int unsigned Reads      = sterna_isa_pkg::READ_STREAMS,
  localparam int unsigned ReadBuses  = sterna_isa_pkg::READ_BUSES,
  localparam int unsigned WriteBuses = sterna_isa_pkg::WRITE_BUSES
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic clear_i,  // a program starts: scale registers become 0, all words count as written

  // Binding.
  input  logic [Units-1:0]   start_i,
  input  logic [RegBits-1:0] vd_i,
  input  logic [RegBits-1:0] va_i,
  input  logic [RegBits-1:0] vb_i,
  input  logic [RegBits-1:0] vc_i,
  input  logic               writes_i,    // it has a vd
  input  logic [WordAddrBits:0] words_i,  // words that it will write to vd

  input  logic [Reads-1:0]              rd_en_i,
  input  logic [Reads*WordAddrBits-1:0] rd_addr_i,
  output logic [Reads-1:0]              rd_ready_o,  // the word at rd_addr_i has been written
  output logic [ReadBuses*BeatBits-1:0] rd_data_o,  // a cycle after rd_en_i, held until the next read
  input  logic [Units-1:0]              wr_en_i,
  input  logic [Units*WordAddrBits-1:0] wr_addr_i,
  input  logic [WriteBuses*BeatBits-1:0] wr_data_i,

  input  logic        scale_en_i,  // the unit that writes scales writes its vd's
  input  logic [31:0] scale_i,
  output logic [31:0] scale_o      // scale of the va of the unit that reads them, from its start on
);

  localparam int unsigned IndexBits = $clog2(Registers);
  localparam int unsigned BusBits   = $clog2(WriteBuses);
  localparam int unsigned Writer    = sterna_isa_pkg::SCALE_WRITER;
  localparam int unsigned Reader    = sterna_isa_pkg::SCALE_READER;
  localparam int unsigned Scaled    = sterna_isa_pkg::SCALE_STREAM;
  localparam logic [2*Reads-1:0]     Operands = sterna_isa_pkg::READ_OPERANDS;
  localparam logic [Units*Reads-1:0] Starts   = sterna_isa_pkg::READ_STARTS;
  localparam logic [4*Units-1:0]     WriteBus = sterna_isa_pkg::WRITE_BUS;

  // ------------------------------------------------------------------------------------------------------------ binding
  logic [IndexBits-1:0] vd, va, vb, vc;
  logic [IndexBits-1:0] read_from_q[Reads];
  logic [IndexBits-1:0] write_to_q[Units];
  logic [Reads-1:0]     own_q;  // source is vd: all of it was written before

  assign vd = vd_i[IndexBits-1:0];
  assign va = va_i[IndexBits-1:0];
  assign vb = vb_i[IndexBits-1:0];
  assign vc = vc_i[IndexBits-1:0];

  if (IndexBits < RegBits) begin : gen_unused  // the decoder has checked the bounds
    logic unused_index;
    assign unused_index = &{1'b0, vd_i[RegBits-1:IndexBits], va_i[RegBits-1:IndexBits],
                            vb_i[RegBits-1:IndexBits], vc_i[RegBits-1:IndexBits]};
  end

  for (genvar s = 0; s < Reads; s++) begin : gen_binding
    localparam logic [1:0]       Operand = Operands[2*s +: 2];
    localparam logic [Units-1:0] Start   = Starts[Units*s +: Units];
    logic [IndexBits-1:0] source;

    assign source = Operand == 2'd0 ? va : Operand == 2'd1 ? vb : vc;

    always_ff @(posedge clk_i) begin
      if ((start_i & Start) != '0) begin
        own_q[s]       <= source == vd;
        read_from_q[s] <= source;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned u = 0; u < Units; u++) begin
      if (start_i[u]) write_to_q[u] <= vd;
    end
  end

  // ---------------------------------------------------------------------------------------------------------- registers
  logic [BeatBits-1:0]   rd_data[Registers];
  logic [WordAddrBits:0] written_q[Registers];   // words that its last writer has written
  logic                  complete_q[Registers];  // it has written all

  for (genvar r = 0; r < Registers; r++) begin : gen_register
    logic                    rd_en, wr_en;
    logic [WordAddrBits-1:0] rd_addr, wr_addr;
    logic [BusBits-1:0]      wr_bus;
    logic [BeatBits-1:0]     wr_data;

    always_comb begin
      rd_en   = 1'b0;
      rd_addr = '0;
      for (int unsigned s = 0; s < Reads; s++) begin
        if (rd_en_i[s] && read_from_q[s] == IndexBits'(r)) begin
          rd_en   = 1'b1;
          rd_addr = rd_addr | rd_addr_i[s*WordAddrBits +: WordAddrBits];
        end
      end
    end

    always_comb begin
      wr_en   = 1'b0;
      wr_addr = '0;
      wr_bus  = '0;
      for (int unsigned u = 0; u < Units; u++) begin
        if (wr_en_i[u] && write_to_q[u] == IndexBits'(r)) begin
          wr_en   = 1'b1;
          wr_addr = wr_addr | wr_addr_i[u*WordAddrBits +: WordAddrBits];
          wr_bus  = wr_bus | BusBits'(WriteBus[4*u +: 4]);
        end
      end
    end
    assign wr_data = wr_data_i[wr_bus*BeatBits +: BeatBits];

    sterna_vector_register #(
      .BeatBits(BeatBits),
      .VecLen  (VecLen)
    ) u_sram (
      .clk_i,
      .rd_en_i  (rd_en),
      .rd_addr_i(rd_addr),
      .rd_data_o(rd_data[r]),
      .wr_en_i  (wr_en),
      .wr_addr_i(wr_addr),
      .wr_data_i(wr_data)
    );

    logic                  start;
    logic [WordAddrBits:0] total_q, written;

    assign start   = start_i != '0 && writes_i && vd == IndexBits'(r);
    assign written = written_q[r] + 1'b1;

    always_ff @(posedge clk_i) begin
      if (start) begin
        total_q      <= words_i;
        written_q[r] <= '0;
      end else if (wr_en) begin
        written_q[r] <= written;
      end
    end

    always_ff @(posedge clk_i) begin
      if (clear_i || !rst_ni) complete_q[r] <= 1'b1;
      else if (start) complete_q[r] <= 1'b0;
      else if (wr_en) complete_q[r] <= written == total_q;
    end

    // What the router grants: one writer, and readers that agree.
    logic [Units-1:0] writers;
    logic             agree, unused_check;

    always_comb begin
      agree = 1'b1;
      for (int unsigned s = 0; s < Reads; s++) begin
        if (rd_en_i[s] && read_from_q[s] == IndexBits'(r)) begin
          agree = agree && rd_addr == rd_addr_i[s*WordAddrBits +: WordAddrBits];
        end
      end
      for (int unsigned u = 0; u < Units; u++) begin
        writers[u] = wr_en_i[u] && write_to_q[u] == IndexBits'(r);
      end
    end
    assign unused_check = &{1'b0, agree, writers};

    `STERNA_ASSERT(ReadersAgree, agree)
    `STERNA_ASSERT(OneWriter, $onehot0(writers))
    `STERNA_ASSERT(InOrder, !wr_en || !rst_ni || wr_addr == written_q[r][WordAddrBits-1:0])
  end

  for (genvar s = 0; s < ReadBuses; s++) begin : gen_bus
    assign rd_data_o[s*BeatBits +: BeatBits] = rd_data[read_from_q[s]];
  end

  for (genvar s = 0; s < Reads; s++) begin : gen_ready
    assign rd_ready_o[s] = own_q[s] || complete_q[read_from_q[s]]
                           || {1'b0, rd_addr_i[s*WordAddrBits +: WordAddrBits]} < written_q[read_from_q[s]];
  end

  // ------------------------------------------------------------------------------------------------------------- scales
  logic [31:0] scale_q[Registers]  `STERNA_VISIBLE;  // the lockstep checker reads it

  always_ff @(posedge clk_i) begin
    for (int unsigned r = 0; r < Registers; r++) begin
      if (!rst_ni || clear_i) scale_q[r] <= '0;
      else if (scale_en_i && write_to_q[Writer] == IndexBits'(r)) scale_q[r] <= scale_i;
    end
  end

  assign scale_o = scale_q[start_i[Reader] ? va : read_from_q[Scaled]];

endmodule
