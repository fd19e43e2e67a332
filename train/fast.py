# SPDX-License-Identifier: Apache-2.0
"""Speed for training, all of it optional.

On a CPU with AMX, fast.cpp runs a whole block. Elsewhere the products go to bfloat16 and torch.compile fuses what it
can. Without a compiler, or on an older PyTorch, training goes on with
model.py alone. The mathematics stays the same, up to the rounding of sums to bfloat16.
"""
import os

import torch

from model import BIT_LINEAR_EPS

NATIVE = None


class NativeBlock(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, state, bound, noise0, noise1, threshold, eps, *parameters):
        block = NATIVE.Block()
        out = block.forward(h.contiguous(), state.contiguous(), bound.contiguous(), noise0, noise1, threshold, eps,
                            [p.detach() for p in parameters])
        last = block.last_state()
        ctx.block = block
        ctx.mark_non_differentiable(last)  # gradients stop at the window's edge
        return out, last

    @staticmethod
    def backward(ctx, grad, _):
        grad_h, grad_bound, *rest = ctx.block.backward(grad)
        ctx.block = None  # its activations are no longer needed
        return grad_h, None, grad_bound, None, None, None, None, *rest


def native_forward(layer):
    """The `forward` of a block, run by fast.cpp where the tokens fill its tiles."""
    plain = layer.forward
    parameters = list(layer.parameters())

    def forward(h, state, bound, noise=(None, None), dropout=0.0):
        # fast.cpp has one eps for all norms.
        if h.shape[0] * h.shape[1] % 512 or layer.attn_norm.eps != BIT_LINEAR_EPS:
            return plain(h, state, bound, noise, dropout)
        if noise[0] is None:
            noise = [torch.zeros(h.shape, dtype=torch.uint8)] * 2
        return NativeBlock.apply(h, state, bound, noise[0], noise[1], round(dropout * 256), layer.attn_norm.eps,
                                 *parameters)

    return forward


def build():
    from torch.utils.cpp_extension import load
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fast.cpp")
    flags = ["-O3", "-march=sapphirerapids", "-mprefer-vector-width=512", "-ffast-math", "-Wno-ignored-attributes"]
    return load("sterna_train", [source], extra_cflags=flags)


def prepare(model, device):
    """Change the model in place."""
    global NATIVE
    model.set_product(torch.bfloat16)
    sizes = (model.config.hidden_size, model.config.intermediate_size)
    try:
        if device == "cpu" and all(size % 64 == 0 for size in sizes):
            native = build()
            if native.available():
                NATIVE = native
                for layer in model.model.layers:
                    layer.forward = native_forward(layer)
                return
        for layer in model.model.layers:
            layer.attn.scan = torch.compiler.disable(layer.attn.scan)  # a loop over the window: not worth unrolling
            layer.compile(dynamic=False)
    except Exception as error:  # no compiler, no ninja, an old PyTorch: slower, not wrong
        print(f"plain PyTorch instead of the fast path: {error}")
