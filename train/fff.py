# SPDX-License-Identifier: Apache-2.0
"""Fast Feedforward: trees of neurons of which a token uses one path each.

A layer has K trees of depth D. Its logits are [..., K, M]: M = 2^(D+1) - 1 nodes a tree in heap order, so node n's children
are 2n + 1 (left) and 2n + 2 (right). A token starts at node 0 and goes right where a node's logit is above 0; the leaf it
reaches (0 .. 2^D - 1, from the left) tells its whole path.
"""
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F

ACTIVATIONS = {"none": lambda x: x, "relu": F.relu, "silu": F.silu, "gelu": F.gelu}
MAX_TREES, MAX_DEPTH = 64, 15


@dataclass
class Shape:
    """The `fff` of a config.json."""
    trees: int
    depth: int
    activation: str = "none"
    layers: list = None        # which layers have trees; None: all
    master_leaf_size: int = 0  # columns of the gated linear unit beside the trees

    @staticmethod
    def read(raw, num_layers):
        """Check what a config.json says; raises ValueError."""
        def integer(value, low, high):
            return type(value) is int and low <= value <= high

        if not isinstance(raw, dict) or not {"trees", "depth"} <= raw.keys() <= Shape.__dataclass_fields__.keys():
            raise ValueError(f"fff needs trees and depth, and has no keys but {', '.join(Shape.__dataclass_fields__)}")
        shape = Shape(**raw)
        checks = {
            f"trees from 1 to {MAX_TREES}": integer(shape.trees, 1, MAX_TREES),
            f"depth from 0 to {MAX_DEPTH}": integer(shape.depth, 0, MAX_DEPTH),
            f"activation as one of {', '.join(ACTIVATIONS)}": shape.activation in list(ACTIVATIONS),
            f"layers as a list of numbers below {num_layers}": shape.layers is None or isinstance(shape.layers, list)
            and all(integer(layer, 0, num_layers - 1) for layer in shape.layers),
            "master_leaf_size as a number from 0 on": integer(shape.master_leaf_size, 0, 2 ** 31),
        }
        for what, holds in checks.items():
            if not holds:
                raise ValueError(f"fff needs {what}, not {raw[what.split()[0]]!r}")
        return shape

    def to_json(self):
        return {name: value for name, value in asdict(self).items() if value is not None}

    def in_layer(self, layer):
        return self.layers is None or layer in self.layers

    @property
    def nodes(self):
        return self.trees * (2 ** (self.depth + 1) - 1)


def add_options(parser):
    parser.add_argument("--fff-trees", type=int, default=8)
    parser.add_argument("--fff-depth", type=int, default=7)
    parser.add_argument("--fff-activation", choices=ACTIVATIONS, default="none")
    parser.add_argument("--fff-layers", type=int, nargs="+", help="which layers have trees (the others: GLU); default: all")
    parser.add_argument("--master-leaf", type=int, default=0, help="columns of the GLU beside the trees")


def from_options(args):
    shape = Shape(args.fff_trees, args.fff_depth, args.fff_activation, args.fff_layers, args.master_leaf)
    try:
        return Shape.read(shape.to_json(), args.layers)
    except ValueError as error:
        raise SystemExit(str(error)) from None


def decide(logit, temperature):
    """1 where right, 0 where left; its gradient is that of sigmoid(logit / temperature)."""
    hard = (logit > 0).to(logit.dtype)
    if not logit.requires_grad:
        return hard
    soft = torch.sigmoid(logit / temperature)
    return hard + (soft - soft.detach())


def path_mask(logits, temperature=1.0):
    """1 for each node on the path, 0 for the others.

    Backwards a decision sees both of its outcomes: what the path below it gave, and what the path on its other side
    would have given.
    """
    reach, rows = torch.ones_like(logits[..., :1]), []
    while True:
        first = reach.shape[-1] - 1  # of this level
        rows.append(reach)
        if 2 * first + 1 == logits.shape[-1]:
            return torch.cat(rows, -1)
        right = decide(logits[..., first:2 * first + 1], temperature)
        reach = torch.stack([reach * (1 - right), reach * right], -1).flatten(-2)


def leaves(mask):
    """[..., K]: the leaf of each path."""
    return mask[..., mask.shape[-1] // 2:].argmax(-1)


def path_nodes(leaf, depth):
    """[..., K, D + 1]: the nodes from the root to `leaf`."""
    # Counted from 1, a heap's node is its path in binary.
    return ((leaf + 2 ** depth)[..., None] >> torch.arange(depth, -1, -1, device=leaf.device)) - 1


def lean(leaf, depth):
    """[K, M]: how many more of the tokens that came to a node went right than left; 0 at leaves. leaf [N, K]"""
    trees = leaf.shape[-1]
    places = leaf + 2 ** depth * torch.arange(trees, device=leaf.device)
    counts = torch.bincount(places.flatten(), minlength=trees * 2 ** depth).view(trees, -1)
    rows = [torch.zeros_like(counts)]
    while counts.shape[1] > 1:
        rows.append(counts[:, 1::2] - counts[:, ::2])
        counts = counts[:, 1::2] + counts[:, ::2]
    return torch.cat(rows[::-1], 1)


def effective_leaves(leaf, depth):
    """Mean over trees of the perplexity of their leaves: 2^D where all are used alike, 1 where one has all. leaf [N, K]"""
    share = torch.stack([torch.bincount(tree, minlength=2 ** depth) for tree in leaf.unbind(1)]) / len(leaf)
    return torch.special.entr(share).sum(1).exp().mean().item()


def balance_loss(logits, leaf):
    """Mean over trees and decisions of (mean over the node's tokens of tanh(3 logit))^2, nodes weighted by their tokens.

    logits [N, K, D + 1] on the path, leaf [N, K].
    """
    tokens, trees, levels = logits.shape
    if levels == 1:
        return logits.sum() * 0
    nodes = path_nodes(leaf, levels - 1)[..., :-1]
    places = nodes + 2 ** levels * torch.arange(trees, device=leaf.device)[:, None]
    sums = logits.new_zeros(2, trees * 2 ** levels)
    signs = torch.tanh(3 * logits[..., :-1]).flatten()
    total = sums[0].index_add(0, places.flatten(), signs)
    count = sums[1].index_add(0, places.flatten(), torch.ones_like(signs)).clamp(min=1)
    return (total.square() / count).sum() / (tokens * trees * (levels - 1))
