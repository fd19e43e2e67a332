// SPDX-License-Identifier: Apache-2.0
// Finds the frames of docs/serial.md in the bytes of a line, and holds one that is whole.
//
// Commands: none.
// Handshake: frame_valid_o holds a frame, its header on the ports and its payload in the buffer, until frame_taken_i. Bytes that
// come meanwhile wait in a FIFO; what finds it full is lost, and its frame with it.
// Latency: a frame is there some cycles after its last byte; payload_data_o comes a cycle after payload_addr_i.
// A frame with a wrong CRC or an impossible length is dropped, as is one whose next byte does not come for 2^TimeoutBits cycles:
// the bytes behind it are a new beginning.
module sterna_serial_receive #(
  parameter int unsigned TimeoutBits = 20,
  localparam int unsigned MaxPayload = sterna_serial_pkg::MAX_PAYLOAD,
  localparam int unsigned IndexBits  = $clog2(MaxPayload)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 byte_valid_i,
  input  logic [7:0]           byte_i,

  output logic                 frame_valid_o,
  input  logic                 frame_taken_i,
  output logic [7:0]           command_o,
  output logic [7:0]           sequence_o,
  output logic [IndexBits:0]   length_o,
  output logic [31:0]          address_o,
  input  logic [IndexBits-1:0] payload_addr_i,
  output logic [7:0]           payload_data_o
);

  localparam logic [31:0] Residue = 32'hDEBB20E3;  // of a frame with its CRC behind it

  logic       pop, have, full;
  logic [7:0] next;
  logic [9:0] unused_count;

  sterna_fifo #(
    .Width(8),
    .Depth(512)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .push_i (byte_valid_i && !full),
    .data_i (byte_i),
    .full_o (full),
    .pop_i  (pop),
    .valid_o(have),
    .data_o (next),
    .count_o(unused_count)
  );

  typedef enum logic [2:0] {ReceiveHunt, ReceiveHeader, ReceivePayload, ReceiveCrc, ReceiveCheck, ReceiveHold} receive_e;
  receive_e state_q;

  logic [IndexBits:0]     index_q;
  logic [63:0]            header_q;  // the last eight bytes, the first of them lowest
  logic [31:0]            crc_q, crc_next;
  logic [TimeoutBits-1:0] silence_q;
  logic [15:0]            length;
  logic                   last_header, last_payload;

  assign pop          = have && state_q != ReceiveCheck && state_q != ReceiveHold;
  assign command_o    = header_q[7:0];
  assign sequence_o   = header_q[15:8];
  assign length       = header_q[31:16];
  assign length_o     = length[IndexBits:0];
  assign address_o    = header_q[63:32];
  assign last_header  = index_q == (IndexBits + 1)'(7);
  assign last_payload = index_q + 1'b1 == length_o;

  logic unused_length;  // none above MaxPayload
  assign unused_length = ^length[15:IndexBits+1];

  assign frame_valid_o = state_q == ReceiveHold;

  sterna_crc32 u_crc (
    .crc_i (crc_q),
    .byte_i(next),
    .crc_o (crc_next)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= ReceiveHunt;
      index_q   <= '0;
      silence_q <= '0;
    end else begin
      silence_q <= pop ? '0 : silence_q + 1'b1;
      if (pop) index_q <= index_q + 1'b1;
      unique case (state_q)
        ReceiveHunt: begin
          index_q <= '0;
          if (pop && next == sterna_serial_pkg::REQUEST_SYNC) state_q <= ReceiveHeader;
        end
        // The length is in the first four bytes: it has come down to its place with the eighth.
        ReceiveHeader: begin
          if (pop && last_header) begin
            index_q <= '0;
            if (header_q[39:24] > 16'(MaxPayload)) state_q <= ReceiveHunt;
            else state_q <= header_q[39:24] == '0 ? ReceiveCrc : ReceivePayload;
          end
        end
        ReceivePayload: begin
          if (pop && last_payload) begin
            index_q <= '0;
            state_q <= ReceiveCrc;
          end
        end
        ReceiveCrc:   if (pop && index_q == (IndexBits + 1)'(3)) state_q <= ReceiveCheck;
        ReceiveCheck: state_q <= crc_q == Residue ? ReceiveHold : ReceiveHunt;
        ReceiveHold:  if (frame_taken_i) state_q <= ReceiveHunt;
        default:      state_q <= ReceiveHunt;
      endcase
      if (silence_q == '1 && state_q != ReceiveHold) state_q <= ReceiveHunt;
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == ReceiveHunt) crc_q <= '1;
    else if (pop) crc_q <= crc_next;
    if (state_q == ReceiveHeader && pop) header_q <= {next, header_q[63:8]};
  end

  logic [7:0] payload[MaxPayload];

  always_ff @(posedge clk_i) begin
    if (state_q == ReceivePayload && pop) payload[index_q[IndexBits-1:0]] <= next;
  end

  always_ff @(posedge clk_i) begin
    payload_data_o <= payload[payload_addr_i];
  end

endmodule
