#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: openai_test.py STERNA MODEL

OpenAI's own client against `sterna serve`: it checks each object against the types that it knows."""
import subprocess
import sys
import unittest

import openai

STERNA, MODEL = sys.argv[1:3]
PROMPT = {"model": "shakespeare", "prompt": "ROMEO:", "temperature": 0}
CHAT = {"model": "shakespeare", "messages": [{"role": "user", "content": "ROMEO:"}], "temperature": 0}
TEXT = "\nThe state of the sea"


class OpenAI(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen([STERNA, "serve", MODEL, "--port", "0", "--lanes", "2", "--api-key", "sesame"], stdout=subprocess.PIPE, text=True)
        cls.url = cls.process.stdout.readline().split()[-1] + "/v1"
        assert cls.process.stdout.readline().startswith("ready: ")
        cls.client = openai.OpenAI(base_url=cls.url, api_key="sesame", max_retries=0)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.process.terminate()
        assert cls.process.wait(60) == 0

    def test_models(self):
        self.assertEqual([model.id for model in self.client.models.list()], ["shakespeare"])
        self.assertEqual(self.client.models.retrieve("shakespeare").owned_by, "sterna")

    def test_completion(self):
        reply = self.client.completions.create(max_tokens=len(TEXT), logprobs=2, n=2, **PROMPT)
        self.assertEqual([choice.text for choice in reply.choices], [TEXT, TEXT])
        self.assertEqual(reply.choices[0].finish_reason, "length")
        self.assertEqual("".join(reply.choices[1].logprobs.tokens), TEXT)
        self.assertEqual((reply.usage.prompt_tokens, reply.usage.completion_tokens), (6, 2 * len(TEXT)))

    def test_stream_of_a_completion(self):
        stream = self.client.completions.create(max_tokens=len(TEXT), stream=True, stream_options={"include_usage": True}, **PROMPT)
        chunks = list(stream)
        self.assertEqual("".join(chunk.choices[0].text for chunk in chunks[:-1]), TEXT)
        self.assertEqual(chunks[-1].usage.total_tokens, 6 + len(TEXT))

    def test_chat(self):
        reply = self.client.chat.completions.create(max_completion_tokens=30, stop=["sea"], logprobs=True, top_logprobs=3, **CHAT)
        choice = reply.choices[0]
        self.assertEqual((choice.message.role, choice.message.content), ("assistant", TEXT[:-3]))
        self.assertEqual(choice.finish_reason, "stop")
        self.assertEqual([len(token.top_logprobs) for token in choice.logprobs.content], [3] * len(TEXT))

    def test_stream_of_a_chat(self):
        stream = self.client.chat.completions.create(max_tokens=len(TEXT), stream=True, **CHAT)
        self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in stream), TEXT)

    def test_a_stream_that_is_closed(self):
        stream = self.client.completions.create(max_tokens=4000, stream=True, **PROMPT)
        next(iter(stream))
        stream.close()

    def test_errors(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.completions.create(max_tokens=0, **PROMPT)
        self.assertEqual(caught.exception.param, "max_tokens")
        with self.assertRaises(openai.NotFoundError) as caught:
            self.client.completions.create(model="other", prompt="a")
        self.assertEqual(caught.exception.code, "model_not_found")
        with openai.OpenAI(base_url=self.url, api_key="wrong") as wrong, self.assertRaises(openai.AuthenticationError):
            wrong.models.list()


unittest.main(argv=sys.argv[:1])
