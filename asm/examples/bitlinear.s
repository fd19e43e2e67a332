# One BitLinear, the layer that a MatMul-free model is made of: y = W * quantise(norm(x)), W ternary, 40 rows of 64.

.input  x[64], ramp -1, 0.03125
.vector weight[x.len], fill 1                   # of the norm
.matrix w[40, x.len], random 1                  # five rows in a byte: 8 groups of five rows, 64 bytes each
.output y[w.rows]

# The trits stand for +-mean|W|; a quantised element q stands for q * amax / 127. The product of both factors that do not
# depend on the data is the instruction's scale; amax the hardware knows.
.equ w_scale, scale(0.125 / 127)                # mean|W| = 0.125

        LDV     v0, [x], w.cols
        LDV     v1, [weight], w.cols
        NORM    v0, v0, v1, w.cols, eps(1e-6)   # to a mean square of 1, times the weight
        QUANT   v0, v0, w.cols                  # to int8; the scale goes to v0's scale register
        TMATMUL v2, v0, [w], w.rows, w.cols, w_scale
        SV      v2, [y], w.rows
        HALT
