"""Models from import to study: packages, services, bits per byte, and every wrong word."""

import json
import math
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import tiny_zoo
from embedding_service import EmbeddingService
from program import Cli

ONE_TOKEN = "q"
CAPTIONS = [
    "a photo of the cat",
    "der Hund 北京 größer € 🙂 und noch ein langes Stück",
    ONE_TOKEN,
    "🙂🙂🙂🙂🙂🙂",
    *(f"caption number {i} of the mat" for i in range(20)),
]
MAX_TOKENS = 12


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """A folder with two causal models, a vision transformer, a data set and a store of packages."""
    root = tmp_path_factory.mktemp("zoo")
    tiny_zoo.causal(root / "plain", bos=False)
    tiny_zoo.causal(root / "with-bos", bos=True, seed=5, width=24)
    tiny_zoo.vision(root / "vit")
    (root / "set/images").mkdir(parents=True)
    random = np.random.default_rng(1)
    with open(root / "set/samples.jsonl", "w") as lines:
        for i, caption in enumerate(CAPTIONS):
            pixels = random.integers(0, 255, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / f"set/images/{i}.png")
            row = {"id": f"s{i}", "image": f"images/{i}.png", "caption": caption}
            lines.write(json.dumps(row) + "\n")
    cli = Cli(root)
    made = cli("models", "import", "hf:plain", "hf:with-bos", "hf:vit", "--max-tokens", MAX_TOKENS)
    assert made.stdout.count("largest error") == 3 and "plain: wrote plain@" in made.stderr
    return cli


@pytest.fixture
def packages(zoo, tmp_path):
    """A store of its own with copies of the packages."""
    (tmp_path / "store").mkdir()
    for package in (zoo.folder / "store/models").glob("*@*"):
        target = tmp_path / "store/models" / package.name
        target.mkdir(parents=True)
        for file in package.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
    return Cli(tmp_path)


def test_the_list_says_what_there_is(zoo):
    text = zoo("models").stdout
    assert text == zoo("models", "list").stdout
    assert text.splitlines()[0].split()[:3] == ["name", "modality", "weights"]
    rows = {row["name"]: row for row in zoo.json("models")}
    assert set(rows) == {"plain", "with-bos", "vit"}
    assert rows["plain"]["modality"] == "text" and rows["plain"]["dtype"] == "f32"
    assert rows["plain"]["bytes"] > 10_000 and rows["plain"]["width"] == 16


def test_show_is_a_page_or_the_card(zoo):
    page = zoo("models", "show", "plain").stdout
    for words in ("block_1", "final_norm", "measured error", "12 tokens", "tokenizer.json", "bpb"):
        assert words in page
    card = zoo.json("models", "show", "plain")
    assert card["identity"]["tokens"]["max_tokens"] == MAX_TOKENS
    assert "pictures" in zoo("models", "show", "vit").stdout


def test_dequantised_weights_are_flagged(packages):
    (package,) = (packages.folder / "store/models").glob("plain@*")
    card = json.loads((package / "card.json").read_text())
    card["about"]["quantised_from"] = "Q4_1"
    (package / "card.json").write_text(json.dumps(card))
    assert "f32 < Q4_1" in packages("models").stdout
    assert "dequantised from Q4_1" in " ".join(packages("models", "show", "plain").stdout.split())


def test_a_damaged_package_is_found_and_hides_no_other(packages):
    assert "3 packages, 0 problems" in packages("models", "verify", "--all").stdout
    (package,) = (packages.folder / "store/models").glob("plain@*")
    content = bytearray((package / "model.ts").read_bytes())
    content[100] ^= 1
    (package / "model.ts").write_bytes(content)
    assert "expected sha256" in packages("models", "verify", "plain", code=3).stdout
    assert "3 packages, 1 problems" in packages("models", "verify", "--all", code=3).stdout
    (package / "card.json").write_text("{")
    listed = packages("models")
    assert "vit" in listed.stdout and "not a package" in listed.stderr


