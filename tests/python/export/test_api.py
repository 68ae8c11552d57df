"""Endpoints as models, against a local service."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from consilience_export.cli import main
from consilience_export.endpoint import Endpoint, Pace
from consilience_export.errors import ExportError, TransientError, UsageError
from safetensors.numpy import load_file

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from embedding_service import EmbeddingService, vector

CAPTIONS = ["a cat", "ein Hund", "a cat", "größe 北京"]


@pytest.fixture(params=["openai", "tei"])
def service(request):
    with EmbeddingService(request.param) as running:
        yield running


@pytest.fixture
def openai():
    with EmbeddingService("openai") as running:
        yield running


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def run(*words):
    return main([str(word) for word in words])


def imported(service, models, *more):
    assert run("import", f"api:{service.url}#tiny-1", "--name", "svc", "--out", models, *more) == 0
    (package,) = models.glob("svc@*")
    return package


def card_of(package):
    return json.loads((package / "card.json").read_text())


def embed(package, tmp_path, captions=CAPTIONS, *more):
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    out = tmp_path / "vectors.safetensors"
    out.unlink(missing_ok=True)
    code = run(
        "embed", "--package", package, "--captions", tmp_path / "captions.json",
        "--cache", tmp_path / "cache", "--out", out, *more,
    )  # fmt: skip
    return code, out


def test_a_service_becomes_a_package(service, models):
    card = card_of(imported(service, models, "--requests-per-second", 1000))
    identity = card["identity"]
    assert identity["layers"] == [
        {"name": "endpoint", "width": 8, "kind": "sentence", "normed": True}
    ]
    assert identity["poolings"] == ["endpoint"] and card["segments"] == []
    assert identity["endpoint"]["api"] == service.api
    assert identity["endpoint"]["url"] == service.url
    assert identity["endpoint"]["model"] == "tiny-1"
    assert len(identity["endpoint"]["fingerprint"]) == 15
    assert float(card["about"]["measured_error"]["endpoint"]) == 0
    assert card["runtime"]["requests_per_second"] == 1000


def test_importing_again_keeps_the_package_while_the_answers_agree(service, models, capsys):
    first = imported(service, models)
    service.noise = 1e-5
    assert imported(service, models) == first
    assert "kept" in capsys.readouterr().err
    service.salt = "another model"
    assert run("import", f"api:{service.url}#tiny-1", "--name", "svc", "--out", models) == 0
    assert len(list(models.glob("svc@*"))) == 2


def test_the_vectors_are_those_of_the_service_and_asked_for_once(service, models, tmp_path):
    package = imported(service, models)
    service.requests.clear()
    code, out = embed(package, tmp_path)
    assert code == 0
    expected = np.stack([vector(text, 8) for text in CAPTIONS]).astype(np.float32)
    np.testing.assert_array_equal(load_file(out)["embeddings"], expected)
    assert [text for text in service.texts if text in CAPTIONS] == [
        "a cat",
        "ein Hund",
        CAPTIONS[3],
    ]
    service.requests.clear()
    assert embed(package, tmp_path)[0] == 0
    assert service.requests == []
    code, out = embed(package, tmp_path, ["new", *CAPTIONS])
    assert code == 0 and service.requests[1:] == [["new"]]


def test_a_busy_service_is_asked_again_after_what_it_says(openai):
    openai.troubles = [(429, {"Retry-After": "0.2"}, b"slow down"), (503, {}, b"")]
    endpoint = Endpoint(openai.url, "openai", "m", Pace(first_wait=0.05))
    started = time.monotonic()
    assert endpoint.embed(["x"]).shape == (1, 8)
    assert 0.28 < time.monotonic() - started < 2
    assert len(openai.requests) == 3


def test_a_wait_that_is_too_long_is_told_at_once(openai):
    openai.troubles = [(429, {"Retry-After": "86400"}, b"quota")]
    with pytest.raises(TransientError, match="asks to wait 86400 s: try again later"):
        Endpoint(openai.url, "openai").embed(["x"])


def test_what_was_answered_before_a_failure_is_kept(openai, models, tmp_path, capsys):
    package = imported(openai, models)
    captions = [f"text {i}" for i in range(40)]
    right = [lambda answer: answer] * 2  # the probe and the first batch
    openai.troubles = [*right, (500, {}, b"down"), (500, {}, b"down")]
    code, out = embed(package, tmp_path, captions, "--tries", 1)
    assert code == 4 and not out.exists()
    assert "16 of 40 texts are answered and kept: run again" in capsys.readouterr().err
    openai.troubles.clear()
    openai.requests.clear()
    assert embed(package, tmp_path, captions)[0] == 0
    assert sorted(t for t in openai.texts if t in captions) == sorted(captions[16:])
    expected = np.stack([vector(text, 8) for text in captions]).astype(np.float32)
    np.testing.assert_array_equal(load_file(out)["embeddings"], expected)
    assert list(tmp_path.glob(".*partial")) == []


def test_nobody_there_is_transient(openai, models, tmp_path, capsys):
    package = imported(openai, models)
    openai.__exit__()
    assert embed(package, tmp_path, CAPTIONS, "--tries", 1)[0] == 4
    assert "Connection refused" in capsys.readouterr().err


def test_another_model_behind_the_same_url_is_refused(service, models, tmp_path, capsys):
    package = imported(service, models)
    service.salt = "other weights"
    code, out = embed(package, tmp_path)
    assert code == 3 and not out.exists()
    assert "the model behind it has changed: other vectors" in capsys.readouterr().err
    service.salt, service.width = "", 9
    assert embed(package, tmp_path)[0] == 3
    assert "vectors of 9 numbers, the card says 8" in capsys.readouterr().err


def drop_one(answer):
    return answer | {"data": answer["data"][1:]}


def twice_the_same(answer):
    return answer | {"data": [answer["data"][0]] * 2}


def not_finite(answer):
    answer["data"][0]["embedding"][0] = float("nan")
    return answer


def ragged(answer):
    answer["data"][0]["embedding"] = [1.0]
    return answer


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ((200, {}, b"<html>proxy</html>"), "not JSON but '<html>proxy</html>'"),
        ((401, {}, b"no key"), "wants a key in the environment's CONSILIENCE_API_KEY"),
        ((400, {}, b"too long"), "HTTP 400 ('too long')"),
        ((302, {"Location": "http://elsewhere"}, b""), "HTTP 302"),
        (drop_one, "expected 2 vectors"),
        (twice_the_same, "expected 2 vectors"),
        (not_finite, "not finite"),
        (ragged, "expected 2 vectors of one width"),
        (lambda answer: {"vectors": 1}, "expected 2 vectors of one width as openai answers"),
        (lambda answer: 7, "expected 2 vectors"),
    ],
)
def test_wrong_answers_are_refused_at_once(openai, trouble, message):
    openai.troubles = [trouble]
    with pytest.raises(ExportError) as error:
        Endpoint(openai.url, "openai").embed(["x", "y"])
    assert error.value.exit_code == 3 and message in str(error.value)
    assert len(openai.requests) == 1


def test_a_service_that_does_not_repeat_itself_is_no_model(openai, models, capsys):
    openai.noise = 0.1
    assert run("import", f"api:{openai.url}#m", "--out", models) == 3
    assert "asked the same twice" in capsys.readouterr().err
    assert list(models.glob("*@*")) == []


def test_the_key_is_sent_and_kept_nowhere(openai, models, tmp_path, monkeypatch):
    monkeypatch.setenv("CONSILIENCE_API_KEY", "s3cret")
    package = imported(openai, models)
    assert embed(package, tmp_path)[0] == 0
    assert {headers["Authorization"] for headers in openai.headers} == {"Bearer s3cret"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not any(b"s3cret" in path.read_bytes() for path in files)


@pytest.mark.parametrize("url", ["http://me:pw@host/v1", "http://host/v1?key=x", "ftp://host"])
def test_urls_that_hold_a_secret_or_are_none_are_refused(url):
    with pytest.raises(UsageError):
        Endpoint(url, "openai")


def test_what_a_service_cannot_have_is_refused_unasked(service, tmp_path, capsys):
    for words in (["--twins", 1], ["--dtype", "f16"], ["--pool", "mean"], ["--segments", 2]):
        assert run("import", f"api:{service.url}", *words, "--out", tmp_path) == 2
        assert words[0] in capsys.readouterr().err
    assert service.requests == []


def test_requests_keep_their_distance(openai):
    endpoint = Endpoint(openai.url, "openai", pace=Pace(requests_per_second=20))
    started = time.monotonic()
    for _ in range(5):
        endpoint.embed(["x"])
    assert time.monotonic() - started > 4 / 20


def test_a_package_of_another_kind_is_no_endpoint(tmp_path, capsys):
    (tmp_path / "card.json").write_text('{"identity": {}}')
    assert embed(tmp_path, tmp_path)[0] == 3
    assert "not an endpoint's" in capsys.readouterr().err


def test_a_key_is_never_shown(openai, models, tmp_path, monkeypatch, capsys):
    package = imported(openai, models)
    monkeypatch.setenv("CONSILIENCE_API_KEY", "s3cret\n")  # as a file's last line has it
    openai.troubles += [(401, {}, b"Incorrect API key provided: s3cret")]
    assert embed(package, tmp_path)[0] == 3
    error = capsys.readouterr().err
    assert "s3cret" not in error and "Incorrect API key provided: ***" in error
    assert openai.headers[-1]["Authorization"] == "Bearer s3cret"
    for key in ("s3cret\nX-Other: 1", "s3crét"):
        monkeypatch.setenv("CONSILIENCE_API_KEY", key)
        assert embed(package, tmp_path)[0] == 2
        error = capsys.readouterr().err
        assert "s3cr" not in error and "CONSILIENCE_API_KEY" in error


def test_a_damaged_package_or_cache_is_told(openai, models, tmp_path, capsys):
    package = imported(openai, models)
    whole = (package / "card.json").read_text()
    for text in ("", "[]", "null", '{"identity": []}', '{"identity": {"endpoint": {"api": "x"}}}'):
        (package / "card.json").write_text(text)
        assert embed(package, tmp_path)[0] == 3
        assert capsys.readouterr().err.count("\n") <= 2
    (package / "card.json").write_text(whole)
    (tmp_path / "cache").mkdir(exist_ok=True)
    (tmp_path / "cache" / "answers.sqlite").write_bytes(b"no database" * 100)
    assert embed(package, tmp_path)[0] == 3
    assert "answers.sqlite" in capsys.readouterr().err


def test_captions_that_are_no_text_are_refused(openai, models, tmp_path, capsys):
    package = imported(openai, models)
    assert embed(package, tmp_path, ["a", "\ud800"])[0] == 3
    assert "entry 1" in capsys.readouterr().err
