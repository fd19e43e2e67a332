#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: page_test.py CHROMIUM STERNA MODEL

The page of `sterna serve` in headless Chromium, which is led through a pipe by its DevTools protocol and knows no other host."""
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

CHROMIUM, STERNA, MODEL = sys.argv[1:4]
# Resolves when `condition` holds, which is looked at after each change of the page.
WAIT = """new Promise(resolve => {
  const look = () => { if (%s) { watcher.disconnect(); resolve(true); } };
  const watcher = new MutationObserver(look);
  watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  look();
})"""


class Browser:
    def __init__(self, folder):
        here, theirs = os.pipe(), os.pipe()  # to the browser, and from it: its descriptors 3 and 4
        def connect():
            ends = os.dup(here[0]), os.dup(theirs[1])
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)
        self.process = subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={folder}",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(here[0])
        os.close(theirs[1])
        self.to, self.source, self.numbers, self.session, self.rest = here[1], theirs[0], itertools.count(1), None, b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.source, 65536)
                assert more, "the browser has ended"
                self.rest += more
            line, self.rest = self.rest.split(b"\0", 1)
            reply = json.loads(line)
            if reply.get("id") == number:
                assert "error" not in reply, reply
                return reply["result"]

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, condition):
        self.evaluate(WAIT % condition)

    def open(self, url):
        self.call("Page.enable")
        self.call("Page.navigate", url=url)
        # The new document's script has run when its list of models is there, or why it is not.
        while not self.evaluate("document.readyState === 'complete' && location.href !== 'about:blank'"):
            pass

    def type(self, text):
        self.evaluate("$('text').focus()")
        self.call("Input.insertText", text=text)
        for kind in "rawKeyDown", "keyUp":
            self.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13)

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.to)
        os.close(self.source)


class Page(unittest.TestCase):
    def serve(self, *arguments):
        server = subprocess.Popen([STERNA, "serve", MODEL, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, 60)
        self.addCleanup(server.terminate)
        url = server.stdout.readline().split()[-1]
        server.stdout.readline()
        return url

    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.browser = Browser(folder.name)
        self.addCleanup(self.browser.end)

    def lines(self):
        return self.browser.evaluate("[...$('talk').children].map(line => [line.className, line.textContent])")

    def test_talking(self):
        self.browser.open(self.serve())
        self.browser.wait("$('model').value === 'shakespeare'")
        self.browser.evaluate("$('tokens').value = 21; $('temperature').value = 0")
        self.browser.type("ROMEO:")
        self.browser.wait("$('figures').textContent")
        self.assertEqual(self.lines(), [["user", "ROMEO:"], ["assistant", "\nThe state of the sea"]])
        self.assertRegex(self.browser.evaluate("$('figures').textContent"), r"^21 tokens, [0-9.]+ a second$")
        # What was said is gone on from: another line gets another answer than it would alone.
        self.browser.evaluate("$('figures').textContent = ''")
        self.browser.type("ROMEO:")
        self.browser.wait("$('figures').textContent")
        lines = self.lines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(len(lines[3][1]), 21)
        self.browser.evaluate("$('forget').click()")
        self.assertEqual(self.lines(), [])

    def test_stopping(self):
        self.browser.open(self.serve("--lanes", "1", "--max-tokens", "1000000"))
        self.browser.wait("$('model').value === 'shakespeare'")
        self.browser.evaluate("$('tokens').value = 1000000")
        self.browser.type("ROMEO:")
        self.browser.wait("$('talk').textContent.length > 20")
        self.browser.evaluate("$('stop').click()")
        self.browser.wait("!$('send').disabled")
        self.assertEqual([line[0] for line in self.lines()], ["user", "assistant"])

    def test_a_key_and_errors(self):
        self.browser.open(self.serve("--api-key", "sesame"))
        self.browser.wait("!$('key_label').hidden")
        self.browser.wait("$('talk').textContent.includes('API key')")
        self.browser.evaluate("$('key').value = 'sesame'; $('key').dispatchEvent(new Event('change'))")
        self.browser.wait("$('model').value === 'shakespeare'")
        self.browser.evaluate("$('forget').click(); $('tokens').value = 5000")
        self.browser.type("ROMEO:")
        self.browser.wait("$('talk').textContent.includes('max_tokens: 5000 is no whole number in 1..4096')")


unittest.main(argv=sys.argv[:1])
