# SPDX-License-Identifier: Apache-2.0
"""Validation losses of an exported model, in float32: python evaluate.py DIR --text FILE"""
import argparse

import torch

import data
import train
from model import load


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--text", required=True)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    _, text, bytes_a_token = data.read_text(args.text, data.vocabulary_of(args.folder))
    model = load(args.folder)
    for name, loss in (("state carried through", train.loss_carried(model, text, "cpu")),
                       ("windows of 256 from a zero state", train.loss_windows(model, text, "cpu"))):
        print(f"{name}: {loss / bytes_a_token:.4f} nats a byte")


if __name__ == "__main__":
    main()
