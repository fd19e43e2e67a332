// The longest vectors in the narrowest words, and a ROM that is one instruction longer than a power of two.
-GChannels=1
-GLanes=1
-GBeatsPerStep=2
-GBeatBits=64
-GVecLen=8192
-GRegisters=4
-GRomDepth=4097
-GWeightFifo=512
-GLaneStages=0
