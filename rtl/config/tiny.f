// The smallest machine that runs everything: for tests, where vectors of many lines and full FIFOs should come cheap.
-GBeatsPerStep=2
-GBeatBits=128
-GVecLen=256
-GRegisters=8
-GRomDepth=512
-GWeightFifo=512
-GClockKhz=100000
