// A Kria KV260 (XCK26): one channel of DDR4-2400 behind the processor's four ports of 128 bits, which at 250 MHz carry together 16 of its
// 19.2 GB/s; two lanes, and what models of 370 million weights need.
-GChannels=4
-GLanes=2
-GBeatsPerStep=2
-GBeatBits=128
-GVecLen=4096
-GRegisters=8
-GRomDepth=4096
-GWeightFifo=8192
-GOutstanding=512
-GLaneStages=1
-GClockKhz=250000
