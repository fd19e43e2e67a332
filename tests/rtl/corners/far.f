// All registers that the instruction set has, and as many stages to the lanes as there may be.
-GChannels=1
-GLanes=2
-GBeatsPerStep=2
-GBeatBits=256
-GVecLen=320
-GRegisters=16
-GRomDepth=256
-GWeightFifo=512
-GLaneStages=4
