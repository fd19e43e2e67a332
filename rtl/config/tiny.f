// The smallest machine that runs everything: for tests, where vectors of many lines and full FIFOs should come cheap.
-GBeatBits=128
-GVecLen=256
-GRegisters=8
-GRomDepth=256
-GClockKhz=100000
