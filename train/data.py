# SPDX-License-Identifier: Apache-2.0
"""Texts as token ids: raw bytes, or the pieces of a SentencePiece tokenizer; and who reads them."""
import os

import numpy
import torch

TOKENIZER = "tokenizer.model"  # in a checkpoint's folder


class Bytes:
    size, path = 256, None

    def encode(self, raw):
        return torch.from_numpy(numpy.frombuffer(raw, dtype=numpy.uint8).copy())


class Pieces:
    """A SentencePiece model's. A text is encoded in chunks that end with a line, so that any length fits."""
    CHUNK = 1 << 20

    def __init__(self, path):
        import sentencepiece
        self.path = path
        self.model = sentencepiece.SentencePieceProcessor()
        self.model.Load(path)
        self.size = self.model.GetPieceSize()

    def encode(self, raw):
        ids, begin = [], 0
        while begin < len(raw):
            end = len(raw)
            if end - begin > self.CHUNK:
                end = raw.rfind(b"\n", begin, begin + self.CHUNK) + 1 or raw.rfind(b" ", begin, begin + self.CHUNK) + 1
                if end == 0:
                    raise ValueError(f"a line of more than {self.CHUNK} bytes without a blank at byte {begin}")
            ids.append(numpy.array(self.model.EncodeAsIds(raw[begin:end].decode()), dtype=numpy.int32))
            begin = end
        return torch.from_numpy(numpy.concatenate(ids))


def vocabulary_of(folder):
    """A checkpoint folder's: its tokenizer.model, else bytes."""
    path = os.path.join(folder, TOKENIZER)
    return Pieces(path) if os.path.exists(path) else Bytes()


def read_text(path, vocabulary):
    """The ids of the first 90 % of a file and of the rest, and how many bytes a token of the rest has."""
    with open(path, "rb") as file:
        raw = file.read()
    cut = len(raw) * 9 // 10
    if vocabulary.path:
        cut = raw.find(b"\n", cut) + 1  # behind a line
    try:
        first, rest = vocabulary.encode(raw[:cut]), vocabulary.encode(raw[cut:])
    except ValueError as error:  # UnicodeDecodeError is one
        raise SystemExit(f"{path}: {error}") from None
    if len(rest) < 2:
        raise SystemExit(f"{path}: too short to train on")
    return first, rest, (len(raw) - cut) / len(rest)


class Reader:
    """Rows that walk through the text, window by window. All processes draw the same `rows` places; each reads its own."""

    def __init__(self, text, rows, window, jump, seed, own=slice(None)):
        self.text, self.rows, self.window, self.jump, self.own = text, rows, window, jump, own
        self.random = torch.Generator().manual_seed(seed)
        self.places = self.draw()

    def draw(self):
        return torch.randint(len(self.text), (self.rows,), generator=self.random)

    def next(self):
        """Inputs and targets [B,T], and which rows have just jumped (their state must be zero)."""
        jumped = torch.rand(self.rows, generator=self.random) < self.jump
        self.places = torch.where(jumped, self.draw(), self.places)
        rows = self.text[(self.places[self.own, None] + torch.arange(self.window + 1)) % len(self.text)].long()
        self.places = (self.places + self.window) % len(self.text)
        return rows[:, :-1], rows[:, 1:], jumped[self.own]
