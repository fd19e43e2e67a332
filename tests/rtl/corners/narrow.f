// The least of everything: a beat is two elements, two registers have to do.
-GChannels=2
-GLanes=2
-GBeatsPerStep=1
-GBeatBits=64
-GVecLen=64
-GRegisters=2
-GRomDepth=255
-GWeightFifo=512
-GLaneStages=0
