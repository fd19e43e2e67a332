# SPDX-License-Identifier: Apache-2.0
"""A crammed BERT in plain PyTorch, written from its description, with random weights.

    reference.py TRAIN_FOLDER OUTPUT_FOLDER [--layers 16 --width 768 --heads 12 --vocab 32768 --tokens 128 --trees 1 --depth 11 | --neurons 3072]

Writes the folder as transformers would (config.json, model.safetensors) and, beside it, reference.safetensors: the tokens, what went
into each layer and came out of the last, each layer's leaves, the least |logit| on a token's path, and the scores of the first token.
An FFF layer is computed densely, all nodes, and masked by the path: nothing here walks a tree as the encoder does."""
import argparse
import json
import math
import os
import sys

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("train")
parser.add_argument("folder")
for name, value in dict(layers=16, width=768, heads=12, vocab=32768, tokens=128, trees=1, depth=11, neurons=0, seed=1).items():
    parser.add_argument(f"--{name}", type=int, default=value)
parser.add_argument("--nonlin", default="GELU")
parser.add_argument("--untied", action="store_true", help="write decoder.weight, which is otherwise the embedding")
args = parser.parse_args()
sys.path.insert(0, args.train)
import tensorfile  # noqa: E402

torch.manual_seed(args.seed)
d, n = args.width, args.tokens
nodes = 2 ** (args.depth + 1) - 1
activation = {"GELU": F.gelu, "ReLU": F.relu, "SiLU": F.silu}[args.nonlin]


def uniform(bound, *shape):
    return (torch.rand(*shape) * 2 - 1) * bound


def norm():
    return 1 + 0.1 * torch.randn(d), 0.1 * torch.randn(d)


weights, reference = {}, {}


def put_norm(name):
    weights[name + ".weight"], weights[name + ".bias"] = norm()


def layer_norm(name, x):
    return F.layer_norm(x, (d,), weights[name + ".weight"], weights[name + ".bias"], 1e-12)


