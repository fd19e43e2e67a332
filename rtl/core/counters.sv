// Event counters: one 64-bit counter for each of asm/isa.toml's, counting the cycles in which its event is high.
module counters #(
  localparam int unsigned Counters = sterna_isa_pkg::COUNTERS,
  localparam int unsigned IndexBits = $clog2(Counters)
) (
  input  logic                clk_i,
  input  logic                clear_i,
  input  logic [Counters-1:0] event_i,

  input  logic [IndexBits-1:0] rd_index_i,
  output logic [63:0]          rd_data_o  // two cycles after rd_index_i
);

  // Registered, so that no unit's timing depends on a carry chain here.
  logic [Counters-1:0] event_q;
  logic                clear_q;
  logic [63:0]         count_q[Counters];

  always_ff @(posedge clk_i) begin
    event_q <= event_i;
    clear_q <= clear_i;
    for (int unsigned i = 0; i < Counters; i++) begin
      if (clear_q) count_q[i] <= '0;
      else if (event_q[i]) count_q[i] <= count_q[i] + 1'b1;
    end
  end

  logic [IndexBits-1:0] rd_index_q;

  always_ff @(posedge clk_i) begin
    rd_index_q <= rd_index_i;
    rd_data_o  <= count_q[rd_index_q];
  end

endmodule