def test_remove_takes_a_package_and_nothing_else(packages):
    assert "removed plain@" in packages("models", "remove", "plain").stdout
    assert {row["name"] for row in packages.json("models")} == {"with-bos", "vit"}
    assert packages.refusal("models", "remove", "vitt", code=2).endswith(
        "(did you mean 'vit'?); `consilience models` lists them"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["show", "plane"], 2, "did you mean 'plain'?"),
        (["shwo", "plain"], 2, "did you mean 'show'?"),
        (["nonsense"], 2, "unknown verb 'nonsense' of 'models'"),
        (["bpb", "vit", "--data", "set/samples.jsonl"], 2, "bits per byte are of causal"),
        (["bpb", "plain", "--data", "nowhere.jsonl"], 3, "no such file"),
        (["verify"], 2, "name one model, or give --all"),
        (
            ["show", "zoo:prh-fig3"],
            3,
            "bloomz-7b1 and 24 more; make them: consilience models import",
        ),
        (["zoo", "pythea"], 2, "did you mean 'pythia'?"),
    ],
)
def test_wrong_words(zoo, words, code, said):
    assert said in zoo.refusal("models", *words, code=code)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing to import"),
        (["hf:plain", "--tvins", 1], 2, "--tvins"),
        (["nosuch:model"], 2, "neither a model of the zoo nor one of"),
        (["hf:nowhere-at-all"], 4, "nowhere-at-all"),
    ],
)
def test_python_has_the_last_word_on_imports(zoo, words, code, said):
    result = zoo("models", "import", *words, code=code, HF_HUB_OFFLINE="1")
    assert said in result.stderr and "Traceback" not in result.stderr


def test_import_help_is_that_of_python(zoo):
    text = zoo("models", "import", "--help").stdout
    assert "usage: consilience models import" in text and "--twins" in text


def test_a_missing_python_is_told_with_what_to_install(zoo):
    said = zoo("models", "import", "hf:plain", code=3, CONSILIENCE_PYTHON="/nowhere/python").stderr
    assert "/nowhere/python: no such Python" in said and "pip install" in said


def test_imports_are_listed_as_json(zoo):
    (row,) = zoo.json("models", "import", "hf:plain", "--max-tokens", MAX_TOKENS)
    assert row["key"].startswith("plain@") and row["about"]["measured_error"]


def test_the_zoo_marks_what_is_there(zoo):
    assert "gated" in zoo("models", "zoo", "llama").stdout
    rows = zoo.json("models", "zoo", "pythia")
    assert len(rows) > 5 and not any(row["imported"] for row in rows)


def by_transformers(folder):
    """(nll in nats, predicted tokens, bytes) of every caption by LlamaForCausalLM's own loss."""
    model = LlamaForCausalLM.from_pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    plain_tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    documents = []
    for caption in CAPTIONS:
        ids = tokenizer.encode(caption).ids
        nll = 0.0
        if len(ids) > 1:
            batch = torch.tensor([ids])
            with torch.no_grad():
                nll = model(batch, labels=batch).loss.item() * (len(ids) - 1)
        tokens = [plain_tokens.id_to_token(i) for i in ids]
        size = sum(len(token) for token in tokens if token != tiny_zoo.BOS)  # a letter a byte
        documents.append((nll, len(ids) - 1, size))
    return documents


@pytest.mark.parametrize("name", ["plain", "with-bos"])
def test_bits_per_byte_are_those_of_transformers(zoo, name):
    expected = by_transformers(zoo.folder / name)
    found = zoo.json("models", "bpb", name, "--data", "set/samples.jsonl")
    assert found["predicted_tokens"] == sum(tokens for _, tokens, _ in expected)
    assert found["bytes"] == sum(size for *_, size in expected)
    total = sum(nll for nll, *_ in expected) / (math.log(2) * found["bytes"])
    assert found["bits_per_byte"] == pytest.approx(total, rel=1e-4)
    for document, (nll, tokens, size) in zip(found["documents"], expected, strict=True):
        assert (document["predicted_tokens"], document["bytes"]) == (tokens, size)
        if tokens == 0:
            assert document["bits_per_byte"] is None and document["nll"] == 0
        else:
            bits = nll / (math.log(2) * size)
            assert document["bits_per_byte"] == pytest.approx(bits, rel=1e-4)
    assert found["unpredicted_documents"] == (name == "plain")
    assert found["truncated_documents"] >= 2
    text = zoo("models", "bpb", name, "--data", "set/samples.jsonl").stdout
    assert f"{found['bits_per_byte']:.4f} bits per byte" in text and "12 tokens" in text


