# One whole block of a MatMul-free language model, for one token: the token mixer (a gated recurrence) and the channel
# mixer (a gated MLP). d = 64, intermediate size 128. This is what the compiler emits for layer 0 of a checkpoint, without
# its reordering for speed; docs/architecture.md follows one weight and one activation through it.
#
#   x = norm(h);  f = sigmoid(BL_f(x));  i = silu(BL_i(x));  s = f s + (1 - f) i
#   h = h + BL_o(norm(BL_g(x)) * silu(s))
#   h = h + BL_down(silu(gate) * up),  with gate and up the halves of BL_gate(norm(h))
#
# What changes is in segment b0, what does not in b1, and the matrices in b4: devices with two or four channels stripe
# them over the segments from a multiple of four on.

.include "bit_linear.inc"

.equ d, 64
.equ i, 128

.segment stream, b0
.input  h[d], ramp -1, 0.03125                  # the residual stream, in and out
.output h
.input  state[d]                                # the recurrent state, in and out: zeros before the first token
.output state

.segment norms, b1                              # the norms' weights
.vector attn_norm[d], fill 1
.vector f_norm[d], fill 1
.vector i_norm[d], fill 1
.vector g_norm_in[d], fill 1
.vector g_norm[d], fill 1
.vector o_norm[d], fill 1
.vector mlp_norm[d], fill 1
.vector gate_norm[d], fill 1
.vector down_norm[i], fill 1

.segment weights, b4
.matrix w_f[d, d], random 1
.matrix w_i[d, d], random 2
.matrix w_g[d, d], random 3
.matrix w_o[d, d], random 4
.matrix w_gate[i, d], random 5
.matrix w_up[i, d], random 6
.matrix w_down[d, i], random 7

# ---------------------------------------------------------------------------------------------- token mixer
        LDV     v0, [h], d                      # v0 is h to the end
        LDV     v1, [attn_norm], d
        NORM    v1, v0, v1, d, eps(1e-6)        # v1 = x

        LDV     v2, [f_norm], d                 # v3 = f
        NORM    v2, v1, v2, d, bl_eps
        QUANT   v2, v2, d
        TMATMUL v3, v2, [w_f], d, d, w_scale
        SIG     v3, v3, d

        LDV     v4, [i_norm], d                 # v5 = i
        NORM    v4, v1, v4, d, bl_eps
        QUANT   v4, v4, d
        TMATMUL v5, v4, [w_i], d, d, w_scale
        SILU    v5, v5, d

        LDV     v4, [state], d                  # v4 = s = f s + (1 - f) i: one instruction
        GATE    v4, v3, v4, v5, d
        SV      v4, [state], d
        SILU    v4, v4, d

        LDV     v2, [g_norm_in], d              # v3 = g
        NORM    v2, v1, v2, d, bl_eps
        QUANT   v2, v2, d
        TMATMUL v3, v2, [w_g], d, d, w_scale
        LDV     v2, [g_norm], d
        NORM    v3, v3, v2, d, eps(1e-6)
        MUL     v3, v3, v4, d                   # v3 = o = norm(g) * silu(s)

        LDV     v2, [o_norm], d                 # h = h + BL_o(o)
        NORM    v3, v3, v2, d, bl_eps
        QUANT   v3, v3, d
        TMATMUL v4, v3, [w_o], d, d, w_scale
        ADD     v0, v0, v4, d

# -------------------------------------------------------------------------------------------- channel mixer
        LDV     v1, [mlp_norm], d
        NORM    v1, v0, v1, d, eps(1e-6)
        LDV     v2, [gate_norm], d
        NORM    v1, v1, v2, d, bl_eps
        QUANT   v1, v1, d                       # both halves take the same input
        TMATMUL v3, v1, [w_gate], i, d, w_scale
        TMATMUL v4, v1, [w_up], i, d, w_scale
        SILU    v3, v3, i                       # runs while the second product does
        MUL     v3, v3, v4, i
        LDV     v2, [down_norm], i
        NORM    v3, v3, v2, i, bl_eps
        QUANT   v3, v3, i
        TMATMUL v4, v3, [w_down], d, i, w_scale
        ADD     v0, v0, v4, d

        SV      v0, [h], d
        HALT
