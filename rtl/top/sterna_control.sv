// SPDX-License-Identifier: Apache-2.0
// Control registers: an AXI4-Lite slave with the ap_ctrl_hs map (isa/isa.toml has every register).
//
// Commands: ap_start latches the arguments and starts the program; what is written while it runs is for the next one. CTRL is
// never idle between ap_start and the program's end; ap_done and ap_ready clear when CTRL is read, and an unread ap_done of an
// earlier program is dropped at ap_start, so that it cannot pass for this one's. ISR bits toggle when written. After a reset
// ap_idle is low while memory has bursts outstanding from before (draining_i).
// Handshake: one write and one read at a time; address and data of a write may come in either order. start_o is high for one cycle.
// Latency: three cycles from the second of AW and W to BVALID, five from AR to RVALID: the bus is a host's, the registers are spread
// over the die. While the segments are told to a program that starts, or cleared, both wait (control_segments).
// counter_i is expected two cycles after counter_index_o.
`include "rtl/assertions.svh"

module sterna_control #(
  parameter int unsigned Channels     = 1,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned BeatsPerStep = 1,
  parameter int unsigned BeatBits     = 512,
  parameter int unsigned VecLen       = 8192,
  parameter int unsigned Registers    = 8,
  parameter int unsigned RomDepth     = 1024,
  parameter int unsigned FffTrees     = 0,
  parameter int unsigned ClockKhz     = 300000,
  localparam int unsigned CounterBits = $clog2(sterna_isa_pkg::COUNTERS),
  localparam int unsigned StatusBits  = sterna_isa_pkg::STATUS_BITS,
  localparam int unsigned RomAddrBits = $clog2(RomDepth),
  localparam int unsigned AddrBits    = sterna_isa_pkg::REG_ADDR_BITS
) (
  input  logic clk_i,
  input  logic rst_ni,
  output logic interrupt_o,

  input  logic [AddrBits-1:0] awaddr_i,
  input  logic                awvalid_i,
  output logic                awready_o,
  input  logic [31:0]         wdata_i,
  input  logic [3:0]          wstrb_i,
  input  logic                wvalid_i,
  output logic                wready_o,
  output logic [1:0]          bresp_o,
  output logic                bvalid_o,
  input  logic                bready_i,
  input  logic [AddrBits-1:0] araddr_i,
  input  logic                arvalid_i,
  output logic                arready_o,
  output logic [31:0]         rdata_o,
  output logic [1:0]          rresp_o,
  output logic                rvalid_o,
  input  logic                rready_i,

  input  logic                   draining_i,
  output logic                   start_o,
  input  logic                   end_i,
  input  logic [StatusBits-1:0]  status_i,
  input  logic [31:0]            status_pc_i,
  output logic [31:0]            entry_o,  // from here to fff_keep_o: of the program, from start_o on
  output logic [Lanes*32-1:0]    token_o,
  output logic [Lanes-1:0]       lane_mask_o,
  output logic                   prefill_o,
  output logic                   fff_keep_o,
  output logic [sterna_segment_pkg::WRITE_BITS-1:0] segment_o,  // sterna_segment_pkg::write_t, up to start_o
  output logic                   rom_wr_en_o,
  output logic [RomAddrBits-1:0] rom_wr_addr_o,
  output logic [1:0]             rom_wr_word_o,
  output logic [31:0]            rom_wr_data_o,
  output logic [CounterBits-1:0] counter_index_o,
  input  logic [63:0]            counter_i         // two cycles after counter_index_o
);

  // ------------------------------------------------------------------------------------------------------ write channel
  // Address and data are accepted as they come, decoded when both are held, and acted on a cycle later.
  logic                aw_held_q, w_held_q, b_valid_q, decode, act_q;
  logic                segments_busy;
  logic [AddrBits-1:0] wr_addr_q;
  logic [31:0]         wr_data_q, wr_mask_q;

  assign decode    = aw_held_q && w_held_q && !act_q && !b_valid_q && !segments_busy;
  assign awready_o = !aw_held_q;
  assign wready_o  = !w_held_q;
  assign bvalid_o  = b_valid_q;
  assign bresp_o   = 2'b00;

  always_ff @(posedge clk_i) begin
    if (awvalid_i && awready_o) wr_addr_q <= {awaddr_i[AddrBits-1:2], 2'b00};
    if (wvalid_i && wready_o) begin
      wr_data_q <= wdata_i;
      for (int unsigned b = 0; b < 4; b++) wr_mask_q[b*8 +: 8] <= {8{wstrb_i[b]}};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_held_q <= 1'b0;
      w_held_q  <= 1'b0;
      act_q     <= 1'b0;
      b_valid_q <= 1'b0;
    end else begin
      aw_held_q <= (aw_held_q && !act_q) || (awvalid_i && awready_o);
      w_held_q  <= (w_held_q && !act_q) || (wvalid_i && wready_o);
      act_q     <= decode;
      b_valid_q <= act_q || (b_valid_q && !bready_i);
    end
  end

  localparam int unsigned IndexBits = sterna_segment_pkg::INDEX_BITS;

  logic [3:0]           wr_words, rd_words;
  logic [IndexBits-1:0] wr_segment, rd_segment;
  logic [Lanes-1:0]     wr_token;
  logic                wr_ctrl, wr_gie, wr_ier, wr_isr, wr_entry, wr_lane_mask_lo,
                       wr_lane_mask_hi, wr_prefill, wr_fff_keep, wr_status, wr_status_pc, wr_rom_addr, wr_rom_data;

  sterna_control_decode #(
    .Lanes(Lanes)
  ) u_decode_wr (
    .clk_i,
    .en_i          (decode && rst_ni),
    .addr_i        (wr_addr_q),
    .segment_words_o(wr_words),
    .segment_o     (wr_segment),
    .token_o       (wr_token),
    .ctrl_o        (wr_ctrl),
    .gie_o         (wr_gie),
    .ier_o         (wr_ier),
    .isr_o         (wr_isr),
    .entry_o       (wr_entry),
    .lane_mask_lo_o(wr_lane_mask_lo),
    .lane_mask_hi_o(wr_lane_mask_hi),
    .prefill_o     (wr_prefill),
    .fff_keep_o    (wr_fff_keep),
    .status_o      (wr_status),
    .status_pc_o   (wr_status_pc),
    .rom_addr_o    (wr_rom_addr),
    .rom_data_o    (wr_rom_data)
  );

  function automatic logic [31:0] merged(input logic [31:0] old_value, input logic [31:0] data,
                                         input logic [31:0] mask);
    merged = (old_value & ~mask) | (data & mask);
  endfunction

  // --------------------------------------------------------------------------------------------------------- ap_ctrl_hs
  logic       running_q, done_q, ready_q, gie_q;
  logic [1:0] ier_q, isr_q;
  logic       start, ctrl_read;  // ctrl_read: clears done and ready

  assign start = wr_ctrl && wr_data_q[0] && wr_mask_q[0] && !running_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      running_q <= 1'b0;
      done_q    <= 1'b0;
      ready_q   <= 1'b0;
      gie_q     <= 1'b0;
      ier_q     <= '0;
      isr_q     <= '0;
    end else begin
      running_q <= start || (running_q && !end_i);
      done_q    <= end_i || (done_q && !ctrl_read && !start);
      ready_q   <= end_i || (ready_q && !ctrl_read && !start);
      if (wr_gie && wr_mask_q[0]) gie_q <= wr_data_q[0];
      if (wr_ier && wr_mask_q[0]) ier_q <= wr_data_q[1:0];
      for (int unsigned i = 0; i < 2; i++) begin
        if (end_i && ier_q[i]) isr_q[i] <= 1'b1;
        else if (wr_isr && wr_mask_q[0] && wr_data_q[i]) begin
          isr_q[i] <= !isr_q[i];
        end
      end
    end
  end

  assign interrupt_o = gie_q && isr_q != '0;

  // ---------------------------------------------------------------------------------------------------------- arguments
  // As the host has written them; the running program's copy is taken at ap_start.
  logic [31:0]            entry_q;
  logic [Lanes*32-1:0]    token_q;
  logic [63:0]            lane_mask_q;
  logic                   prefill_q, fff_keep_q;
  logic [127:0]           segment_words;

  sterna_control_segments u_segments (
    .clk_i,
    .rst_ni,
    .busy_o     (segments_busy),
    .wr_words_i (wr_words),
    .wr_index_i (wr_segment),
    .wr_strobe_i({wr_mask_q[24], wr_mask_q[16], wr_mask_q[8], wr_mask_q[0]}),
    .wr_data_i  (wr_data_q),
    .rd_index_i (rd_segment),
    .rd_words_o (segment_words),
    .start_i    (start),
    .start_o,
    .segment_o
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      entry_q      <= '0;
      token_q      <= '0;
      lane_mask_q  <= '0;
      prefill_q    <= 1'b0;
      fff_keep_q   <= 1'b0;
    end else begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (wr_token[l]) begin
          token_q[l*32 +: 32] <= merged(token_q[l*32 +: 32], wr_data_q, wr_mask_q);
        end
      end
      if (wr_entry) entry_q <= merged(entry_q, wr_data_q, wr_mask_q);
      if (wr_lane_mask_lo) begin
        lane_mask_q[31:0] <= merged(lane_mask_q[31:0], wr_data_q, wr_mask_q);
      end
      if (wr_lane_mask_hi) begin
        lane_mask_q[63:32] <= merged(lane_mask_q[63:32], wr_data_q, wr_mask_q);
      end
      if (wr_prefill && wr_mask_q[0]) prefill_q <= wr_data_q[0];
      // For one program: a host that knows nothing of it must not go on with what another one has promised.
      if (start) fff_keep_q <= 1'b0;
      else if (wr_fff_keep && wr_mask_q[0]) fff_keep_q <= wr_data_q[0];
    end
  end

  logic takes;  // the arguments, for the program that starts
  assign takes = start;
  always_ff @(posedge clk_i) begin
    if (takes) begin
      entry_o      <= entry_q;
      token_o      <= token_q;
      lane_mask_o  <= lane_mask_q[Lanes-1:0];
      prefill_o    <= prefill_q;
      fff_keep_o   <= fff_keep_q;
    end
  end

  // -------------------------------------------------------------------------------------------------- instruction memory
  logic [31:0] rom_addr_q;  // in 32-bit words

  always_ff @(posedge clk_i) begin
    if (!rst_ni) rom_addr_q <= '0;
    else if (wr_rom_addr) begin
      rom_addr_q <= merged(rom_addr_q, wr_data_q, wr_mask_q);
    end else if (wr_rom_data) begin
      rom_addr_q <= rom_addr_q + 1'b1;
    end
  end

  // A ROM word is written whole or not at all: it has no byte strobes.
  always_ff @(posedge clk_i) begin
    rom_wr_en_o   <= rst_ni && wr_rom_data && wr_mask_q == '1 && rom_addr_q[31:2] < 30'(RomDepth);
    rom_wr_addr_o <= rom_addr_q[2 +: RomAddrBits];
    rom_wr_word_o <= rom_addr_q[1:0];
    rom_wr_data_o <= wr_data_q;
  end

  // ------------------------------------------------------------------------------------------------------- read channel
  // Look up (three cycles, the counters need two), merge, respond. Every group yields zero for an address not its own.
  typedef enum logic [2:0] {ReadIdle, ReadLookUp, ReadWait, ReadSelect, ReadMerge, ReadAnswer} read_e;
  read_e read_q, read_d;
  logic  selects;  // not while the segments are told to a program that starts

  logic [AddrBits-1:0] rd_addr_q;
  logic [31:0]         rd_control, rd_part, rd_lane_token, rd_control_q, rd_part_q, rd_lane_token_q, rd_capability_q, rd_counter_q;
  logic [AddrBits-1:0] counter_offset;
  logic                in_counters;
  logic [Lanes-1:0]    rd_token;
  logic                rd_ctrl, rd_gie, rd_ier, rd_isr, rd_entry, rd_lane_mask_lo,
                       rd_lane_mask_hi, rd_prefill, rd_fff_keep, rd_status, rd_status_pc, rd_rom_addr, rd_rom_data;

  sterna_control_decode #(
    .Lanes(Lanes)
  ) u_decode_rd (
    .clk_i,
    .en_i          (1'b1),
    .addr_i        (rd_addr_q),
    .segment_words_o(rd_words),
    .segment_o     (rd_segment),
    .token_o       (rd_token),
    .ctrl_o        (rd_ctrl),
    .gie_o         (rd_gie),
    .ier_o         (rd_ier),
    .isr_o         (rd_isr),
    .entry_o       (rd_entry),
    .lane_mask_lo_o(rd_lane_mask_lo),
    .lane_mask_hi_o(rd_lane_mask_hi),
    .prefill_o     (rd_prefill),
    .fff_keep_o    (rd_fff_keep),
    .status_o      (rd_status),
    .status_pc_o   (rd_status_pc),
    .rom_addr_o    (rd_rom_addr),
    .rom_data_o    (rd_rom_data)
  );

  always_comb begin
    read_d = read_q;
    unique case (read_q)
      ReadIdle:   if (arvalid_i) read_d = ReadLookUp;
      ReadLookUp: read_d = ReadWait;
      ReadWait:   read_d = ReadSelect;
      ReadSelect: if (selects) read_d = ReadMerge;
      ReadMerge:  read_d = ReadAnswer;
      ReadAnswer: if (rready_i) read_d = ReadIdle;
      default:    read_d = ReadIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) read_q <= ReadIdle;
    else read_q <= read_d;
  end

  assign arready_o       = read_q == ReadIdle;
  assign rvalid_o        = read_q == ReadAnswer;
  assign rresp_o         = 2'b00;
  assign selects         = read_q == ReadSelect && !segments_busy;
  assign ctrl_read       = selects && rd_ctrl && done_q;
  assign counter_offset  = rd_addr_q - sterna_isa_pkg::REG_COUNTERS;
  assign in_counters     = rd_addr_q >= sterna_isa_pkg::REG_COUNTERS
                           && counter_offset < AddrBits'(8 * sterna_isa_pkg::COUNTERS);
  assign counter_index_o = counter_offset[3 +: CounterBits];

  // At most one of the address's bits is set.
  always_comb begin
    rd_control = ({32{rd_ctrl}} & {28'd0, ready_q, !running_q && !draining_i, done_q, running_q})
        | ({32{rd_gie}} & {31'd0, gie_q}) | ({32{rd_ier}} & {30'd0, ier_q}) | ({32{rd_isr}} & {30'd0, isr_q})
        | ({32{rd_entry}} & entry_q) | ({32{rd_prefill}} & {31'd0, prefill_q}) | ({32{rd_fff_keep}} & {31'd0, fff_keep_q}) | ({32{rd_rom_addr}} & rom_addr_q)
        | ({32{rd_lane_mask_lo}} & lane_mask_q[31:0]) | ({32{rd_lane_mask_hi}} & lane_mask_q[63:32])
        | ({32{rd_status}} & 32'(status_i)) | ({32{rd_status_pc}} & status_pc_i);
    rd_part       = '0;
    rd_lane_token = '0;
    for (int unsigned w = 0; w < 4; w++) rd_part = rd_part | ({32{rd_words[w]}} & segment_words[32*w+:32]);
    for (int unsigned l = 0; l < Lanes; l++) rd_lane_token = rd_lane_token | ({32{rd_token[l]}} & token_q[l*32 +: 32]);
  end

  always_ff @(posedge clk_i) begin
    if (arvalid_i && arready_o) rd_addr_q <= {araddr_i[AddrBits-1:2], 2'b00};

    // Merged in the cycle after the one that selects, so these two need no enable, which would come late.
    rd_part_q       <= rd_part;
    rd_lane_token_q <= rd_lane_token;
    if (selects) begin
      rd_control_q <= rd_control;

      rd_capability_q <= '0;
      case (rd_addr_q)
        sterna_isa_pkg::REG_MAGIC:          rd_capability_q <= sterna_isa_pkg::REG_MAGIC_VALUE;
        sterna_isa_pkg::REG_ISA_VERSION:    rd_capability_q <= sterna_isa_pkg::ISA_VERSION;
        sterna_isa_pkg::REG_CHANNELS:       rd_capability_q <= Channels;
        sterna_isa_pkg::REG_LANES:          rd_capability_q <= Lanes;
        sterna_isa_pkg::REG_VECTOR_LENGTH:  rd_capability_q <= VecLen;
        sterna_isa_pkg::REG_REGISTERS:      rd_capability_q <= Registers;
        sterna_isa_pkg::REG_BEAT_BITS:      rd_capability_q <= BeatBits;
        sterna_isa_pkg::REG_ROM_DEPTH:      rd_capability_q <= RomDepth;
        sterna_isa_pkg::REG_CLOCK_KHZ:      rd_capability_q <= ClockKhz;
        sterna_isa_pkg::REG_BEATS_PER_STEP: rd_capability_q <= BeatsPerStep;
        sterna_isa_pkg::REG_FFF:            rd_capability_q <= FffTrees;
        default: ;
      endcase

      rd_counter_q <= !in_counters ? '0 : rd_addr_q[2] ? counter_i[63:32] : counter_i[31:0];
    end

    if (read_q == ReadMerge) begin
      rdata_o <= rd_control_q | rd_part_q | rd_lane_token_q | rd_capability_q | rd_counter_q;
    end
  end

  `STERNA_ASSERT_STABLE(ReadDataStable, rvalid_o, rready_i, rdata_o)
  `STERNA_ASSERT_STABLE(WriteResponseStable, bvalid_o, bready_i, bresp_o)
  `STERNA_ASSERT(NeverIdleWhileRunning, !start_o || running_q)

  // Registers are whole words, so an address's last two bits say nothing; STATUS is not written, ROM_DATA not read.
  logic unused_address;
  assign unused_address = &{1'b0, awaddr_i[1:0], araddr_i[1:0], wr_status, wr_status_pc, rd_rom_data};

  `STERNA_ASSERT(ActsOnBoth, !act_q || (aw_held_q && w_held_q && !b_valid_q))
endmodule
