// The scalar step between the RMS unit's passes: the factor M / 2^T that the second pass multiplies by
// (docs/numerics.md, NORM steps 2 to 4 and QUANT steps 1 and 2). One serial divider, one serial root, no wide shifter.
//
// Inputs hold from start_i to done_o, which is high for one cycle; the results hold until the next start.
module rms_scalar #(
  parameter int unsigned LenBits = 14
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic               quant_i,
  input  logic [LenBits-1:0] len_i,
  input  logic [31:0]        eps_i,
  input  logic [63:0]        squares_i,  // NORM: sum of squares
  input  logic [30:0]        amax_i,     // QUANT: largest magnitude, at least 1
  output logic               done_o,
  output logic [25:0]        mantissa_o,  // M
  output logic [ 5:0]        shift_o      // T - 1
);
  localparam logic [2:0] Idle      = 3'd0;
  localparam logic [2:0] Epsilon   = 3'd1;  // n * eps
  localparam logic [2:0] Sum       = 3'd2;  // v
  localparam logic [2:0] Normalise = 3'd3;  // six steps: shift out 32, 16, 8, 4, 2, 1 leading zeros
  localparam logic [2:0] Start     = 3'd4;
  localparam logic [2:0] Divide    = 3'd5;
  localparam logic [2:0] Root      = 3'd6;

  localparam int unsigned QuoBits = 32;
  localparam int unsigned DenBits = 32;

  logic [2:0]  state_q, state_d;
  logic [45:0] epsilon_q;
  logic [63:0] v, value_q;    // v, or amax in the upper half; shifted until the top bit is set
  logic [ 5:0] zeros_q;       // z
  logic [15:0] count_q;       // n, shifted likewise
  logic [ 3:0] count_zeros_q; // y
  logic [ 5:0] step_q;        // one bit set: how far this step shifts
  logic        divided, rooted;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      Idle:      if (start_i) state_d = Epsilon;
      Epsilon:   state_d = Sum;
      Sum:       state_d = Normalise;
      Normalise: if (step_q[0]) state_d = Start;
      Start:     state_d = Divide;
      Divide:    if (divided) state_d = quant_i ? Idle : Root;
      default:   if (rooted) state_d = Idle;
    endcase
  end

  assign v = squares_i + 64'(epsilon_q[45:4]);

  // Are the upper step_q bits zero?
  logic value_short, count_short;
  always_comb begin
    case (1'b1)
      step_q[5]: value_short = value_q[63-:32] == '0;
      step_q[4]: value_short = value_q[63-:16] == '0;
      step_q[3]: value_short = value_q[63-:8] == '0;
      step_q[2]: value_short = value_q[63-:4] == '0;
      step_q[1]: value_short = value_q[63-:2] == '0;
      default:   value_short = !value_q[63];
    endcase
    case (1'b1)
      step_q[3]: count_short = count_q[15-:8] == '0;
      step_q[2]: count_short = count_q[15-:4] == '0;
      step_q[1]: count_short = count_q[15-:2] == '0;
      step_q[0]: count_short = !count_q[15];
      default:   count_short = 1'b0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      Epsilon: epsilon_q <= 46'(len_i) * 46'(eps_i);
      Sum: begin
        value_q       <= quant_i ? {1'b0, amax_i, 32'b0} : v < 64'd256 ? 64'd256 : v;
        zeros_q       <= '0;
        count_q       <= 16'(len_i);
        count_zeros_q <= '0;
        step_q        <= 6'd32;
      end
      Normalise: begin
        if (value_short) value_q <= value_q << step_q;
        if (value_short) zeros_q <= zeros_q | step_q;
        if (count_short) count_q <= count_q << step_q[3:0];
        if (count_short) count_zeros_q <= count_zeros_q | step_q[3:0];
        step_q <= step_q >> 1;
      end
      default: ;
    endcase
  end

  // p makes NORM's T whole: 2 T = 62 + y - z + p.
  logic       odd;
  logic [6:0] twice;
  assign odd   = zeros_q[0] ^ count_zeros_q[0];
  assign twice = 7'd62 + 7'(count_zeros_q) - 7'(zeros_q) + 7'(odd);

  logic [DenBits+QuoBits-1:0] numerator;
  logic [QuoBits-1:0]         quotient;
  always_comb begin
    if (quant_i) numerator = (DenBits + QuoBits)'(7'd127) << 50;
    else if (odd) numerator = (DenBits + QuoBits)'(count_q) << 47;
    else numerator = (DenBits + QuoBits)'(count_q) << 46;
  end

  serial_divide #(
    .DenBits     (DenBits),
    .QuoBits     (QuoBits),
    .BitsPerCycle(2)
  ) u_serial_divide (
    .clk_i,
    .rst_ni,
    .start_i(state_q == Start),
    .num_i  (numerator),
    .den_i  (value_q[63:32]),
    .done_o (divided),
    .quo_o  (quotient)
  );

  logic [25:0] root;
  serial_sqrt #(
    .RootBits(26)
  ) u_serial_sqrt (
    .clk_i,
    .rst_ni,
    .start_i (state_q == Divide && divided && !quant_i),
    .square_i({quotient, 20'b0}),
    .done_o  (rooted),
    .root_o  (root)
  );

  always_ff @(posedge clk_i) begin
    if (state_q == Divide && divided) begin
      mantissa_o <= quotient[25:0];
      shift_o    <= quant_i ? 6'd49 - zeros_q : twice[6:1] - 1'b1;
    end
    if (state_q == Root && rooted) mantissa_o <= root;
  end

  logic done_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      done_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      done_q  <= state_q != Idle && state_d == Idle;
    end
  end
  assign done_o = done_q;

  logic unused;
  assign unused = ^{epsilon_q[3:0], twice[0]};
endmodule
