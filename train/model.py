# SPDX-License-Identifier: Apache-2.0
"""The MatMul-free language model (HGRNBit) in plain PyTorch.

Every matrix is ternary and every product sees int8 activations (BitLinear); tokens are mixed by an elementwise gated
recurrence, so one token costs the same at any position and the whole memory is one vector a layer.

This file is the float reference: it needs nothing but PyTorch 1.13 or later. `fast.py` adds what training wants.
Shapes: B sequences, T tokens, d hidden_size, I intermediate_size, L layers, V vocab_size, K trees of depth D.
"""
import json
import os
from dataclasses import asdict, dataclass, fields

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

import fff
import tensorfile


@dataclass
class Config:
    vocab_size: int = 256
    hidden_size: int = 256
    num_hidden_layers: int = 6
    intermediate_size: int = None  # 0: layers without trees have no channel mixer at all (to measure what it is worth)
    hidden_ratio: int = 4
    rms_norm_eps: float = 1e-6
    fff: "fff.Shape" = None  # None: no trees

    def __post_init__(self):
        if self.intermediate_size is None:
            wanted = int(self.hidden_size * self.hidden_ratio * 2 / 3)
            self.intermediate_size = 256 * ((wanted + 255) // 256)

    @staticmethod
    def read(path):
        """Take the fields that matter from a Hugging Face config.json, and refuse the variants not built here."""
        with open(path) as file:
            raw = json.load(file)
        for name, only in (("num_heads", 1), ("expand_ratio", 1), ("use_short_conv", False),
                           ("use_lower_bound", True), ("hidden_act", "swish"), ("tie_word_embeddings", False)):
            if raw.get(name, only) != only:
                raise ValueError(f"{path}: {name} is {raw[name]!r}, only {only!r} is supported")
        known = {field.name for field in fields(Config)}
        config = Config(**{name: value for name, value in raw.items() if name in known})
        if config.fff is not None:
            try:
                config.fff = fff.Shape.read(config.fff, config.num_hidden_layers)
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
        return config

    def to_json(self, dtype):
        """The full config.json of a released checkpoint. bos and eos are null: raw bytes have neither."""
        ours = asdict(self)
        del ours["fff"]
        if self.fff is not None:
            ours["fff"] = self.fff.to_json()
        return dict(architectures=["HGRNBitForCausalLM"], model_type="hgrn_bit", **ours, num_heads=1,
                    expand_ratio=1, use_short_conv=False, conv_size=4, use_lower_bound=True, hidden_act="swish",
                    max_position_embeddings=2048, bos_token_id=None, eos_token_id=None, tie_word_embeddings=False,
                    torch_dtype={"F32": "float32", "BF16": "bfloat16", "F16": "float16"}[dtype])


def quantize_activations(y):
    """int8 with one absmax scale a token: returns integers (held in y's float type) and the scale."""
    scale = 127 / y.abs().amax(-1, keepdim=True).clamp(min=1e-5)
    return (y * scale).round().clamp(-128, 127), scale


def quantize_weights(w):
    """Ternary with one absmean scale for the matrix: returns -1, 0, 1 (held in w's float type) and the scale."""
    scale = 1 / w.abs().mean().clamp(min=1e-5)
    return (w * scale).round().clamp(-1, 1), scale


class TernaryMatMul(torch.autograd.Function):
    """quantise both sides and multiply; gradients pass straight through both roundings.

    `product` is the type the products run in. bfloat16 holds ternary weights and int8 activations exactly (8 bits of
    mantissa), so only sums are rounded; training uses it for speed, everything else float32.
    """

    @staticmethod
    def forward(ctx, y, weight, product):
        q, q_scale = quantize_activations(y)
        w, w_scale = quantize_weights(weight)
        q, w = q.to(product), w.to(product)
        ctx.save_for_backward(q, q_scale, w, w_scale)
        return (q @ w.t()).float() / (q_scale * w_scale)

    @staticmethod
    def backward(ctx, grad):
        q, q_scale, w, w_scale = ctx.saved_tensors
        # With g = grad / q_scale, one rounded copy serves both products.
        g = (grad / q_scale).to(q.dtype)
        grad_y = (g @ w).float() * (q_scale / w_scale)
        grad_weight = (g.t() @ q).float()
        return grad_y, grad_weight, None


def ternary_matmul(x, weight, product):
    return TernaryMatMul.apply(x.flatten(0, -2), weight, product).unflatten(0, x.shape[:-1])


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


BIT_LINEAR_EPS = 1e-6  # of the norm inside every BitLinear, whatever rms_norm_eps says


class BitLinear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-1, 1) / inputs ** 0.5)
        self.norm = RMSNorm(inputs, BIT_LINEAR_EPS)
        self.product = torch.float32

    def forward(self, x):
        return ternary_matmul(self.norm(x), self.weight, self.product)


