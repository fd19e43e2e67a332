# SPDX-License-Identifier: Apache-2.0
"""usage: slang.py WAIVERS RUNS

Elaborates the hardware with slang, a strict SystemVerilog front end, all of its warnings on. RUNS has a line for each run: the
arguments of one. Fails when a run says something that no waiver of WAIVERS covers, and when a waiver covers nothing.
"""
import collections
import fnmatch
import os
import pathlib
import re
import sys
import tomllib

import pyslang
import pyslang.analysis
import pyslang.driver

from pyslang import DiagnosticSeverity as Severity

Finding = collections.namedtuple("Finding", "path line column message warning")


def elaborate(arguments):
    """What slang says of one run."""
    driver = pyslang.driver.Driver()
    driver.addStandardArgs()
    if not driver.parseCommandLine(f"slang -I. -Weverything {arguments}") or not driver.processOptions():
        sys.exit(f"slang.py: not understood: {arguments}")
    driver.parseAllSources()
    compilation = driver.createCompilation()
    analysis = pyslang.analysis.AnalysisManager(driver.analysisOptions)
    diagnostics = list(compilation.getAllDiagnostics())
    compilation.freeze()
    analysis.analyze(compilation)
    diagnostics += analysis.getDiagnostics()
    manager, engine = driver.sourceManager, driver.diagEngine
    found = set()
    for diagnostic in diagnostics:
        place = manager.getFullyExpandedLoc(diagnostic.location)
        severity = engine.getSeverity(diagnostic.code, place)
        if severity in (Severity.Ignored, Severity.Note):
            continue
        found.add(Finding(os.path.relpath(manager.getFileName(place)), manager.getLineNumber(place),
                          manager.getColumnNumber(place), engine.formatMessage(diagnostic),
                          engine.getOptionName(diagnostic.code) if severity == Severity.Warning else "error"))
    return found


class Waiver:
    """Lets some kind of warning pass: everywhere, in some files, or where the message or the line looks like this."""

    def __init__(self, warning, reason, path="*", message="", line=""):
        self.warning, self.reason, self.path = warning, reason, path
        self.message, self.line = re.compile(message), re.compile(line)
        self.used = False

    def covers(self, finding):
        if finding.warning == "error" or not fnmatch.fnmatch(finding.warning, self.warning):
            return False
        if not fnmatch.fnmatch(finding.path, self.path):
            return False
        text = pathlib.Path(finding.path).read_text().splitlines()[finding.line - 1]
        if not self.message.search(finding.message) or not self.line.search(text):
            return False
        self.used = True
        return True


def main(waivers, runs):
    waivers = [Waiver(**waiver) for waiver in tomllib.loads(pathlib.Path(waivers).read_text())["waiver"]]
    runs = pathlib.Path(runs).read_text().splitlines()
    findings = sorted(set().union(*map(elaborate, runs)))
    failures = [f"{f.path}:{f.line}:{f.column}: {f.message} [{f.warning}]" for f in findings
                if not any([waiver.covers(f) for waiver in waivers])]
    failures += [f"{w.warning} ({w.path}, '{w.message.pattern}', '{w.line.pattern}'): a waiver that nothing needs"
                 for w in waivers if not w.used]
    if failures:
        sys.exit("\n".join(failures))
    print(f"{len(runs)} runs: {len(findings)} warnings, all waived")


main(*sys.argv[1:])
