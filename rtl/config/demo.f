// One DDR4-2400 channel at 300 MHz (64 bytes a cycle), wide enough for the shipped model.
-GBeatsPerStep=2
-GBeatBits=512
-GVecLen=1024
-GRegisters=8
-GRomDepth=1024
-GWeightFifo=1024
-GOutstanding=128
-GFffTrees=64
-GClockKhz=300000
