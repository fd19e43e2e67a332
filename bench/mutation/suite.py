# SPDX-License-Identifier: Apache-2.0
"""The tests that a fault has to pass: built once, with all faults in them, and run with one of them switched on."""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

HANGS = 1200  # seconds, after which it is the harness that failed: a fault is found by cycles, never by the clock
CYCLES = 200_000  # of a random program: some times what the longest one takes
# Of the random programs a few come first, which find most.
FEW = ("random programs", "lanes_faulty_4", 30)
MANY = (("random programs", "lanes_faulty_4", 300), ("random programs", "lanes_2", 300), ("random programs", "tiny_faulty_1", 1000))


@dataclasses.dataclass
class Verdict:
    by: str = ""   # what found the fault: random programs, a unit's bench, the generator, a proof; nothing: it survives
    how: str = ""  # difference, assertion, cycles
    says: str = ""
    broken: str = ""  # why the harness could not tell


class Suite:
    def __init__(self, root, build):
        self.root, self.build = root, build
        self.units = {}  # test: its files
        self.proofs = {}

    def make(self):
        """Builds the tests from build/design/rtl."""
        run = lambda *command: subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        run("cmake", "-S", ".", "-B", self.build, "-G", "Ninja", "-DBUILD_TESTING=ON", f"-DSTERNA_RTL_DIR={self.build}/design/rtl",
            "-DSTERNA_CONFIGS=tiny", "-DSTERNA_TEST_CONFIGS=tiny;lanes")
        for line in (self.build / "tests/rtl_units/units").read_text().splitlines():
            test, *files = line.split()
            self.units[test] = [*files, "generated/sterna_isa_pkg.sv"]
        names = subprocess.run(["tests/formal/prove.sh", ".", "--list"], cwd=self.root, check=True, capture_output=True, text=True)
        for line in names.stdout.splitlines():
            name, *files = line.split()
            self.proofs[name] = [file.removeprefix("rtl/") for file in files]
        run("ninja", "-C", self.build, "isagen", "random_program_test", *self.units)

    def _run(self, command, environment=None):
        try:
            done = subprocess.run(command, cwd=self.root, timeout=HANGS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", env=os.environ | (environment or {}))
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stdout

    def _test(self, by, number, test, *arguments, **environment):
        environment |= {"STERNA_FAULT": str(number), "STERNA_CYCLES": str(CYCLES), "GTEST_FAIL_FAST": "1", "GTEST_BRIEF": "1"}
        code, output = self._run([self.build / test, *arguments], environment)
        if code == 0:
            return Verdict()
        if code is None:
            return Verdict(broken=f"{test}: no end within {HANGS} s")
        return Verdict(by, how(output), first_words(output))

    def programs(self, number, by, shard, count):
        return self._test(by, number, "random_program_test", f"--gtest_filter=*/{shard}", STERNA_PROGRAMS=str(count))

    def _proof(self, name, file, planted):
        with tempfile.NamedTemporaryFile("w", suffix=".sv") as copy:
            copy.write(planted)
            copy.flush()
            code, output = self._run(["tests/formal/prove.sh", ".", name, copy.name, f"rtl/{file}"])
        if code is None:
            return Verdict(broken=f"proof {name}: no end within {HANGS} s")
        return Verdict("proof", "assertion", f"{name}: {output.strip().splitlines()[0]}") if code == 0 else Verdict()

    def generated(self, file, text):
        """What asm.Isagen.CommittedFilesAreWhatTheDefinitionGives asks: does the generator leave a file of this text as it is?"""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(self.root / "rtl/config", f"{folder}/rtl/config")
            committed = pathlib.Path(folder, "rtl", file)
            committed.parent.mkdir(parents=True)
            committed.write_text(text, encoding="utf-8")
            code, output = self._run([self.build / "isagen", "isa/isa.toml", folder])
            if code != 0:
                return Verdict(broken=f"isagen: {output}")
            same = committed.read_text(encoding="utf-8") == text
        return Verdict() if same else Verdict("generator", "difference", f"isagen writes another {file}")

    def judge(self, mutant, alone):
        """Runs the tests in turn until one finds the fault. `alone`: the text of its file with this fault only."""
        attempts = [lambda: self.programs(mutant.number, *FEW)]
        attempts += [lambda test=test: self._test("unit bench", mutant.number, test)
                     for test, files in self.units.items() if mutant.file in files]
        attempts += [lambda stage=stage: self.programs(mutant.number, *stage) for stage in MANY]
        if mutant.file.startswith("generated/"):
            attempts.append(lambda: self.generated(mutant.file, alone))
        attempts += [lambda name=name: self._proof(name, mutant.file, alone)
                     for name, files in self.proofs.items() if mutant.file in files]
        verdict = Verdict()
        for attempt in attempts:
            verdict = attempt()
            if verdict.by or verdict.broken:
                break
        return verdict

    def without_fault(self):
        """Throws when a test fails though no fault is switched on."""
        attempts = [lambda stage=stage: self.programs(0, *stage) for stage in MANY]
        attempts += [lambda test=test: self._test("unit bench", 0, test) for test in self.units]
        attempts += [lambda path=path: self.generated(f"generated/{path.name}", path.read_text(encoding="utf-8"))
                     for path in (self.root / "rtl/generated").glob("*.sv")]
        for attempt in attempts:
            verdict = attempt()
            if verdict.by or verdict.broken:
                raise SystemExit(f"mutants: fails without a fault: {verdict}")


def how(output):
    """What a failing test noticed."""
    if re.search(r"no \w+ within \d+ cycles|no \w+ in \d+ cycles|within [\d,]+ cycles", output):
        return "cycles"
    if re.search(r"Assertion failed|protocol violated|rtl: |settle|converge", output):
        return "assertion"
    return "difference"


def first_words(output):
    """The line that says what is wrong."""
    lines = [line.strip() for line in output.splitlines()]
    for pattern in (r"seed \d+: (.*)", r"what\(\): (.*)", r"with description \"(.*)", r"(.*(?:Failure|failed).*)"):
        for i, line in enumerate(lines):
            match = re.search(pattern, line)
            if match:
                return (match[1] if "Failure" not in line else " ".join(lines[i + 1:i + 3]))[:160]
    return lines[-1][:160] if lines else ""
