// A row of a matrix is a single beat, and less than a step may take.
-GChannels=1
-GLanes=1
-GBeatsPerStep=2
-GBeatBits=512
-GVecLen=64
-GRegisters=8
-GRomDepth=256
-GWeightFifo=512
-GLaneStages=0
