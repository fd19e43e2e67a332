# SPDX-License-Identifier: Apache-2.0
"""docs/mutants.md."""
import collections

FOUND_BY = ("random programs", "unit bench", "generator", "proof")
KINDS = {
    "equivalent": "The machine does the same",
    "speed": "The machine only takes other cycles",
    "configuration": "No build that the tests run has the case",
    "gap": "A test could find it, and none does yet",
}


def _table(title, rows):
    """Rows of name, list of verdicts."""
    lines = [f"| {title} | faults | found | " + " | ".join(FOUND_BY) + " | survive |", "|---|--:|--:|" + "--:|" * (len(FOUND_BY) + 1)]
    for name, verdicts in rows:
        by = collections.Counter(v.by for v in verdicts)
        found = len(verdicts) - by[""]
        cells = [str(len(verdicts)), str(found), *(str(by[who] or "") for who in FOUND_BY), str(by[""] or "")]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _code(text):
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if text else "nothing"


def page(options, versions, mutants, sizes, verdicts, explained):
    """The page, the mutants that nothing explains, and those that the harness could not judge."""
    broken = [m for m in mutants if verdicts[m.number].broken]
    survivors = [m for m in mutants if not verdicts[m.number].by and m not in broken]
    unexplained = [m for m in survivors if m.key not in explained]
    found = len(mutants) - len(survivors) - len(broken)
    hows = collections.Counter(verdicts[m.number].how for m in mutants if verdicts[m.number].by)
    kinds = collections.Counter(explained[m.key][0] for m in survivors if m.key in explained)

    lines = [
        "# Random faults in the RTL", "",
        "Written by `bench/mutants`, which says how. Each fault alone is put to the tests that there are until one finds it: a few random",
        "programs in lockstep, the benches of the units that contain it, many random programs, of a generated file its generator, the",
        "proofs that contain it.", "",
        "```", *versions.splitlines(), f"seed       {options.seed}", "```", "",
        f"**{found} of {len(mutants)} found**: {hows['difference']} by a difference, {hows['assertion']} by an assertion,"
        f" {hows['cycles']} by the budget of cycles. {len(survivors)} survive: "
        + (", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "none explained")
        + (f", {len(unexplained)} not explained" if unexplained else "")
        + (f"; {len(broken)} could not be judged" if broken else "") + ".",
        "", f"The sample is of {sum(sizes.values())} possible faults, from each file as the square root of what it has; the kinds take turns.",
        "", "## By kind", "",
        *_table("kind", sorted((operator, [verdicts[m.number] for m in mutants if m.fault.operator == operator])
                               for operator in {m.fault.operator for m in mutants})),
        "", "## By file", "",
        *_table("file", [(file, [verdicts[m.number] for m in mutants if m.file == file]) for file in sizes if sizes[file]]),
        "", "Without anything that happens at run time: " + ", ".join(file for file in sizes if not sizes[file]) + ".",
        "", "## Survivors", "",
    ]
    for kind, title in KINDS.items():
        members = [m for m in survivors if m.key in explained and explained[m.key][0] == kind]
        if members:
            lines += [f"**{title}.**", ""]
            lines += [f"- {m.file}:{m.line}: {_code(m.text)} becomes {_code(m.fault.instead)} ({m.fault.operator}). {explained[m.key][1]}"
                      for m in members]
            lines.append("")
    if unexplained:
        lines += ["**Not explained.**", ""]
        lines += [f"- {m.file}:{m.line}: {_code(m.text)} becomes {_code(m.fault.instead)} ({m.fault.operator})" for m in unexplained]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n", unexplained, broken
