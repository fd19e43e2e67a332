# SPDX-License-Identifier: Apache-2.0
"""The layers' elementwise work in Triton kernels, for training on a GPU.

A BitLinear in plain PyTorch writes and keeps several copies of its input: normed, quantised, in the product's type. Here norm,
absmax and quantisation are one pass over a row, the product of int8 and ternary weights ends with both scales, and the backward
pass keeps nothing but the input: it quantises anew. Where the input is cheap to make of what is kept anyway (a norm's output, the
two gates' products), not even that: such a tensor says how (`again`). The recurrence is one kernel each way, which keeps its inputs
and states. So a layer keeps, a token, its two inputs, the outputs of its first four products and the states.

The mathematics is model.py's; products of the backward pass run in the layer's `product` type there, too. With TRITON_INTERPRET=1
all this runs on a CPU, slowly, for tests.
"""
import torch
import triton
import triton.language as tl

from model import BitLinear, ChannelMixer, RMSNorm, TokenMixer


@triton.jit
def round_half_even(x):
    """For |x| < 2^22; what follows must not be contracted with what made x (enable_fp_fusion=False)."""
    return (x + 12582912.0) - 12582912.0


@triton.jit
def norm_kernel(x, weight, gate, out, scales, columns, eps, GATED: tl.constexpr, QUANTISE: tl.constexpr, BLOCK: tl.constexpr):
    """A row of RMSNorm; GATED: times silu(gate); with QUANTISE as integers up to 127, and their scale."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < columns
    v = tl.load(x + row * columns + at, mask=inside, other=0.0).to(tl.float32)
    y = v * (1 / tl.sqrt(tl.sum(v * v, 0) / columns + eps)) * tl.load(weight + at, mask=inside, other=0.0)
    if GATED:
        s = tl.load(gate + row * columns + at, mask=inside, other=0.0)
        y *= s * tl.sigmoid(s)
    if QUANTISE:
        scale = 127 / tl.maximum(tl.max(tl.abs(y), 0), 1e-5)
        tl.store(scales + row, scale)
        y = tl.minimum(tl.maximum(round_half_even(y * scale), -128), 127)
    tl.store(out + row * columns + at, y.to(out.dtype.element_ty), mask=inside)


@triton.jit
def norm_backward_kernel(x, weight, gate, grad, scales, w_scale, grad_x, grad_weight, grad_gate, rows, columns, eps,
                         GATED: tl.constexpr, SCALED: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    """Gradients of ROWS rows of RMSNorm. SCALED: grad is to be multiplied by a row's scale and divided by the matrix's."""
    part = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < columns
    w = tl.load(weight + at, mask=inside, other=0.0)
    sums = tl.zeros([BLOCK], tl.float32)
    for i in range(ROWS):
        row = part * ROWS + i
        here = inside & (row < rows)
        v = tl.load(x + row * columns + at, mask=here, other=0.0).to(tl.float32)
        g = tl.load(grad + row * columns + at, mask=here, other=0.0).to(tl.float32)
        if SCALED:
            g = g * (tl.load(scales + row, mask=row < rows, other=0.0) / tl.load(w_scale))
        factor = 1 / tl.sqrt(tl.sum(v * v, 0) / columns + eps)
        normed = v * factor
        if GATED:
            s = tl.load(gate + row * columns + at, mask=here, other=0.0)
            slope = tl.sigmoid(s)
            tl.store(grad_gate + row * columns + at, g * normed * w * slope * (1 + s * (1 - slope)), mask=here)
            g = g * s * slope
        sums += g * normed
        g = g * w
        g = factor * (g - normed * (tl.sum(g * normed, 0) / columns))
        tl.store(grad_x + row * columns + at, g.to(grad_x.dtype.element_ty), mask=here)
    tl.store(grad_weight + part * columns + at, sums, mask=inside)


@triton.jit
def glu_kernel(both, out, size, BLOCK: tl.constexpr):
    """silu(gate) * up of a row, whose halves these are."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    gate = tl.load(both + 2 * row * size + at, mask=at < size, other=0.0)
    up = tl.load(both + (2 * row + 1) * size + at, mask=at < size, other=0.0)
    tl.store(out + row * size + at, gate * tl.sigmoid(gate) * up, mask=at < size)


