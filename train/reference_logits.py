# SPDX-License-Identifier: Apache-2.0
"""Logits of the float32 PyTorch model, for tests to compare with.

    python reference_logits.py DIR --ids 1,2,3 --out logits.f32

The file holds little-endian float32 [positions, vocab]; without --out the three best ids of each position are printed.
"""
import argparse

import torch

from model import load


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--ids", help="token ids, separated by commas")
    what.add_argument("--prompt", help="a text, read as bytes")
    parser.add_argument("--out")
    args = parser.parse_args()
    ids = [int(part) for part in args.ids.split(",")] if args.ids else list(args.prompt.encode())
    model, state, rows = load(args.folder), None, []
    with torch.no_grad():
        for id in ids:  # token by token, as the machine runs
            logits, state = model(torch.tensor([[id]]), state)
            rows.append(logits[0, 0])
    logits = torch.stack(rows)
    if args.out:
        logits.numpy().astype("<f4").tofile(args.out)
        return
    for id, row in zip(ids, logits):
        best = row.topk(3)
        print(id, " ".join(f"{index}:{value:.4f}" for index, value in zip(best.indices.tolist(), best.values.tolist())))


if __name__ == "__main__":
    main()
