# SPDX-License-Identifier: Apache-2.0
"""Checkpoints in Hugging Face format: write a trained one, or a random one of any size for tests.

    python export.py convert DIR OUT --dtype BF16
    python export.py random OUT --hidden 320 --intermediate 1024 --layers 3 --vocab 1000 --dtype BF16 --shards 2
    python export.py random OUT --channel-mixer fff --fff-trees 4 --fff-depth 6 --fff-layers 0 2 --master-leaf 64

A random one has no tokenizer file: it reads and writes raw bytes (or, in a test, whatever its ids mean).
"""
import argparse
import json
import os
import shutil

import torch

import data
import fff
import tensorfile
from model import Config, MatMulFreeLM, load


def save(model, folder, dtype="F32", shards=1, tokenizer=None):
    """tokenizer: the file of the folder's SentencePiece model, if tokens are no bytes."""
    os.makedirs(folder, exist_ok=True)
    if tokenizer:
        shutil.copyfile(tokenizer, os.path.join(folder, data.TOKENIZER))
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(model.config.to_json(dtype), file, indent=2)
        file.write("\n")
    tensors = {name: tensor.to(tensorfile.DTYPES[dtype]) for name, tensor in model.state_dict().items()}
    tensorfile.write_folder(folder, tensors, shards)


def randomize(model):
    """Move norm weights, lower bounds and biases off their initial constants, so that a mix-up of two of them is seen."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight"):
                parameter.uniform_(0.5, 1.5)
            elif name.endswith("lower_bounds"):
                parameter.normal_(std=0.5)
            elif name.endswith("linear_in.bias"):
                parameter.normal_(std=0.2)


def scale(model, factors, step):
    """Multiply every step-th element of the parameters whose names end with a suffix."""
    with torch.no_grad():
        for suffix, factor in factors:
            chosen = [parameter for name, parameter in model.named_parameters() if name.endswith(suffix)]
            if not chosen:
                raise SystemExit(f"no parameter's name ends with {suffix}")
            for parameter in chosen:
                parameter[::step] *= float(factor)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    convert = commands.add_parser("convert", help="rewrite a checkpoint in another type or number of files")
    convert.add_argument("source")
    random = commands.add_parser("random", help="write a randomly initialised checkpoint")
    for command in (convert, random):
        command.add_argument("out")
        command.add_argument("--dtype", choices=tensorfile.DTYPES, default="F32")
        command.add_argument("--shards", type=int, default=1)
    random.add_argument("--hidden", type=int, default=256)
    random.add_argument("--intermediate", type=int, help="default: the released models' rule")
    random.add_argument("--layers", type=int, default=6)
    random.add_argument("--vocab", type=int, default=256)
    random.add_argument("--channel-mixer", choices=("glu", "fff"), default="glu")
    fff.add_options(random)
    random.add_argument("--seed", type=int, default=1)
    random.add_argument("--eps", type=float, default=1e-6, help="rms_norm_eps")
    random.add_argument("--scale", nargs=2, action="append", default=[], metavar=("SUFFIX", "FACTOR"),
                        help="multiply the tensors whose names end so")
    random.add_argument("--scale-some", nargs=2, action="append", default=[], metavar=("SUFFIX", "FACTOR"),
                        help="the same for every 37th element, or row")
    args = parser.parse_args()
    if args.command == "convert":
        model = load(args.source)
    else:
        torch.manual_seed(args.seed)
        trees = fff.from_options(args) if args.channel_mixer == "fff" else None
        model = MatMulFreeLM(Config(args.vocab, args.hidden, args.layers, args.intermediate, rms_norm_eps=args.eps,
                                    fff=trees))
        randomize(model)
        scale(model, args.scale, 1)
        scale(model, args.scale_some, 37)
    save(model, args.out, args.dtype, args.shards)


if __name__ == "__main__":
    main()