@triton.jit
def glu_backward_kernel(both, grad, grad_both, size, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    gate = tl.load(both + 2 * row * size + at, mask=at < size, other=0.0)
    up = tl.load(both + (2 * row + 1) * size + at, mask=at < size, other=0.0)
    g = tl.load(grad + row * size + at, mask=at < size, other=0.0)
    slope = tl.sigmoid(gate)
    tl.store(grad_both + 2 * row * size + at, g * up * slope * (1 + gate * (1 - slope)), mask=at < size)
    tl.store(grad_both + (2 * row + 1) * size + at, g * gate * slope, mask=at < size)


@triton.jit
def ternary_kernel(weight, w_scale, out, count, BLOCK: tl.constexpr):
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    w = tl.load(weight + at, mask=at < count, other=0.0).to(tl.float32)
    w = tl.minimum(tl.maximum(round_half_even(tl.minimum(tl.maximum(w * tl.load(w_scale), -2), 2)), -1), 1)
    tl.store(out + at, w.to(out.dtype.element_ty), mask=at < count)


@triton.jit
def product_kernel(q, w, scales, w_scale, out, rows, outputs, columns, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
                   BLOCK_K: tl.constexpr, GROUP: tl.constexpr):
    """out = q w^T / (scales w_scale): exact sums of int8, and both scales at their end."""
    # Neighbouring programs share GROUP blocks of rows, whose inputs stay in the cache.
    program, blocks_n = tl.program_id(0), tl.cdiv(outputs, BLOCK_N)
    group = program // (GROUP * blocks_n)
    in_group = tl.minimum(tl.cdiv(rows, BLOCK_M) - group * GROUP, GROUP)
    within = program % (GROUP * blocks_n)
    m = (group * GROUP + within % in_group).to(tl.int64) * BLOCK_M + tl.arange(0, BLOCK_M)
    n = (within // in_group).to(tl.int64) * BLOCK_N + tl.arange(0, BLOCK_N)
    k = tl.arange(0, BLOCK_K)
    sums = tl.zeros([BLOCK_M, BLOCK_N], tl.int32)
    for first in range(0, columns, BLOCK_K):
        inside = first + k < columns
        a = tl.load(q + m[:, None] * columns + first + k[None, :], mask=(m < rows)[:, None] & inside[None, :], other=0)
        b = tl.load(w + n[None, :] * columns + first + k[:, None], mask=(n < outputs)[None, :] & inside[:, None], other=0)
        sums += tl.dot(a, b, out_dtype=tl.int32)
    scale = tl.load(scales + m, mask=m < rows, other=1.0) * tl.load(w_scale)
    y = sums.to(tl.float32) / scale[:, None]
    tl.store(out + m[:, None] * outputs + n[None, :], y, mask=(m < rows)[:, None] & (n < outputs)[None, :])


@triton.jit
def gates(forget, update, at, low, here):
    f = low + (1 - low) * tl.sigmoid(tl.load(forget + at, mask=here, other=0.0))
    u = tl.load(update + at, mask=here, other=0.0)
    return f, (1 - f) * u * tl.sigmoid(u)


@triton.jit
def recurrence_kernel(forget, update, bound, first, states, T, D, BLOCK: tl.constexpr):
    """states_t = f states_(t-1) + (1 - f) silu(update_t) with f = bound + (1 - bound) sigmoid(forget_t)."""
    d = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = d < D
    batch = tl.program_id(1).to(tl.int64)
    low = tl.load(bound + d, mask=inside, other=0.0)
    s = tl.load(first + batch * D + d, mask=inside, other=0.0)
    at = batch * T * D + d
    for t in range(0, T, 4):
        # Four steps are read before the first of them is written, so that they wait for memory together.
        f0, u0 = gates(forget, update, at, low, inside)
        f1, u1 = gates(forget, update, at + D, low, inside & (t + 1 < T))
        f2, u2 = gates(forget, update, at + 2 * D, low, inside & (t + 2 < T))
        f3, u3 = gates(forget, update, at + 3 * D, low, inside & (t + 3 < T))
        s = f0 * s + u0
        tl.store(states + at, s, mask=inside)
        s = f1 * s + u1
        tl.store(states + at + D, s, mask=inside & (t + 1 < T))
        s = f2 * s + u2
        tl.store(states + at + 2 * D, s, mask=inside & (t + 2 < T))
        s = f3 * s + u3
        tl.store(states + at + 3 * D, s, mask=inside & (t + 3 < T))
        at += 4 * D


@triton.jit
def read_step(forget, update, first, states, grad, at, t, D, inside):
    """What step t has had, with the state before it; zeros where t is below 0."""
    here = inside & (t >= 0)
    old = tl.load(states + at - D, mask=inside & (t > 0), other=0.0) + tl.load(first, mask=inside & (t == 0), other=0.0)
    return (tl.load(forget + at, mask=here, other=0.0), tl.load(update + at, mask=here, other=0.0), old,
            tl.load(grad + at, mask=here, other=0.0))


@triton.jit
def step_back(g, sums, low, x, u, old, grad, grad_forget, grad_update, at, t, inside):
    """g: of states_t, all that comes behind it; sums: of the bound."""
    sigmoid, slope = tl.sigmoid(x), tl.sigmoid(u)
    f = low + (1 - low) * sigmoid
    g = g + grad
    of_f = g * (old - u * slope)
    tl.store(grad_forget + at, of_f * (1 - low) * sigmoid * (1 - sigmoid), mask=inside & (t >= 0))
    tl.store(grad_update + at, g * (1 - f) * slope * (1 + u * (1 - slope)), mask=inside & (t >= 0))
    return tl.where(t >= 0, g * f, g), tl.where(t >= 0, sums + of_f * (1 - sigmoid), sums)


@triton.jit
def recurrence_backward_kernel(forget, update, bound, first, states, grad, grad_forget, grad_update, grad_bound, grad_first,
                               T, D, BLOCK: tl.constexpr):
    d = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = d < D
    batch = tl.program_id(1).to(tl.int64)
    low = tl.load(bound + d, mask=inside, other=0.0)
    start = first + batch * D + d
    g = tl.zeros([BLOCK], tl.float32)
    sums = tl.zeros([BLOCK], tl.float32)
    at = (batch * T + T - 1) * D + d
    for back in range(0, T, 4):
        t = T - 1 - back
        x0, u0, old0, grad0 = read_step(forget, update, start, states, grad, at, t, D, inside)
        x1, u1, old1, grad1 = read_step(forget, update, start, states, grad, at - D, t - 1, D, inside)
        x2, u2, old2, grad2 = read_step(forget, update, start, states, grad, at - 2 * D, t - 2, D, inside)
        x3, u3, old3, grad3 = read_step(forget, update, start, states, grad, at - 3 * D, t - 3, D, inside)
        g, sums = step_back(g, sums, low, x0, u0, old0, grad0, grad_forget, grad_update, at, t, inside)
        g, sums = step_back(g, sums, low, x1, u1, old1, grad1, grad_forget, grad_update, at - D, t - 1, inside)
        g, sums = step_back(g, sums, low, x2, u2, old2, grad2, grad_forget, grad_update, at - 2 * D, t - 2, inside)
        g, sums = step_back(g, sums, low, x3, u3, old3, grad3, grad_forget, grad_update, at - 3 * D, t - 3, inside)
        at -= 4 * D
    tl.store(grad_bound + batch * D + d, sums, mask=inside)
    tl.store(grad_first + batch * D + d, g, mask=inside)


@triton.jit
def cross_entropy_kernel(logits, targets, losses, rows, columns, BLOCK: tl.constexpr):
    """A row's loss; in place of its logits their gradient of the rows' mean."""
    row = tl.program_id(0).to(tl.int64)
    logits += row * columns
    target = tl.load(targets + row)
    at = tl.arange(0, BLOCK)
    most = tl.full([BLOCK], -1e30, tl.float32)
    sums = tl.zeros([BLOCK], tl.float32)
    for first in range(0, columns, BLOCK):
        inside = first + at < columns
        v = tl.load(logits + first + at, mask=inside, other=-1e30)
        higher = tl.maximum(most, v)
        sums = sums * tl.exp(most - higher) + tl.where(inside, tl.exp(v - higher), 0.0)
        most = higher
    top = tl.max(most, 0)
    total = tl.sum(sums * tl.exp(most - top), 0)
    tl.store(losses + row, tl.log(total) + top - tl.load(logits + target))
    for first in range(0, columns, BLOCK):
        v = tl.load(logits + first + at, mask=first + at < columns, other=0.0)
        tl.store(logits + first + at, (tl.exp(v - top) / total - tl.where(first + at == target, 1.0, 0.0)) / rows, mask=first + at < columns)


CHANNELS = 64  # of a program of the recurrence
LOGITS_BLOCK = 4096
GLU_BLOCK = 1024
TILES = dict(BLOCK_M=128, BLOCK_N=128, BLOCK_K=64, GROUP=8)  # of the product


def warps(block):
    return min(16, max(1, block // 256))


def norm_rows(x, weight, eps, kind=None, gate=None):
    """RMSNorm of the rows of x, times silu(gate) if there is one; with a kind quantised, in that type, and the rows' scales."""
    rows, columns = x.shape
    out = torch.empty(rows, columns, dtype=kind or x.dtype, device=x.device)
    scales = torch.empty(rows if kind else 1, dtype=torch.float32, device=x.device)
    block = triton.next_power_of_2(columns)
    norm_kernel[(rows,)](x, weight, weight if gate is None else gate, out, scales, columns, eps, GATED=gate is not None,
                         QUANTISE=kind is not None, BLOCK=block, num_warps=warps(block), enable_fp_fusion=False)
    return out, scales


def norm_rows_backward(x, weight, eps, grad, scales=None, w_scale=None, gate=None):
    rows, columns = x.shape
    each = 16 if rows > 1024 else 4  # of a program: fewer sums of weights' gradients to add up
    parts = triton.cdiv(rows, each)
    grad_x, grad_weight = torch.empty_like(x), torch.empty(parts, columns, dtype=torch.float32, device=x.device)
    block = triton.next_power_of_2(columns)
    scaled, gated = scales is not None, gate is not None
    grad_gate = torch.empty_like(gate) if gated else None
    norm_backward_kernel[(parts,)](x, weight, gate if gated else weight, grad, scales if scaled else weight, w_scale if scaled else weight, grad_x,
                                   grad_weight, grad_gate if gated else weight, rows, columns, eps, GATED=gated, SCALED=scaled, ROWS=each,
                                   BLOCK=block, num_warps=warps(2 * block if gated else block))
    return grad_x, grad_weight.sum(0), grad_gate


def glu_rows(both):
    rows, size = both.shape[0], both.shape[1] // 2
    out = torch.empty(rows, size, dtype=both.dtype, device=both.device)
    glu_kernel[(rows, triton.cdiv(size, GLU_BLOCK))](both, out, size, BLOCK=GLU_BLOCK)
    return out


def ternary(weight, kind):
    """The matrix of -1, 0, 1 in a type, and its scale, a tensor of one element."""
    scale = 1 / (torch.linalg.vector_norm(weight, 1) / weight.numel()).clamp(min=1e-5)
    out = torch.empty(weight.shape, dtype=kind, device=weight.device)
    block = 4096
    ternary_kernel[(triton.cdiv(weight.numel(), block),)](weight, scale, out, weight.numel(), BLOCK=block, enable_fp_fusion=False)
    return out, scale


class FusedBitLinear(torch.autograd.Function):
    """again: makes x once more, which is not kept then; or None."""

    @staticmethod
    def forward(ctx, x, norm_weight, weight, eps, product, again):
        q, scales = norm_rows(x, norm_weight, eps, torch.int8)
        w, w_scale = ternary(weight, torch.int8)
        (rows, columns), outputs = x.shape, len(weight)
        out = torch.empty(rows, outputs, dtype=torch.float32, device=x.device)
        m, n = triton.cdiv(rows, TILES["BLOCK_M"]), triton.cdiv(outputs, TILES["BLOCK_N"])
        product_kernel[(m * n,)](q, w, scales, w_scale, out, rows, outputs, columns, **TILES,
                                 num_warps=8, num_stages=3)
        ctx.save_for_backward(None if again else x, norm_weight, weight)
        ctx.eps, ctx.product, ctx.again = eps, product, again
        return out

    @staticmethod
    def backward(ctx, grad):
        x, norm_weight, weight = ctx.saved_tensors
        if ctx.again:
            x = ctx.again()
        q, scales = norm_rows(x, norm_weight, ctx.eps, ctx.product)
        # As in model.py one rounded copy serves both products.
        g = torch.div(grad, scales[:, None], out=torch.empty(grad.shape, dtype=ctx.product, device=grad.device))
        grad_weight = (g.t() @ q).float()
        del q
        w, w_scale = ternary(weight, ctx.product)
        grad_y = g @ w
        del g, w
        grad_x, grad_norm, _ = norm_rows_backward(x, norm_weight, ctx.eps, grad_y, scales, w_scale)
        return grad_x, grad_norm, grad_weight, None, None, None


class FusedNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, eps, gate):
        ctx.save_for_backward(x, weight, gate)
        ctx.eps = eps
        return norm_rows(x, weight, eps, gate=gate)[0]

    @staticmethod
    def backward(ctx, grad):
        x, weight, gate = ctx.saved_tensors
        grad_x, grad_weight, grad_gate = norm_rows_backward(x, weight, ctx.eps, grad.contiguous(), gate=gate)
        return grad_x, grad_weight, None, grad_gate


class FusedGlu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, both):
        ctx.save_for_backward(both)
        return glu_rows(both)

    @staticmethod
    def backward(ctx, grad):
        both, = ctx.saved_tensors
        grad_both, size = torch.empty_like(both), both.shape[1] // 2
        glu_backward_kernel[(len(both), triton.cdiv(size, GLU_BLOCK))](both, grad.contiguous(), grad_both, size, BLOCK=GLU_BLOCK)
        return grad_both


class FusedRecurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx, forget, update, bound, first):
        forget, update, bound, first = (each.contiguous() for each in (forget, update, bound, first))
        (B, T, D), states = forget.shape, torch.empty_like(forget)
        recurrence_kernel[(triton.cdiv(D, CHANNELS), B)](forget, update, bound, first, states, T, D, BLOCK=CHANNELS, num_warps=2)
        ctx.save_for_backward(forget, update, bound, first, states)
        return states

    @staticmethod
    def backward(ctx, grad):
        forget, update, bound, first, states = ctx.saved_tensors
        B, T, D = forget.shape
        grad_forget, grad_update = torch.empty_like(forget), torch.empty_like(update)
        grad_bound, grad_first = torch.empty_like(first), torch.empty_like(first)
        recurrence_backward_kernel[(triton.cdiv(D, CHANNELS), B)](
            forget, update, bound, first, states, grad.contiguous(), grad_forget, grad_update, grad_bound, grad_first, T, D,
            BLOCK=CHANNELS, num_warps=2)
        return grad_forget, grad_update, grad_bound.sum(0), grad_first


class FusedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets):
        (rows, columns), losses = logits.shape, torch.empty(len(logits), device=logits.device)
        block = min(LOGITS_BLOCK, triton.next_power_of_2(columns))
        cross_entropy_kernel[(rows,)](logits, targets, losses, rows, columns, BLOCK=block, num_warps=8)
        ctx.gradient = logits.detach()
        return losses.mean()

    @staticmethod
    def backward(ctx, grad):
        return ctx.gradient.mul_(grad), None


