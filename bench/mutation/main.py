# SPDX-License-Identifier: Apache-2.0
"""bench/mutants; see there."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import plant
import report
import sample
import suite


def read_explained(path):
    """What is said of the survivors: by what the fault is, its kind and why it cannot be found."""
    entries = tomllib.loads(path.read_text()).get("survivor", []) if path.exists() else []
    return {(e["file"], e["line"], e["text"], e["instead"]): (e["kind"], " ".join(e["why"].split())) for e in entries}


def judge_all(tests, mutants, texts, jobs):
    """A verdict for each mutant, by its number; tells of each as it comes."""
    verdicts = {}

    def judge(mutant):
        return mutant, tests.judge(mutant, plant.alone(texts[mutant.file], mutant.fault))

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(judge, mutant) for mutant in mutants]):
            mutant, verdict = done.result()
            verdicts[mutant.number] = verdict
            print(f"{len(verdicts)}/{len(mutants)} {mutant.number}: {mutant.describe()}: "
                  f"{verdict.broken or (f'{verdict.by}, {verdict.how}: {verdict.says}' if verdict.by else 'SURVIVES')}", flush=True)
    return verdicts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    root = options.root.resolve()
    mutants, texts, sizes = sample.sample(root, options.seed, options.count)
    if options.list:
        for mutant in mutants:
            print(f"{mutant.number} {mutant.describe()}")
        return

    chosen = [(m.number, m.file, texts[m.file], m.fault) for m in mutants]
    if options.check:
        with tempfile.TemporaryDirectory() as folder:
            rtl = pathlib.Path(folder, "rtl")
            plant.write_design(root, rtl, chosen)
            subprocess.run(["verilator", "--lint-only", "-Wall", f"-I{root}", "-f", root / "rtl/config/lanes.f",
                            *(rtl / file for file in sample.sources(root)), "--top-module", "sterna_top"], check=True)
        print(f"{len(mutants)} faults fit the RTL")
        return

    versions = subprocess.run([root / "bench/versions"], check=True, capture_output=True, text=True).stdout
    print(versions, end="", flush=True)
    build = root / "build-mutants"
    plant.write_design(root, build / "design/rtl", chosen)
    tests = suite.Suite(root, build)
    tests.make()
    tests.without_fault()

    # What was found before, by the same fault, for --survivors.
    kept = build / "verdicts.json"
    before = {}
    if options.survivors and kept.exists():
        before = {tuple(key): suite.Verdict(**verdict) for key, verdict in json.loads(kept.read_text()) if verdict["by"]}
    verdicts = {m.number: before[m.key] for m in mutants if m.key in before}
    verdicts |= judge_all(tests, [m for m in mutants if m.number not in verdicts], texts, options.jobs)
    kept.write_text(json.dumps([[m.key, vars(verdicts[m.number])] for m in mutants], indent=1))

    explained = read_explained(root / "bench/mutation/explained.toml")
    page, unexplained, broken = report.page(options, versions, mutants, sizes, verdicts, explained)
    (root / "docs/mutants.md").write_text(page)
    for mutant in broken:
        print(f"mutants: the harness failed: {mutant.describe()}: {verdicts[mutant.number].broken}", file=sys.stderr)
    for mutant in unexplained:
        print(f"mutants: not found, and not explained: {mutant.describe()}", file=sys.stderr)
    if broken or unexplained:
        sys.exit(1)


main()