weights["encoder.embedding.word_embedding.weight"] = torch.randn(args.vocab, d)
weights["encoder.embedding.pos_embedding.scale_factor"] = torch.tensor([d ** -0.5])
put_norm("encoder.embedding.norm")
for i in range(args.layers):
    layer = f"encoder.layers.{i}."
    put_norm(layer + "norm1")
    put_norm(layer + "norm2")
    weights[layer + "attn.self_attention.query_key_value.weight"] = uniform(1.5 * d ** -0.5, 3 * d, d)
    weights[layer + "attn.self_attention.norm_factor"] = torch.tensor((d // args.heads) ** -0.5)  # a buffer, which PyTorch writes too
    weights[layer + "attn.dense.weight"] = uniform(d ** -0.5, d, d)
    if args.neurons:
        weights[layer + "ffn.dense_in.weight"] = uniform(d ** -0.5, args.neurons, d)
        weights[layer + "ffn.dense_out.weight"] = uniform(args.neurons ** -0.5, d, args.neurons)
    else:
        weights[layer + "ffn.linear_in.weight"] = uniform(d ** -0.5, args.trees * nodes, d)
        weights[layer + "ffn.linear_in.bias"] = uniform(d ** -0.5, args.trees * nodes)
        weights[layer + "ffn.linear_out.weight"] = uniform(((args.depth + 1) * args.trees) ** -0.5, d, args.trees * nodes)
put_norm("encoder.final_norm")
decoder = torch.randn(args.vocab, d) if args.untied else weights["encoder.embedding.word_embedding.weight"]
if args.untied:
    weights["decoder.weight"] = decoder


def attention(layer, x):
    qkv = (x @ weights[layer + "attn.self_attention.query_key_value.weight"].T).view(n, args.heads, 3, d // args.heads)
    query, key, value = (qkv[:, :, j].transpose(0, 1) for j in range(3))
    scores = query @ key.transpose(1, 2) / math.sqrt(d // args.heads)
    return (scores.softmax(-1) @ value).transpose(0, 1).reshape(n, d) @ weights[layer + "attn.dense.weight"].T


def fff(i, layer, x):
    logits = x @ weights[layer + "ffn.linear_in.weight"].T + weights[layer + "ffn.linear_in.bias"]
    logits = logits.view(n, args.trees, nodes)
    on_path = torch.zeros_like(logits)
    at = torch.zeros(n, args.trees, dtype=torch.long)
    for level in range(args.depth + 1):
        on_path.scatter_(2, at[:, :, None], 1.0)
        here = logits.gather(2, at[:, :, None])[:, :, 0]
        if level < args.depth:
            at = 2 * at + 1 + (here > 0)
    reference[f"leaves{i}"] = (at - (2 ** args.depth - 1)).float()
    decided = on_path[:, :, : nodes // 2] if args.depth else on_path[:, :, :0]
    magnitudes = logits[:, :, : decided.shape[2]].abs().masked_fill(decided == 0, 1e30)
    reference[f"margins{i}"] = magnitudes.flatten(1).min(1).values if args.depth else torch.full((n,), 1e30)
    return (activation(logits) * on_path).flatten(1) @ weights[layer + "ffn.linear_out.weight"].T


def feed_forward(i, layer, x):
    if args.neurons:
        return activation(x @ weights[layer + "ffn.dense_in.weight"].T) @ weights[layer + "ffn.dense_out.weight"].T
    return fff(i, layer, x)


with torch.no_grad():
    tokens = torch.randint(args.vocab, (n,))
    steps = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10000.0) / d))
    angles = torch.arange(n).float()[:, None] * steps
    positions = torch.stack([angles.sin(), angles.cos()], 2).view(n, d)
    h = weights["encoder.embedding.word_embedding.weight"][tokens] + weights["encoder.embedding.pos_embedding.scale_factor"] * positions
    h = layer_norm("encoder.embedding.norm", h)
    reference["tokens"] = tokens.float()
    for i in range(args.layers):
        layer = f"encoder.layers.{i}."
        reference[f"hidden{i}"] = h.clone()
        h = h + attention(layer, layer_norm(layer + "norm1", h))
        h = h + feed_forward(i, layer, layer_norm(layer + "norm2", h))
    reference[f"hidden{args.layers}"] = h
    reference["encoded"] = layer_norm("encoder.final_norm", h)
    reference["scores"] = reference["encoded"][0] @ decoder.T

arch = {"architectures": ["ScriptableCrammedBERT"], "num_transformer_layers": args.layers, "hidden_size": d, "hidden_dropout_prob": 0.1,
        "intermed_size": args.neurons or args.trees, "norm": "LayerNorm", "norm_eps": 1e-12, "norm_scheme": "pre", "nonlin": args.nonlin,
        "tie_weights": True, "decoder_bias": False, "objective_layout": "MLM", "ffn_layer_frequency": 1, "skip_head_transform": True,
        "use_bias": False, "final_norm": True, "num_labels": None,
        "embedding": {"vocab_size": args.vocab, "pos_embedding": "scaled-sinusoidal", "dropout_prob": 0.1, "pad_token_id": 0,
                      "max_seq_length": n, "embedding_dim": d, "normalization": True, "stable_low_precision": False},
        "attention": {"type": "self-attention", "causal_attention": False, "num_attention_heads": args.heads, "dropout_prob": 0.1,
                      "skip_output_projection": False, "qkv_bias": False, "rotary_embedding": False, "seq_op_in_fp32": False,
                      "sequence_op": "torch-softmax"}}
if not args.neurons:
    arch.update(intermed_type="fff", intermed_depth=args.depth)
os.makedirs(args.folder, exist_ok=True)
with open(os.path.join(args.folder, "config.json"), "w") as file:
    json.dump({"model_type": "crammedBERT", "architectures": ["ScriptableLMForPreTraining"], "torch_dtype": "float32", "arch": arch}, file)
tensorfile.write(os.path.join(args.folder, "model.safetensors"), weights)
tensorfile.write(os.path.join(args.folder, "reference.safetensors"), reference)
