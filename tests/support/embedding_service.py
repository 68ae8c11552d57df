"""A small service for embeddings, of either kind, that can be told to misbehave."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


def vector(text: str, width: int, salt: str = "") -> np.ndarray:
    """Unit length, the same for the same text, always."""
    seed = int.from_bytes(hashlib.sha256((salt + text).encode()).digest()[:8], "little")
    drawn = np.random.default_rng(seed).standard_normal(width)
    return drawn / np.linalg.norm(drawn)


class EmbeddingService:
    """Runs in a thread of its own between `with`. `api`: openai or tei.

    `requests`: the texts of each request that was answered or refused. `troubles`: what to do in
    place of an answer, in order: (status, headers, body), or a function of the right answer.
    """

    def __init__(self, api="openai", width=8, salt="", noise=0.0):
        self.api, self.width, self.salt, self.noise = api, width, salt, noise
        self.requests, self.headers, self.troubles = [], [], []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                service._answer(self)

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        root = f"http://127.0.0.1:{self._server.server_port}"
        return root + "/v1" if self.api == "openai" else root

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error):
        self._server.shutdown()
        self._server.server_close()

    @property
    def texts(self) -> list[str]:
        return [text for request in self.requests for text in request]

    def _answer(self, handler):
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        expected = "/v1/embeddings" if self.api == "openai" else "/embed"
        if handler.path != expected:
            return self._send(handler, 404, {}, b"no such path")
        texts = body["input" if self.api == "openai" else "inputs"]
        self.requests.append(texts)
        self.headers.append(dict(handler.headers))
        answer = self._right(texts)
        if self.troubles:
            trouble = self.troubles.pop(0)
            if isinstance(trouble, tuple):
                return self._send(handler, *trouble)
            answer = trouble(answer)
        return self._send(handler, 200, {}, json.dumps(answer).encode())

    def _right(self, texts):
        rows = [vector(text, self.width, self.salt) for text in texts]
        if self.noise:
            rows = [row + self.noise * len(self.requests) for row in rows]
        rows = [row.tolist() for row in rows]
        if self.api == "tei":
            return rows
        data = [{"index": i, "embedding": row} for i, row in enumerate(rows)]
        return {"data": data[::-1], "model": "any"}  # order is by index, not by place

    @staticmethod
    def _send(handler, status, headers, body):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
