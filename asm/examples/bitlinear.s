# One BitLinear, the layer that a MatMul-free model is made of: y = W * quantise(norm(x)), W ternary, 40 rows of 64.
#
# Memory (segment 0, byte addresses):
#   x        64 elements in
#   weight   64 elements in: the weight of the norm
#   matrix   40 x 64 trits in, five rows in a byte: 8 groups of five rows, 64 bytes each
#   y        40 elements out

.equ rows, 40
.equ cols, 64

.equ x, 0
.equ weight, x + vector_bytes(cols)             # 0x100
.equ matrix, weight + vector_bytes(cols)        # 0x200
.equ y, matrix + matrix_bytes(rows, cols)       # 0x400

# The trits stand for +-mean|W|; a quantised element q stands for q * amax / 127. The product of both factors that do not
# depend on the data is the instruction's scale; amax the hardware knows.
.equ w_scale, scale(0.125 / 127)                # mean|W| = 0.125

        LDV     v0, [b0 + x], cols
        LDV     v1, [b0 + weight], cols
        NORM    v0, v0, v1, cols, eps(1e-6)     # to a mean square of 1, times the weight
        QUANT   v0, v0, cols                    # to int8; the scale goes to v0's scale register
        TMATMUL v2, v0, [b0 + matrix], rows, cols, w_scale
        SV      v2, [b0 + y], rows
        HALT
