"""A service that turns texts into vectors: OpenAI-compatible or TEI. One request, told plainly."""

import email.utils
import http.client
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

import numpy as np

from consilience_export.errors import ExportError, TransientError, UsageError

KEY = "CONSILIENCE_API_KEY"
_PATHS = {"openai": "/embeddings", "tei": "/embed"}
_SECONDS = 60.0  # that one answer may take
_LONGEST_WAIT = 120.0  # that a service may ask for between two tries
_PASSING = {408, 425, 429}  # and everything from 500 on


@dataclass
class Pace:
    """How a service is asked: no more than so often, and again after what passes."""

    requests_per_second: float | None = None
    tries: int = 4
    first_wait: float = 0.5  # doubled with every try
    _earliest: float = 0.0

    def wait_for_turn(self) -> None:
        delay = self._earliest - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        if self.requests_per_second:
            self._earliest = time.monotonic() + 1 / self.requests_per_second


class _PassingError(Exception):
    """Something that another try may get over; `after`: seconds that the service asks for."""

    def __init__(self, what: str, after: float | None = None):
        super().__init__(what)
        self.after = after


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to wherever it points."""

    def redirect_request(self, *_arguments, **_more):
        return None


def _checked(url: str) -> str:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url}: expected http://HOST.. or https://HOST..")
    if parts.username or parts.password or parts.query:
        raise UsageError(
            f"{parts.hostname}: the URL is kept in the card, so it may hold no key, password or "
            f"query: a key goes into the environment's {KEY}"
        )
    return url.rstrip("/")


def _key() -> str | None:
    """Raises UsageError for a key that no header can carry, without showing it."""
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"the environment's {KEY} holds more than one line of ASCII letters")
    return key or None


class Endpoint:
    """`url` as the user gives it (http://host/v1); `api`: openai or tei; `model` may be empty."""

    def __init__(self, url: str, api: str, model: str = "", pace: Pace | None = None):
        path = _PATHS[api]
        self.url = _checked(url)
        self.address = self.url if self.url.endswith(path) else self.url + path
        self.api = api
        self.model = model
        self.pace = pace or Pace()

    def embed(self, texts: list[str]) -> np.ndarray:
        """float32 [n, d], in the order of the texts.

        Raises TransientError when the service is still busy or absent after the last try,
        ExportError for a refusal and for an answer that is not n finite vectors of one width.
        """
        return self._vectors(self._ask(texts), len(texts))

    def _ask(self, texts: list[str]) -> Any:
        for attempt in range(1, self.pace.tries + 1):
            self.pace.wait_for_turn()
            try:
                return self._request(texts)
            except _PassingError as problem:
                wait = problem.after
                if wait is None:
                    wait = self.pace.first_wait * 2 ** (attempt - 1)
                if attempt == self.pace.tries or wait > _LONGEST_WAIT:
                    asked = f"; it asks to wait {wait:.0f} s" if problem.after else ""
                    raise TransientError(
                        f"{self.address}: {problem}, {attempt} times{asked}: try again later"
                        if attempt > 1
                        else f"{self.address}: {problem}{asked}: try again later"
                    ) from None
                print(f"{self.address}: {problem}; again in {wait:.1f} s", file=sys.stderr)
                time.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _request(self, texts: list[str]) -> Any:
        body: dict[str, Any] = {"inputs": texts}
        if self.api == "openai":
            body = {"input": texts, "encoding_format": "float"}
            if self.model:
                body["model"] = self.model
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := _key():
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self.address, json.dumps(body).encode(), headers)
        try:
            opener = urllib.request.build_opener(_NoRedirect)
            with opener.open(request, timeout=_SECONDS) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            self._refused(error)
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            raise _PassingError(_reason(error)) from None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise ExportError(
                f"{self.address}: the answer is not JSON but {_excerpt(content)}"
            ) from None

    def _refused(self, error: urllib.error.HTTPError) -> None:
        """Raises what an HTTP status other than 200 means."""
        try:
            content = error.read()
        except (OSError, http.client.HTTPException) as cut:
            content = _reason(cut).encode()
        said = f"HTTP {error.code} ({_excerpt(content)})"
        if error.code in _PASSING or error.code >= 500:
            raise _PassingError(said, _seconds(error.headers.get("Retry-After"))) from None
        if error.code in (401, 403):
            has = "refuses the key in" if _key() else "wants a key in"
            raise ExportError(f"{self.address}: {said}: it {has} the environment's {KEY}") from None
        raise ExportError(f"{self.address}: {said}") from None

    def _vectors(self, answer: Any, n: int) -> np.ndarray:
        try:
            rows = _openai_rows(answer) if self.api == "openai" else answer
            vectors = np.array(rows, dtype=np.float32)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ExportError(
                f"{self.address}: expected {n} vectors of one width as {self.api} answers, found "
                f"{_excerpt(json.dumps(answer).encode())}"
            ) from None
        if vectors.ndim != 2 or vectors.shape[0] != n or vectors.shape[1] == 0:
            raise ExportError(
                f"{self.address}: expected {n} vectors, found an answer of shape "
                f"{list(vectors.shape)}"
            )
        if not np.isfinite(vectors).all():
            raise ExportError(f"{self.address}: a vector is not finite")
        return vectors


def _openai_rows(answer: Any) -> list[Any]:
    rows = sorted(answer["data"], key=lambda row: row["index"])
    if [row["index"] for row in rows] != list(range(len(rows))):
        raise ValueError("indices that are not 0..n-1")
    return [row["embedding"] for row in rows]


def _excerpt(content: bytes) -> str:
    """The beginning of what a service said; some repeat the key that they refuse."""
    text = " ".join(content.decode("utf-8", "replace").split())
    if key := _key():
        text = text.replace(key, "***")
    return repr(text if len(text) <= 160 else text[:157] + "...")


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, socket.timeout):
        return f"no answer in {_SECONDS:.0f} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def _seconds(text: str | None) -> float | None:
    """A Retry-After: seconds, or a date."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None
