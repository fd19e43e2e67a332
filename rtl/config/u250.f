// An Alveo U250: four channels of DDR4-2400 at 300 MHz (64 bytes a cycle each), twelve lanes, three on each of the four SLRs, vectors long
// enough for models of 2.7 billion weights.
-GChannels=4
-GLanes=12
-GBeatsPerStep=2
-GBeatBits=512
-GVecLen=8192
-GRegisters=8
-GRomDepth=8192
-GWeightFifo=8192
-GOutstanding=512
-GLaneStages=3
-GDies=4
-GFffTrees=64
-GFffSlotBeats=8192
-GClockKhz=300000