def cross_entropy(logits, targets):
    """torch.nn.functional.cross_entropy of float32 logits [rows, tokens], for one backward pass. They are gone then, and nobody else may
    need them: their gradient takes their place."""
    return FusedCrossEntropy.apply(logits.contiguous(), targets.contiguous())


def rows_of(x):
    return x.flatten(0, -2).contiguous()


def bit_linear(layer, x):
    y = FusedBitLinear.apply(rows_of(x), layer.norm.weight, layer.weight, layer.norm.eps, layer.product, getattr(x, "again", None))
    return y.unflatten(0, x.shape[:-1])


def rms_norm(layer, x, gate=None):
    """With a gate, of x's shape, times its SiLU."""
    rows, gate = rows_of(x), gate if gate is None else rows_of(gate)
    y = FusedNorm.apply(rows, layer.weight, layer.eps, gate).view(x.shape)
    kept = rows.detach(), layer.weight.detach(), layer.eps, None, gate if gate is None else gate.detach()
    y.again = lambda: norm_rows(*kept)[0]
    return y


def recurrence(layer, x, state, lower_bound):
    return FusedRecurrence.apply(layer.f_proj(x), layer.i_proj(x), lower_bound, state)


def token_mixer(layer, x, state, lower_bound):
    states = recurrence(layer, x, state, lower_bound)
    return layer.o_proj(rms_norm(layer.g_norm, layer.g_proj(x), states)), states[:, -1]


def token_mixer_by_torch(layer, x, state, lower_bound):
    """All but the recurrence, which would be a loop over the window."""
    states = recurrence(layer, x, state, lower_bound)
    return layer.o_proj(layer.g_norm(layer.g_proj(x)) * torch.nn.functional.silu(states)), states[:, -1]


def channel_mixer(layer, x):
    both = layer.gate_proj(x)
    rows = rows_of(both)
    y = FusedGlu.apply(rows).unflatten(0, both.shape[:-1])
    kept = rows.detach()
    y.again = lambda: glu_rows(kept)
    return layer.down_proj(y)


KERNELS = {BitLinear: bit_linear, RMSNorm: rms_norm, TokenMixer: token_mixer, ChannelMixer: channel_mixer}


def replace(model, kernels, product=torch.bfloat16):
    """Change the model in place: its modules of those types; products of the backward pass in that type."""
    for module in model.modules():
        if hasattr(module, "product"):
            module.product = product
        if type(module) in kernels:
            module.forward = kernels[type(module)].__get__(module)


def prepare(model, product=torch.bfloat16):
    """All of it, the loss included."""
    replace(model, KERNELS, product)
    model.cross_entropy = cross_entropy
