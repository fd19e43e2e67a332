# SPDX-License-Identifier: Apache-2.0
"""Users of `sterna serve` for locust: three of four read a stream through OpenAI's client, one never reads."""
import socket
import time
import urllib.parse

import gevent
import openai
from locust import User, constant, task

TOKENS = 64


class Reader(User):
    weight = 3
    wait_time = constant(0)

    def on_start(self):
        self.client = openai.OpenAI(base_url=self.host + "/v1", api_key="any", max_retries=0)

    def tell(self, name, start, length=0, error=None):
        self.environment.events.request.fire(request_type="stream", name=name, response_time=1e3 * (time.perf_counter() - start),
                                             response_length=length, exception=error, context={})

    @task
    def talk(self):
        start, tokens = time.perf_counter(), 0
        try:
            for chunk in self.client.completions.create(model="shakespeare", prompt="ROMEO:", max_tokens=TOKENS, stream=True):
                tokens += len(chunk.choices[0].text) > 0
                if tokens == 1:
                    self.tell("first token", start)
            self.tell("all tokens", start, tokens)
        except openai.OpenAIError as error:
            self.tell("all tokens", start, tokens, error)


class NeverReads(User):
    weight = 1

    @task
    def stare(self):
        url = urllib.parse.urlsplit(self.host)
        body = b'{"prompt": "ROMEO:", "max_tokens": 800, "stream": true}'
        with socket.create_connection((url.hostname, url.port)) as stream:
            stream.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            gevent.sleep(20)


class Prober(User):
    fixed_count = 1
    wait_time = constant(0.02)

    @task
    def health(self):
        start, url = time.perf_counter(), urllib.parse.urlsplit(self.host)
        with socket.create_connection((url.hostname, url.port)) as stream:
            stream.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while more := stream.recv(4096):
                answer += more
        error = None if b'"ok"' in answer else RuntimeError(answer.decode())
        self.environment.events.request.fire(request_type="GET", name="/health", response_time=1e3 * (time.perf_counter() - start),
                                             response_length=len(answer), exception=error, context={})