STUDY = """
name = "services"
[data]
source = "set/samples.jsonl"
[[models]]
use = "vit"
twins = 0
[[models]]
use = "plain"
twins = 0
[[models]]
use = "with-bos"
twins = 0
[[models]]
use = "svc"
twins = 0
[curves]
x = ["params", "bits_per_byte"]
[inference]
permutations = 10
splits = 4
[store]
keep = "{keep}"
"""


@pytest.fixture
def service():
    with EmbeddingService("openai") as running:
        yield running


@pytest.fixture
def study(packages, zoo, service):
    (packages.folder / "set").symlink_to(zoo.folder / "set")
    packages("models", "import", f"api:{service.url}#tiny-1", "--name", "svc", "--quiet")
    service.requests.clear()

    def write(keep="features"):
        (packages.folder / "study.toml").write_text(STUDY.format(keep=keep))

    write()
    packages.write_study = write
    return packages


def test_a_service_stands_beside_packages_in_a_study(study, service):
    first = study("run", "study.toml")
    assert "longer than 12 tokens" in first.stderr
    assert sorted(text for text in service.texts if text in CAPTIONS) == sorted(CAPTIONS)
    page = (study.folder / "store/reports/services/index.html").read_text()
    assert "svc" in page and "bits per byte" in page and "longer than 12 tokens" in page
    bits = study.json("models", "bpb", "plain", "--data", "set/samples.jsonl")["bits_per_byte"]
    assert f"{bits:.3f} bits per byte on these captions" in page
    assert "bits per byte, fewer is better" in curves(study)
    service.requests.clear()
    assert "nothing to do" in study("run", "study.toml").stderr
    assert service.requests == []


def curves(study):
    page = (study.folder / "store/reports/services/index.html").read_text()
    return page.split('<section id="curves">')[1].split("</section>")[0]


def test_bits_per_byte_outlive_released_features(study):
    kept = study("run", "study.toml", "--quiet").stdout
    before = curves(study)
    for name in ("features", "graphs", "scores", "reports"):
        shutil.rmtree(study.folder / "store" / name)
    study.write_study(keep="scores")
    assert study("run", "study.toml", "--quiet").stdout == kept
    assert not list((study.folder / "store/features").rglob("*.safetensors"))
    assert curves(study) == before
    shutil.rmtree(study.folder / "store/reports")
    assert study("report", "study.toml").stdout == kept
    assert curves(study) == before


def test_a_service_that_fails_is_told_and_asked_for_the_rest(study, service):
    service.troubles = [lambda answer: answer] * 2 + [(500, {}, b"down")] * 4
    failed = study("run", "study.toml", code=4)
    assert "16 of 24 texts are answered and kept" in failed.stderr
    service.requests.clear()
    study("run", "study.toml", "--quiet")
    assert sorted(t for t in service.texts if t in CAPTIONS) == sorted(CAPTIONS[16:])


def test_another_model_behind_the_service_is_refused(study, service):
    service.salt = "other weights"
    assert "has changed: other vectors" in study("run", "study.toml", code=3).stderr


def test_a_wrong_x_is_told_with_the_near_one(study):
    text = STUDY.format(keep="features").replace("bits_per_byte", "bits_per_bite")
    (study.folder / "study.toml").write_text(text)
    assert "did you mean 'bits_per_byte'?" in study.refusal("run", "study.toml", code=2)


def test_a_caption_without_tokens_is_named(study):
    (study.folder / "bad.jsonl").write_text(
        '{"id": "a", "caption": "words", "image": "set/images/0.png"}\n'
        '{"id": "b", "caption": "  ", "image": "set/images/1.png"}\n'
    )
    said = study.refusal("models", "bpb", "plain", "--data", "bad.jsonl")
    assert "bad.jsonl line 2" in said and "caption missing" in said
