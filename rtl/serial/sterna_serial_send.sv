// SPDX-License-Identifier: Apache-2.0
// Sends one frame of docs/serial.md: sync, header, a payload as it comes, CRC.
//
// Commands: start_i, only while ready_o, with the header's fields; then length_i bytes of payload.
// Handshake: valid/ready of the payload and of the bytes on their way to the line.
// Latency: a cycle from start_i to the first byte.
module sterna_serial_send #(
  localparam int unsigned IndexBits = $clog2(sterna_serial_pkg::MAX_PAYLOAD)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  output logic               ready_o,
  input  logic [7:0]         command_i,
  input  logic [7:0]         sequence_i,
  input  logic [IndexBits:0] length_i,
  input  logic [31:0]        address_i,

  input  logic               payload_valid_i,
  output logic               payload_ready_o,
  input  logic [7:0]         payload_i,

  output logic               byte_valid_o,
  input  logic               byte_ready_i,
  output logic [7:0]         byte_o
);

  typedef enum logic [2:0] {SendIdle, SendSync, SendHeader, SendPayload, SendCrc} send_e;
  send_e state_q;

  logic [IndexBits:0] left_q;  // bytes of this part
  logic [IndexBits:0] length_q;
  logic [63:0]        header_q;
  logic [31:0]        crc_q, crc_next;
  logic               sent;

  assign ready_o         = state_q == SendIdle;
  assign byte_valid_o    = state_q != SendIdle && (state_q != SendPayload || payload_valid_i);
  assign sent            = byte_valid_o && byte_ready_i;
  assign payload_ready_o = state_q == SendPayload && byte_ready_i;

  always_comb begin
    unique case (state_q)
      SendHeader:  byte_o = header_q[7:0];
      SendPayload: byte_o = payload_i;
      SendCrc:     byte_o = ~crc_q[7:0];
      default:     byte_o = sterna_serial_pkg::REPLY_SYNC;
    endcase
  end

  sterna_crc32 u_crc (
    .crc_i (crc_q),
    .byte_i(byte_o),
    .crc_o (crc_next)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= SendIdle;
      left_q  <= '0;
    end else begin
      if (sent) left_q <= left_q - 1'b1;
      unique case (state_q)
        SendIdle: if (start_i) state_q <= SendSync;
        SendSync: begin
          if (sent) begin
            left_q  <= (IndexBits + 1)'(8);
            state_q <= SendHeader;
          end
        end
        SendHeader: begin
          if (sent && left_q == (IndexBits + 1)'(1)) begin
            left_q  <= length_q == '0 ? (IndexBits + 1)'(4) : length_q;
            state_q <= length_q == '0 ? SendCrc : SendPayload;
          end
        end
        SendPayload: begin
          if (sent && left_q == (IndexBits + 1)'(1)) begin
            left_q  <= (IndexBits + 1)'(4);
            state_q <= SendCrc;
          end
        end
        SendCrc: if (sent && left_q == (IndexBits + 1)'(1)) state_q <= SendIdle;
        default: state_q <= SendIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == SendIdle) begin
      header_q <= {address_i, 16'(length_i), sequence_i, command_i};
      length_q <= length_i;
      crc_q    <= '1;
    end else if (sent) begin
      if (state_q == SendHeader) header_q <= {8'd0, header_q[63:8]};
      if (state_q == SendCrc) crc_q <= {8'd0, crc_q[31:8]};
      else if (state_q != SendSync) crc_q <= crc_next;
    end
  end

endmodule