def scan(forget, update, state):
    """s_t = forget_t * s_(t-1) + update_t over dimension 1; [B,T,d], [B,T,d], [B,d] -> [B,T,d]."""
    states = []
    for t in range(forget.shape[1]):
        state = torch.addcmul(update[:, t], forget[:, t], state)
        states.append(state)
    return torch.stack(states, 1)


class TokenMixer(nn.Module):
    """The gated recurrence (the released names call it attn)."""

    def __init__(self, config):
        super().__init__()
        d, eps = config.hidden_size, config.rms_norm_eps
        self.i_proj = BitLinear(d, d)
        self.f_proj = BitLinear(d, d)
        self.g_proj = BitLinear(d, d)
        self.g_norm = RMSNorm(d, eps)
        self.o_proj = BitLinear(d, d)
        self.scan = scan

    def forward(self, x, state, lower_bound):
        forget = torch.sigmoid(self.f_proj(x))
        forget = lower_bound + (1 - lower_bound) * forget  # layer 0 has the bound 0
        states = self.scan(forget, F.silu(self.i_proj(x)) * (1 - forget), state)
        out = self.o_proj(self.g_norm(self.g_proj(x)) * F.silu(states))
        return out, states[:, -1]


class ChannelMixer(nn.Module):
    """The gated linear unit; gate_proj holds gate and up, in this order, in one matrix."""

    def __init__(self, d, size):
        super().__init__()
        self.gate_proj = BitLinear(d, 2 * size)
        self.down_proj = BitLinear(size, d)

    def forward(self, x):
        gate, up = self.gate_proj(x).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class FastFeedforward(nn.Module):
    """K trees, each worth the sum of the outputs on its path. The input comes normed; there is no norm in here.

    Every node is evaluated and what lies off the path is masked: the machine, which visits the path alone, gives the same.
    """
    temperature = 0.5  # of the decisions' gradient; evaluation does not know it
    path = None        # for balancing: the last forward's logits on the path [N,K,D+1] and its leaves [N,K]

    def __init__(self, d, shape):
        super().__init__()
        self.shape = shape
        self.product = torch.float32
        self.linear_in = nn.Linear(d, shape.nodes)
        self.linear_out = nn.Linear(shape.nodes, d, bias=False)
        nn.init.uniform_(self.linear_in.weight, -d ** -0.5, d ** -0.5)
        used = shape.trees * (shape.depth + 1)
        nn.init.uniform_(self.linear_out.weight, -used ** -0.5, used ** -0.5)

    def forward(self, x):
        logits = ternary_matmul(x, self.linear_in.weight, self.product) + self.linear_in.bias
        logits = logits.unflatten(-1, (self.shape.trees, -1))
        mask = fff.path_mask(logits, self.temperature)
        if self.training:
            leaf = fff.leaves(mask)
            self.path = logits.gather(-1, fff.path_nodes(leaf, self.shape.depth)).flatten(0, -3), leaf.flatten(0, -2)
        values = fff.ACTIVATIONS[self.shape.activation](logits) * mask
        return ternary_matmul(values.flatten(-2), self.linear_out.weight, self.product)

    def effective_leaves(self):
        return fff.effective_leaves(self.path[1], self.shape.depth)

    def balance_loss(self):
        return fff.balance_loss(*self.path)

    def lean(self):
        """Of the last forward's tokens, at each node: how many more went right than left."""
        return fff.lean(self.path[1], self.shape.depth)

    @torch.no_grad()
    def nudge_bias(self, rate, lean):
        """Move every decision's bias against the side that more tokens took."""
        self.linear_in.bias -= rate * lean.flatten().sign()


