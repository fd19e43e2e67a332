# The kernel synthesised alone: 300 MHz. In a card's design, v++ gives the clock.
create_clock -name ap_clk -period 3.333 [get_ports ap_clk]
