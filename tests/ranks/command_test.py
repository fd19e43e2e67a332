#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: command_test.py MPIRUN STERNA MODELS

One model in several processes, by mpirun: the same bits whatever their number, one voice, and an end for all when one ends."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

MPIRUN, STERNA, MODELS = sys.argv[1:4]
SHAKESPEARE, TREES = MODELS + "/shakespeare.sterna", MODELS + "/shakespeare-fff.sterna"
# -q: without mpirun's own remarks on how its processes ended.
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_odls_base_sigkill_timeout": "0"}  # seconds between asking and forcing the others to end


def command(ranks, *arguments):
    start = [MPIRUN, "-q", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks else []
    return [*start, STERNA, *arguments]


def run(ranks, *arguments, **more):
    return subprocess.run(command(ranks, *arguments), capture_output=True, text=True, env=ENVIRONMENT, **more)


def rank_processes(mpirun):
    """{rank: process} of what mpirun has started."""
    ranks = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            environment = (folder / "environ").read_bytes() if parent == mpirun else b""
        except OSError:
            continue
        for variable in environment.split(b"\0"):
            if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
                ranks[int(variable.split(b"=")[1])] = int(folder.name)
    return ranks


class Ranks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_every_bit(self):
        for model, numbers in ((SHAKESPEARE, (1, 2, 3, 4)), (TREES, (3,))):
            seen = set()
            for ranks in (0, *numbers):
                result = run(ranks, "run", model, "-p", "ROMEO:", "-n", "8", "--threads", "1", "--logits", str(self.folder / "logits"))
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                text, figures = result.stdout.split("\n8 tokens, ")
                self.assertEqual(f", {ranks} ranks)" in figures, ranks > 1, figures)
                seen.add((text, (self.folder / "logits").read_bytes()))
            self.assertEqual(len(seen), 1)

    def test_rank_0_reads_and_checks(self):
        result = run(2, "run", SHAKESPEARE, "-n", "4", "--check", "golden", input="ROMEO:")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(result.stdout.startswith("ROMEO:\nThe\n4 tokens"), result.stdout)
        self.assertIn("bit-exact: yes", result.stdout)

    def test_errors_are_one_line(self):
        for arguments, message in ((["run", "nothing.sterna", "-p", "x"], "nothing.sterna"),
                                   (["run", SHAKESPEARE, "-p", "x", "--logits", "/nowhere/logits"], "/nowhere"),
                                   (["run", SHAKESPEARE, "-p", "x", "--backend", "golden"], "--backend cpu"),
                                   (["serve", SHAKESPEARE, TREES], "one model"),
                                   (["info", SHAKESPEARE], "'info' does not")):
            result = run(2, *arguments)
            self.assertNotEqual(result.returncode, 0, arguments)
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, r"\Asterna: .*\n\Z")
            self.assertIn(message, result.stderr)

    def test_another_model_on_one_rank(self):
        mine = self.folder / "link.sterna"
        script = f'[ $OMPI_COMM_WORLD_RANK = 1 ] && model={TREES} || model={SHAKESPEARE}; exec {STERNA} run $model -p x -n 1'
        result = subprocess.run([*command(2)[:-1], "bash", "-c", script], capture_output=True, text=True, env=ENVIRONMENT)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stderr, "sterna: rank 1 has another model or other options than rank 0\n")
        self.assertFalse(mine.exists())

    def serve(self):
        process = subprocess.Popen(command(2, "serve", SHAKESPEARE, "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        self.assertIn("2 ranks", process.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/v1/completions", json.dumps({"prompt": "ROMEO:", "temperature": 0, "max_tokens": 6}), {"Connection": "close"})
        self.assertEqual(json.loads(connection.getresponse().read())["choices"][0]["text"], "\nThe s")
        return process

    def test_a_killed_rank_ends_all(self):
        process = self.serve()
        os.kill(rank_processes(process.pid)[1], signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)

    def test_a_server_ends(self):
        process = self.serve()
        os.kill(rank_processes(process.pid)[0], signal.SIGTERM)
        errors = process.communicate(timeout=60)[1]
        self.assertEqual((process.returncode, errors.count("\n")), (0, 1), errors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
