# SPDX-License-Identifier: Apache-2.0
"""A random sample of the faults of all files. It depends on the seed and on the faults' own texts, not on their places, so that
an edit somewhere leaves most of a sample as it was."""
import collections
import dataclasses
import hashlib
import math
import pathlib

import operators

LARGEST = 400  # candidates of a file that count: a table has thousands that are all alike


@dataclasses.dataclass(frozen=True)
class Mutant:
    number: int  # from 1 on
    file: str    # below rtl
    line: int
    context: str  # the line
    text: str     # what the fault replaces
    fault: operators.Fault

    @property
    def key(self):
        """What explained.toml knows it by."""
        return self.file, self.context, self.text, self.fault.instead

    def describe(self):
        instead = self.fault.instead or "nothing"
        return f"{self.file}:{self.line}: {self.fault.operator}: `{self.text}` -> `{instead}`"


def _one_line(text):
    return " ".join(text.split())


def _rank(seed, *words):
    return hashlib.sha256("\0".join([str(seed), *words]).encode()).digest()


def _quotas(sizes, count):
    """How many of each file: by the square roots of their candidates, at least one, `count` in all."""
    weights = {file: math.sqrt(min(size, LARGEST)) for file, size in sizes.items() if size}
    scale = count / sum(weights.values())
    quotas = {file: min(sizes[file], max(1, int(weight * scale))) for file, weight in weights.items()}
    by_rest = sorted(weights, key=lambda file: quotas[file] - weights[file] * scale)
    for file in by_rest[:max(0, count - sum(quotas.values()))]:
        quotas[file] = min(sizes[file], quotas[file] + 1)
    return quotas


def sources(root):
    """The design's files, below rtl."""
    lines = (root / "rtl/files.f").read_text().splitlines()
    return [line.removeprefix("rtl/") for line in lines if line.endswith(".sv")]


def sample(root, seed, count):
    """The mutants, the text of every file, and how many candidates each file has."""
    texts, ranked, sizes = {}, {}, {}
    for file in sources(root):
        text, faults = operators.faults_of(pathlib.Path(root, "rtl", file), root)
        texts[file], sizes[file] = text, len(faults)
        lines = text.splitlines()
        seen = collections.Counter()
        by_operator = collections.defaultdict(list)
        for fault in faults:
            line = text.count("\n", 0, fault.begin) + 1
            mutant = Mutant(0, file, line, lines[line - 1].strip(), _one_line(text[fault.begin:fault.end]), fault)
            again = seen[mutant.key]
            seen[mutant.key] += 1
            rank = _rank(seed, fault.operator, *mutant.key, str(again))
            by_operator[fault.operator].append((rank, mutant))
        # The operators take turns, so that the many kinds of a file are all tried.
        turns = []
        for operator, mutants in by_operator.items():
            first = _rank(seed, file, operator)
            turns += [(turn, first, mutant) for turn, (_, mutant) in enumerate(sorted(mutants, key=lambda m: m[0]))]
        ranked[file] = [mutant for _, _, mutant in sorted(turns, key=lambda t: t[:2])]
    chosen = [mutant for file, quota in _quotas(sizes, count).items() for mutant in ranked[file][:quota]]
    return [dataclasses.replace(mutant, number=i) for i, mutant in enumerate(chosen, 1)], texts, sizes
