// Serial square root of a non-negative integer: root_o = floor(sqrt(square_i)), one bit of the root a cycle.
//
// square_i is taken with start_i; done_o rises for one cycle RootBits + 1 cycles later, and root_o holds until the next
// start.
module serial_sqrt #(
  parameter int unsigned RootBits = 17
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  start_i,
  input  logic [2*RootBits-1:0] square_i,
  output logic                  done_o,
  output logic [RootBits-1:0]   root_o
);
  localparam int unsigned CountBits = $clog2(RootBits + 1);

  // Written out on paper: bring down two digits, try the digit 1 behind twice the root so far.
  logic [2*RootBits-1:0] digits_q;
  logic [RootBits:0]     rem_q;
  logic [RootBits-1:0]   root_q;
  logic [CountBits-1:0]  count_q;
  logic                  last_q;

  logic [RootBits+2:0] partial, trial, left;
  logic                fits;
  assign partial = {rem_q, digits_q[2*RootBits-1-:2]};
  assign trial   = {1'b0, root_q, 2'b01};
  assign fits    = partial >= trial;
  assign left    = fits ? partial - trial : partial;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      digits_q <= square_i;
      rem_q    <= '0;
      root_q   <= '0;
    end else if (count_q != '0) begin
      digits_q <= {digits_q[2*RootBits-3:0], 2'b00};
      rem_q    <= left[RootBits:0];  // the remainder is at most twice the root
      root_q   <= {root_q[RootBits-2:0], fits};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      last_q  <= 1'b0;
    end else begin
      if (start_i) count_q <= CountBits'(RootBits);
      else if (count_q != '0) count_q <= count_q - 1'b1;
      last_q <= !start_i && count_q == CountBits'(1);
    end
  end

  assign done_o = last_q;
  assign root_o = root_q;

  logic unused;
  assign unused = ^left[RootBits+2:RootBits+1];
endmodule
