// More lanes than a register word of the host's mask; lengths and registers that are no powers of two.
-GChannels=1
-GLanes=40
-GBeatsPerStep=2
-GBeatBits=128
-GVecLen=192
-GRegisters=5
-GRomDepth=256
-GWeightFifo=512
-GLaneStages=1
