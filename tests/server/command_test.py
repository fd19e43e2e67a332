#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: command_test.py STERNA MODEL [xrt]

`sterna serve` as a person runs it: its port, its signals, its refusals, and each kind of backend, XRT's emulation where asked for."""
import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

STERNA, MODEL = sys.argv[1:3]


class Server:
    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen([STERNA, "serve", MODEL, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env={**os.environ, **environment}, start_new_session=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), (line, self.process.stderr.read() if not line else "")
        self.port = int(line.rsplit(":", 1)[1])
        self.ready = self.process.stdout.readline()

    def request(self, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET" if body is None else "POST", path, body and json.dumps(body), {"Connection": "close", **(headers or {})})
        return connection.getresponse()  # which closes the connection at its end

    def complete(self, **fields):
        response = self.request("/v1/completions", {"prompt": "ROMEO:", "temperature": 0, **fields})
        return json.loads(response.read())["choices"][0]["text"]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        errors = self.process.communicate(timeout=60)[1]
        return self.process.returncode, errors


class ServeCommand(unittest.TestCase):
    def test_every_backend_says_the_same(self):
        texts = set()
        backends = [["cpu", "--lanes", "2"], ["golden", "--lanes", "2"], ["golden", "--channels", "2", "--lanes", "1"], ["rtl"], ["float", "--lanes", "3"]]
        for backend in backends + [["xrt", "--emulate"]] * ("xrt" in sys.argv):
            server = Server("--backend", *backend)
            self.assertIn(f"shakespeare on {backend[0]}", server.ready)
            texts.add(server.complete(max_tokens=6))
            self.assertEqual(server.end()[0], 0)
        self.assertEqual(texts, {"\nThe s"})

    def test_a_signal_lets_what_runs_finish(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = Server("--lanes", "1")
            stream = server.request("/v1/completions", {"prompt": "ROMEO:", "stream": True, "max_tokens": 100})
            stream.readline()
            status, errors = server.end(number)
            self.assertEqual((status, errors.count("\n")), (0, 1), errors)
            text = stream.read().decode()
            self.assertIn('"finish_reason":"length"', text)
            self.assertTrue(text.endswith("data: [DONE]\n\n"))

    def test_a_second_signal_ends_it_all(self):
        server = Server("--lanes", "1", "--max-tokens", "1000000")
        stream = server.request("/v1/completions", {"prompt": "ROMEO:", "stream": True, "max_tokens": 1000000})
        stream.readline()
        server.process.send_signal(signal.SIGTERM)
        self.assertIn("a second signal", server.process.stderr.readline())
        self.assertEqual(server.end()[0], 0)
        with self.assertRaises(http.client.IncompleteRead):
            stream.read()

    def test_a_packed_body_has_the_limit_of_any_other(self):
        server = Server("--lanes", "1")
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        # 1 in 1000: unpacked, 100 MB.
        connection.request("POST", "/v1/completions", gzip.compress(b'{"prompt":"' + bytes(100_000_000) + b'"}'), {"Content-Encoding": "gzip"})
        self.assertEqual(connection.getresponse().status, 413)
        with open(f"/proc/{server.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        self.assertLess(peak, 150_000)  # KiB
        self.assertEqual(server.complete(max_tokens=2), "\nT")
        self.assertEqual(server.end()[0], 0)

    def test_the_key_may_be_in_a_file_or_in_the_environment(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("sesame\n")
            file.flush()
            for server in (Server("--api-key-file", file.name), Server(STERNA_API_KEY="sesame"), Server("--api-key", "sesame")):
                for headers, status in ({}, 401), ({"Authorization": "Bearer sesame"}, 200):
                    with server.request("/v1/models", headers=headers) as response:
                        self.assertEqual(response.status, status)
                        response.read()
                self.assertEqual(server.end()[0], 0)

    def refused(self, *arguments):
        result = subprocess.run([STERNA, "serve", *arguments], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        return result.stderr

    def test_what_is_wrong_is_refused_in_a_line(self):
        server = Server()
        self.assertIn(f"cannot listen on 127.0.0.1 port {server.port}: Address already in use", self.refused(MODEL, "--port", str(server.port)))
        self.assertEqual(server.end()[0], 0)
        self.assertIn("cannot listen on 203.0.113.1", self.refused(MODEL, "--host", "203.0.113.1", "--port", "0"))
        self.assertIn("65536 is not in 0..65535", self.refused(MODEL, "--port", "65536"))
        self.assertIn("there is another model with the name shakespeare", self.refused(MODEL, MODEL))
        self.assertIn("missing.sterna", self.refused(MODEL, "missing.sterna"))
        self.assertIn("--lanes is for", self.refused(MODEL, "--backend", "rtl", "--lanes", "2"))
        self.assertIn("printable ASCII", self.refused(MODEL, "--api-key", "two words"))
        with tempfile.NamedTemporaryFile() as empty:
            self.assertIn("no key in it", self.refused(MODEL, "--api-key-file", empty.name))
        # The RTL that is too small for the model: found while it is loaded.
        self.assertIn("sterna: ", self.refused(MODEL, "--port", "0", "--backend", "rtl", "--config", "tiny"))


unittest.main(argv=sys.argv[:1])