def keep(x, noise, dropout):
    """Dropout from given random bytes: cheap to draw, and the same function compiled or not."""
    if noise is None:
        return x
    threshold = round(dropout * 256)
    return x * ((noise >= threshold) * (256 / (256 - threshold)))


class Block(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        trees = config.fff is not None and config.fff.in_layer(layer)
        size = config.fff.master_leaf_size if trees else config.intermediate_size
        self.attn_norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.attn = TokenMixer(config)
        self.mlp_norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.mlp = ChannelMixer(config.hidden_size, size) if size else None
        self.ffn = FastFeedforward(config.hidden_size, config.fff) if trees else None

    def forward(self, h, state, lower_bound, noise=(None, None), dropout=0.0):
        mixed, state = self.attn(self.attn_norm(h), state, lower_bound)
        h = h + keep(mixed, noise[0], dropout)
        x = self.mlp_norm(h)
        mixed = sum(mixer(x) for mixer in (self.ffn, self.mlp) if mixer is not None)
        return h + keep(mixed, noise[1], dropout), state


class Trunk(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.lower_bounds = nn.Parameter(torch.zeros(config.num_hidden_layers, config.hidden_size))
        self.layers = nn.ModuleList(Block(config, layer) for layer in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        nn.init.normal_(self.embeddings.weight, std=0.5)


class MatMulFreeLM(nn.Module):
    """Parameter names are those of the released checkpoints."""
    cross_entropy = staticmethod(F.cross_entropy)  # of a step's logits [N,V] and targets [N]; the logits may be gone then
    recompute = False  # training keeps only the layers' inputs, and computes the rest anew for the gradients

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = Trunk(config)
        self.lm_head = BitLinear(config.hidden_size, config.vocab_size)

    def set_product(self, dtype):
        for module in self.modules():
            if isinstance(module, (BitLinear, FastFeedforward)):
                module.product = dtype

    def tree_layers(self):
        return [layer.ffn for layer in self.model.layers if layer.ffn is not None]

    def initial_state(self, batch=1):
        """[L,B,d] zeros."""
        weight = self.model.lower_bounds
        return weight.new_zeros(self.config.num_hidden_layers, batch, self.config.hidden_size)

    def forward(self, ids, state=None, dropout=0.0):
        """ids [B,T], state [L,B,d] or None -> logits [B,T,V] and the state after the last token."""
        if state is None:
            state = self.initial_state(ids.shape[0])
        bounds = self.model.lower_bounds.softmax(0).cumsum(0)
        bounds = bounds - bounds[0]
        h = self.model.embeddings(ids)
        noise = [(None, None)] * len(self.model.layers)
        if dropout > 0:
            words = torch.randint(-2 ** 63, 2 ** 63 - 1, (2 * len(noise) + 1, *h.shape[:-1], h.shape[-1] // 8),
                                  device=h.device)
            masks = words.view(torch.uint8)
            h = keep(h, masks[-1], dropout)
            noise = [(masks[2 * n], masks[2 * n + 1]) for n in range(len(noise))]
        states = []
        for n, layer in enumerate(self.model.layers):
            if self.recompute and self.training:
                h, last = checkpoint(layer, h, state[n], bounds[n], noise[n], dropout, use_reentrant=False)
            else:
                h, last = layer(h, state[n], bounds[n], noise[n], dropout)
            states.append(last)
        return self.lm_head(self.model.norm(h)), torch.stack(states)


def load(folder):
    """Read a Hugging Face folder (one file or a sharded index; F32, BF16 or F16) into a float32 model."""
    model = MatMulFreeLM(Config.read(os.path.join(folder, "config.json")))
    tensors = tensorfile.read_folder(folder)
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return model.eval()
