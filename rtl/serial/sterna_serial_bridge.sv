// SPDX-License-Identifier: Apache-2.0
// A serial line's commands (docs/serial.md) on a memory port and on the control port of sterna_top.
//
// Commands: frames. Each is executed once, in the order of their sequence numbers, and answered; an old one that comes again
// because its answer was lost is answered again, and what it writes is not written again.
// Handshake: memory is a port of 32-bit words: address and write enable are valid/ready; after a write the word is taken
// with mem_wdata_ready_i, after a read it comes with mem_rdata_valid_i, one access at a time. Control is AXI4-Lite.
// Latency: a frame's reply begins when the frame is whole and its first word is read.
// What ends WAIT before the program does: another byte on the line, or WaitPolls looks at CTRL, of some eight cycles each.
module sterna_serial_bridge #(
  parameter int unsigned ClockKhz    = 50000,
  parameter int unsigned Baud        = 3000000,
  parameter int unsigned MemoryBytes = 33554432,
  parameter logic [63:0] Board       = '0,       // its name, the first letter lowest
  parameter int unsigned WaitPolls   = 32768,    // a power of two
  parameter int unsigned TimeoutBits = 20,       // of a frame that is not complete, in cycles
  localparam int unsigned AddrBits   = sterna_isa_pkg::REG_ADDR_BITS
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        line_i,
  output logic        line_o,

  output logic        mem_valid_o,
  input  logic        mem_ready_i,
  output logic        mem_we_o,
  output logic [29:0] mem_addr_o,
  input  logic        mem_wdata_ready_i,
  output logic [31:0] mem_wdata_o,
  output logic [3:0]  mem_wstrb_o,
  input  logic        mem_rdata_valid_i,
  input  logic [31:0] mem_rdata_i,

  output logic [AddrBits-1:0] awaddr_o,
  output logic                awvalid_o,
  input  logic                awready_i,
  output logic [31:0]         wdata_o,
  output logic                wvalid_o,
  input  logic                wready_i,
  input  logic                bvalid_i,
  output logic [AddrBits-1:0] araddr_o,
  output logic                arvalid_o,
  input  logic                arready_i,
  input  logic [31:0]         rdata_i,
  input  logic                rvalid_i
);

  localparam int unsigned MaxPayload = sterna_serial_pkg::MAX_PAYLOAD;
  localparam int unsigned IndexBits  = $clog2(MaxPayload);
  localparam int unsigned WaitBits   = $clog2(WaitPolls);

  // ---------------------------------------------------------------------------------------------------------------- line
  logic                 byte_valid, frame_valid, frame_taken;
  logic [7:0]           byte_in, command, sequence_in, payload_data;
  logic [IndexBits:0]   length;
  logic [31:0]          address;
  logic [IndexBits-1:0] payload_addr;

  sterna_uart_rx #(
    .ClockKhz(ClockKhz),
    .Baud    (Baud)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .line_i,
    .valid_o(byte_valid),
    .byte_o (byte_in)
  );

  sterna_serial_receive #(
    .TimeoutBits(TimeoutBits)
  ) u_receive (
    .clk_i,
    .rst_ni,
    .byte_valid_i  (byte_valid),
    .byte_i        (byte_in),
    .frame_valid_o (frame_valid),
    .frame_taken_i (frame_taken),
    .command_o     (command),
    .sequence_o    (sequence_in),
    .length_o      (length),
    .address_o     (address),
    .payload_addr_i(payload_addr),
    .payload_data_o(payload_data)
  );

  logic               send_start, send_ready, reply_valid, reply_ready, byte_out_valid, byte_out_ready;
  logic [7:0]         byte_out, reply_byte;
  logic [3:0]         result_q;
  logic [7:0]         expected_q;  // the number of the next frame
  logic               greeted_q;   // HELLO came since the reset: the host knows of it
  logic [IndexBits:0] reply_length_q;

  sterna_serial_send u_send (
    .clk_i,
    .rst_ni,
    .start_i        (send_start),
    .ready_o        (send_ready),
    .command_i      ({result_q, command[3:0]}),
    .sequence_i     (sequence_in),
    .length_i       (reply_length_q),
    .address_i      (result_q == sterna_serial_pkg::RESULT_SEQUENCE ? {23'd0, !greeted_q, expected_q} : address),
    .payload_valid_i(reply_valid),
    .payload_ready_o(reply_ready),
    .payload_i      (reply_byte),
    .byte_valid_o   (byte_out_valid),
    .byte_ready_i   (byte_out_ready),
    .byte_o         (byte_out)
  );

  sterna_uart_tx #(
    .ClockKhz(ClockKhz),
    .Baud    (Baud)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .valid_i(byte_out_valid),
    .ready_o(byte_out_ready),
    .byte_i (byte_out),
    .line_o
  );

  // ------------------------------------------------------------------------------------------------------------ commands
  typedef enum logic [4:0] {
    BridgeIdle, BridgeFirst, BridgeSecond, BridgeThird, BridgeJudge, BridgeFetch, BridgeByte, BridgeStore, BridgeStoreData, BridgeWrite,
    BridgeWritten, BridgeStart, BridgeLoad, BridgeLoadData, BridgeRead, BridgeReadData, BridgeIdentity, BridgePayload,
    BridgePoll, BridgePollData, BridgePolled, BridgeDrain
  } bridge_e;
  bridge_e state_q, state_d;

  logic [7:0]          behind;
  logic [15:0]         count_q;  // that a read asks for
  logic [IndexBits:0]  index_q;  // into the payload, of the request or of the reply
  logic [31:0]         address_q;
  logic [127:0]        word_q;   // of a reply, its next byte lowest; of registers to be written, offset and value
  logic [3:0]          word_left_q;
  logic [31:0]         store_q;
  logic [29:0]         store_addr_q;
  logic [3:0]          strobe_q;
  logic [WaitBits-1:0] waited_q;
  logic                byte_came_q, aw_done_q, w_done_q;

  logic hello, read, registers, writes, known, fits, newest, again, in_memory;

  assign hello     = command == sterna_serial_pkg::COMMAND_HELLO;
  assign read      = command == sterna_serial_pkg::COMMAND_READ_MEMORY || command == sterna_serial_pkg::COMMAND_READ_REGISTERS;
  assign registers = command == sterna_serial_pkg::COMMAND_READ_REGISTERS || command == sterna_serial_pkg::COMMAND_WRITE_REGISTERS;
  assign writes    = command == sterna_serial_pkg::COMMAND_WRITE_MEMORY || command == sterna_serial_pkg::COMMAND_WRITE_REGISTERS;
  assign known     = hello || read || writes || command == sterna_serial_pkg::COMMAND_WAIT;
  assign behind    = expected_q - sequence_in;
  assign newest    = greeted_q && behind == '0;
  assign again     = greeted_q && behind != '0 && behind <= 8'(sterna_serial_pkg::WINDOW);
  assign in_memory = registers || (!read && !writes) || {1'b0, address} + {16'd0, read ? {1'b0, count_q} : 17'(length)} <= 33'(MemoryBytes);

  always_comb begin
    if (read) begin
      fits = length == (IndexBits + 1)'(2) && count_q != '0 && count_q <= 16'(MaxPayload)
             && (!registers || (count_q[1:0] == '0 && address[1:0] == '0 && address[31:AddrBits] == '0));
    end else if (writes) begin
      fits = length != '0 && (!registers || length[2:0] == '0);
    end else begin
      fits = length == '0;
    end
  end

  logic last_byte, completes;

  assign last_byte = index_q == length;  // behind the byte
  assign completes = index_q + 1'b1 == length || (registers ? index_q[2:0] == 3'd7 : address_q[1:0] == 2'd3);  // with the byte

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      BridgeIdle: begin
        // A read's number of bytes is the first of its payload.
        if (frame_valid) state_d = read ? BridgeFirst : BridgeJudge;
      end
      BridgeFirst:  state_d = BridgeSecond;
      BridgeSecond: state_d = BridgeThird;
      BridgeThird:  state_d = BridgeJudge;
      BridgeJudge: begin
        if (!known || !fits || !in_memory || hello || read || (!newest && !again)) state_d = BridgeStart;
        else if (writes) state_d = newest ? BridgeFetch : BridgeStart;
        else state_d = BridgePoll;
      end

      // The payload's bytes into words, and these to where they belong.
      BridgeFetch: state_d = BridgeByte;
      BridgeByte:  state_d = completes ? (registers ? BridgeWrite : BridgeStore) : BridgeFetch;
      BridgeStore: if (mem_ready_i) state_d = mem_wdata_ready_i ? (last_byte ? BridgeStart : BridgeFetch) : BridgeStoreData;
      BridgeStoreData: if (mem_wdata_ready_i) state_d = last_byte ? BridgeStart : BridgeFetch;
      BridgeWrite: if ((aw_done_q || awready_i) && (w_done_q || wready_i)) state_d = BridgeWritten;
      BridgeWritten: if (bvalid_i) state_d = last_byte ? BridgeStart : BridgeFetch;

      // The reply: its header, then words as they are read.
      BridgeStart: begin
        if (send_ready) begin
          if (reply_length_q == '0) state_d = BridgeDrain;
          else if (hello) state_d = BridgeIdentity;
          else if (read) state_d = registers ? BridgeRead : BridgeLoad;
          else state_d = BridgePayload;  // WAIT's: the word is there
        end
      end
      BridgeLoad:     if (mem_ready_i) state_d = BridgeLoadData;
      BridgeLoadData: if (mem_rdata_valid_i) state_d = BridgePayload;
      BridgeRead:     if (arready_i) state_d = BridgeReadData;
      BridgeReadData: if (rvalid_i) state_d = BridgePayload;
      BridgeIdentity: state_d = BridgePayload;
      BridgePayload: begin
        if (reply_ready) begin
          if (index_q + 1'b1 == reply_length_q) state_d = BridgeDrain;
          else if (word_left_q == 4'd0) state_d = registers ? BridgeRead : BridgeLoad;
        end
      end

      // WAIT: CTRL again and again.
      BridgePoll:     if (arready_i) state_d = BridgePollData;
      BridgePollData: if (rvalid_i) state_d = BridgePolled;
      BridgePolled:   state_d = word_q[2:1] != '0 || byte_came_q || waited_q == '1 ? BridgeStart : BridgePoll;

      BridgeDrain: state_d = BridgeIdle;
      default:     state_d = BridgeIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= BridgeIdle;
    else state_q <= state_d;
  end

  assign frame_taken  = state_q == BridgeDrain;
  assign send_start   = state_q == BridgeStart && send_ready;
  assign payload_addr = index_q[IndexBits-1:0];
  assign reply_valid  = state_q == BridgePayload;
  assign reply_byte   = word_q[7:0];

  assign mem_valid_o = state_q == BridgeStore || state_q == BridgeLoad;
  assign mem_we_o    = state_q == BridgeStore;
  assign mem_addr_o  = state_q == BridgeStore ? store_addr_q : address_q[31:2];
  assign mem_wdata_o = store_q;
  assign mem_wstrb_o = strobe_q;
  assign awvalid_o   = state_q == BridgeWrite && !aw_done_q;
  assign wvalid_o    = state_q == BridgeWrite && !w_done_q;
  assign awaddr_o    = word_q[64 +: AddrBits];
  assign wdata_o     = word_q[96 +: 32];
  assign arvalid_o   = state_q == BridgeRead || state_q == BridgePoll;
  assign araddr_o    = state_q == BridgePoll ? sterna_isa_pkg::REG_CTRL : address_q[AddrBits-1:0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      expected_q <= '0;
      greeted_q  <= 1'b0;
    end else if (state_q == BridgeJudge && known && fits && in_memory) begin
      if (hello) greeted_q <= 1'b1;
      if (hello) expected_q <= sequence_in + 1'b1;
      else if (newest) expected_q <= expected_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      BridgeIdle: begin
        index_q   <= '0;
        address_q <= address;
        strobe_q  <= '0;
        waited_q  <= '0;
      end
      BridgeFirst: index_q <= index_q + 1'b1;
      BridgeSecond: begin
        count_q[7:0] <= payload_data;
      end
      BridgeThird: begin
        count_q[15:8] <= payload_data;
        index_q       <= '0;
      end
      BridgeJudge: begin
        result_q       <= sterna_serial_pkg::RESULT_OK;
        reply_length_q <= '0;
        if (!known || !fits) result_q <= sterna_serial_pkg::RESULT_BAD_COMMAND;
        else if (!in_memory) result_q <= sterna_serial_pkg::RESULT_BAD_ADDRESS;
        else if (hello) reply_length_q <= (IndexBits + 1)'(sterna_serial_pkg::IDENTITY_BYTES);
        else if (!newest && !again) result_q <= sterna_serial_pkg::RESULT_SEQUENCE;
        else if (read) reply_length_q <= count_q[IndexBits:0];
      end
      BridgeByte: begin
        index_q      <= index_q + 1'b1;
        address_q    <= address_q + 1'b1;
        store_addr_q <= address_q[31:2];
        word_q       <= {payload_data, word_q[127:8]};
        store_q[address_q[1:0]*8 +: 8] <= payload_data;
        strobe_q[address_q[1:0]]       <= 1'b1;
      end
      BridgeStore, BridgeStoreData: begin
        if (state_d == BridgeStart || state_d == BridgeFetch) strobe_q <= '0;
      end
      BridgeIdentity: begin
        word_q      <= {Board, 32'(MemoryBytes), 32'(sterna_serial_pkg::VERSION)};
        word_left_q <= 4'd15;
      end
      BridgeLoadData: begin
        word_q[31:0] <= mem_rdata_i >> (5'd8 * {3'd0, address_q[1:0]});
        word_left_q  <= 4'd3 - {2'd0, address_q[1:0]};
      end
      BridgeReadData, BridgePollData: begin
        word_q[31:0] <= rdata_i;
        word_left_q  <= 4'd3;
      end
      BridgePayload: begin
        if (reply_ready) begin
          word_q      <= {8'd0, word_q[127:8]};
          word_left_q <= word_left_q - 1'b1;
          index_q     <= index_q + 1'b1;
          address_q   <= address_q + 1'b1;
        end
      end
      BridgePolled: begin
        waited_q       <= waited_q + 1'b1;
        reply_length_q <= (IndexBits + 1)'(4);
        result_q       <= word_q[2:1] != '0 ? sterna_serial_pkg::RESULT_OK : sterna_serial_pkg::RESULT_BUSY;
      end
      default: ;
    endcase
    aw_done_q   <= state_q == BridgeWrite && (aw_done_q || awready_i);
    w_done_q    <= state_q == BridgeWrite && (w_done_q || wready_i);
    byte_came_q <= state_q != BridgeIdle && (byte_came_q || byte_valid);
  end

endmodule
