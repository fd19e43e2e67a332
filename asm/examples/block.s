# One whole block of a MatMul-free language model, for one token: the token mixer (a gated recurrence) and the channel
# mixer (a gated MLP). d = 64, intermediate size 128. This is what the compiler emits for layer 0 of a checkpoint, without
# its reordering for speed; docs/architecture.md follows one weight and one activation through it.
#
#   x = norm(h);  f = sigmoid(BL_f(x));  i = silu(BL_i(x));  s = f s + (1 - f) i
#   h = h + BL_o(norm(BL_g(x)) * silu(s))
#   h = h + BL_down(silu(gate) * up),  with gate and up the halves of BL_gate(norm(h))
#
# Segment 0 holds what changes, segment 1 the norms' weights, segment 2 the matrices.

.include "bit_linear.inc"

.equ d, 64
.equ i, 128

# segment 0: the residual stream and the recurrent state, both in and out
.equ h, 0
.equ state, h + vector_bytes(d)                         # 0x100

# segment 1: the norms' weights, one behind the other: 8 of d elements, 1 of i
.equ d_bytes, vector_bytes(d)
.equ attn_norm, 0
.equ f_norm, 1 * d_bytes
.equ i_norm, 2 * d_bytes
.equ g_norm_in, 3 * d_bytes
.equ g_norm, 4 * d_bytes
.equ o_norm, 5 * d_bytes
.equ mlp_norm, 6 * d_bytes
.equ gate_norm, 7 * d_bytes
.equ down_norm, 8 * d_bytes                             # 0x800; the segment ends at 0xa00

# segment 2: the matrices, one behind the other
.equ w_f, 0
.equ w_i, w_f + matrix_bytes(d, d)
.equ w_g, w_i + matrix_bytes(d, d)
.equ w_o, w_g + matrix_bytes(d, d)
.equ w_gate, w_o + matrix_bytes(d, d)
.equ w_up, w_gate + matrix_bytes(i, d)
.equ w_down, w_up + matrix_bytes(i, d)                  # the segment ends at w_down + matrix_bytes(d, i)

# ---------------------------------------------------------------------------------------------- token mixer
        LDV     v0, [b0 + h], d                 # v0 is h to the end
        LDV     v1, [b1 + attn_norm], d
        NORM    v1, v0, v1, d, eps(1e-6)        # v1 = x

        LDV     v2, [b1 + f_norm], d            # v3 = f
        NORM    v2, v1, v2, d, bl_eps
        QUANT   v2, v2, d
        TMATMUL v3, v2, [b2 + w_f], d, d, w_scale
        SIG     v3, v3, d

        LDV     v4, [b1 + i_norm], d            # v5 = i
        NORM    v4, v1, v4, d, bl_eps
        QUANT   v4, v4, d
        TMATMUL v5, v4, [b2 + w_i], d, d, w_scale
        SILU    v5, v5, d

        LDV     v4, [b0 + state], d             # v4 = s = f s + (1 - f) i: one instruction
        GATE    v4, v3, v4, v5, d
        SV      v4, [b0 + state], d
        SILU    v4, v4, d

        LDV     v2, [b1 + g_norm_in], d         # v3 = g
        NORM    v2, v1, v2, d, bl_eps
        QUANT   v2, v2, d
        TMATMUL v3, v2, [b2 + w_g], d, d, w_scale
        LDV     v2, [b1 + g_norm], d
        NORM    v3, v3, v2, d, eps(1e-6)
        MUL     v3, v3, v4, d                   # v3 = o = norm(g) * silu(s)

        LDV     v2, [b1 + o_norm], d            # h = h + BL_o(o)
        NORM    v3, v3, v2, d, bl_eps
        QUANT   v3, v3, d
        TMATMUL v4, v3, [b2 + w_o], d, d, w_scale
        ADD     v0, v0, v4, d

# -------------------------------------------------------------------------------------------- channel mixer
        LDV     v1, [b1 + mlp_norm], d
        NORM    v1, v0, v1, d, eps(1e-6)
        LDV     v2, [b1 + gate_norm], d
        NORM    v1, v1, v2, d, bl_eps
        QUANT   v1, v1, d                       # both halves take the same input
        TMATMUL v3, v1, [b2 + w_gate], i, d, w_scale
        TMATMUL v4, v1, [b2 + w_up], i, d, w_scale
        SILU    v3, v3, i                       # runs while the second product does
        MUL     v3, v3, v4, i
        LDV     v2, [b1 + down_norm], i
        NORM    v3, v3, v2, i, bl_eps
        QUANT   v3, v3, i
        TMATMUL v4, v3, [b2 + w_down], d, i, w_scale
        ADD     v0, v0, v4, d

        SV      v0, [b0 + h], d
        HALT
