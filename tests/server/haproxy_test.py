#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: haproxy_test.py HAPROXY CONFIGURATION STERNA MODEL

Two servers behind HAProxy, as docs/samples/haproxy.cfg has it; one is killed, the other one told to end."""
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

HAPROXY, CONFIGURATION, STERNA, MODEL = sys.argv[1:5]


class Server:
    def __init__(self):
        self.process = subprocess.Popen([STERNA, "serve", MODEL, "--port", "0", "--backend", "golden", "--lanes", "4"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.process.stdout.readline()  # ready

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(60)
        self.process.stdout.close()

    def streams(self):
        return sum(slot["is_processing"] for slot in json.loads(ask(self.port, "/slots").read()))


def ask(port, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST" if body else "GET", path, body and json.dumps(body), {"Connection": "close"})
    return connection.getresponse()


class Proxied(unittest.TestCase):
    def stream(self, tokens=600):
        response = ask(self.port, "/v1/completions", {"prompt": "ROMEO:", "stream": True, "max_tokens": tokens})
        self.assertEqual(response.status, 200)
        response.readline()
        return response

    def test_two_servers(self):
        servers = [Server(), Server()]
        with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as front:
            self.port = front.getsockname()[1]
            text = pathlib.Path(CONFIGURATION).read_text()
            for address, its in (("127.0.0.1:8080", f"fd@{front.fileno()}"), *((f"127.0.0.1:808{i}", f"127.0.0.1:{s.port}") for i, s in enumerate(servers, 1))):
                self.assertEqual(text.count(address), 1)
                text = text.replace(address, its)
            path = pathlib.Path(folder, "haproxy.cfg")
            path.write_text(text)
            proxy = subprocess.Popen([HAPROXY, "-db", "-f", path], pass_fds=[front.fileno()], stderr=subprocess.DEVNULL)
            try:
                self.check(servers)
            finally:
                proxy.kill()
                proxy.wait()

    def check(self, servers):
        streams = [self.stream(tokens=4000) for _ in range(4)]  # seconds of work, so that none is done when it is looked at
        self.assertEqual([server.streams() for server in servers], [2, 2])
        servers[0].end(signal.SIGKILL)
        # No new request is lost, from the first one on, when the proxy does not know yet.
        for _ in range(12):
            response = ask(self.port, "/v1/completions", {"prompt": "ROMEO:", "max_tokens": 2, "temperature": 0})
            self.assertEqual((response.status, json.loads(response.read())["choices"][0]["text"]), (200, "\nT"))
        # The streams of the one that is gone end with an error, those of the other go on.
        broken = 0
        for stream in streams:
            try:
                while line := stream.readline():
                    if b"[DONE]" in line:
                        break
                else:
                    broken += 1
            except (http.client.IncompleteRead, ConnectionError):
                broken += 1
        self.assertEqual(broken, 2)
        # One that is told to end finishes what it has, although the proxy learns that it is not well any more.
        last = self.stream()
        servers[1].process.send_signal(signal.SIGTERM)
        self.assertIn(b"[DONE]", last.read())
        self.assertEqual(servers[1].process.wait(60), 0)
        servers[1].process.stdout.close()


unittest.main(argv=sys.argv[:1])
