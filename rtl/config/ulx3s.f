// A ULX3S-85F: an ECP5 and 16-bit SDRAM. Beats of 64 bits, of which the memory carries one in two cycles; enough for the shipped model.
-GBeatBits=64
-GVecLen=768
-GRegisters=8
-GRomDepth=1024
-GWeightFifo=512
-GOutstanding=256
-GClockKhz=50000
