# SPDX-License-Identifier: Apache-2.0
"""Validation losses of an exported model, in float32: python evaluate.py DIR --text FILE"""
import argparse

import numpy
import torch

import train
from model import load


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--text", required=True)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = torch.from_numpy(numpy.fromfile(args.text, dtype=numpy.uint8))
    text = data[len(data) * 9 // 10:]
    model = load(args.folder)
    print(f"state carried through: {train.loss_carried(model, text, 'cpu'):.4f} nats a byte")
    print(f"windows of 256 from a zero state: {train.loss_windows(model, text, 'cpu'):.4f} nats a byte")


if __name__ == "__main__":
    main()
