"""Packages: their hash, their card, all or nothing, kept when whole."""

import json

import pytest
import tiny
from consilience_export import build, card, identity, package
from consilience_export.errors import ExportError, TransientError
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.spec import Spec

FACTS = {"parameters": 1, "licence": "none", "source": "made here", "objective": "none"}
MODEL = Job("tiny", Spec("pypi", "tiny"), ImportOptions(), "Tiny", FACTS)


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "load", lambda job: tiny.tiny_bert())
    return tmp_path


def export_all(out, twins=0):
    return list(import_model(MODEL, twins, out))


def read(folder):
    return json.loads((folder / "card.json").read_text())


def test_identity_hash_is_the_documented_one():
    content = {"name": "é", "b": [1, "0.5"], "a": {"d": True, "c": None}}
    assert identity.canonical_json(content).decode() == (
        '{"a":{"c":null,"d":true},"b":[1,"0.5"],"name":"é"}'
    )
    assert identity.identity_hash(content).startswith("a0d7f0d756e99f9c")


def test_floats_enter_the_identity_as_strings():
    assert identity.hashable({"a": (1, 1e-12, True)}) == {"a": [1, "1e-12", True]}


def test_the_hash_is_stable_and_names_the_folder(out):
    (folder,) = export_all(out)
    again = card.build_identity("tiny", tiny.tiny_bert())
    assert read(folder)["identity"] == again
    assert folder.name == f"tiny@{identity.identity_hash(again)[:8]}"
    assert sorted(p.name for p in folder.iterdir()) == ["card.json", "model.ts", "tokenizer.json"]


def test_the_hash_follows_every_weight():
    encoder = tiny.tiny_bert()
    before = card.tensors_sha256(encoder.original)
    encoder.original.embeddings.word_embeddings.weight.data[3, 3] += 1e-6
    assert card.tensors_sha256(encoder.original) != before


def test_no_float_stands_in_an_identity(encoder):
    def check(value):
        assert not isinstance(value, float)
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, (dict, list)):
                check(inner)
            assert not isinstance(inner, float)

    check(card.build_identity("tiny", encoder))


def test_card_has_the_documented_keys(out):
    (folder,) = export_all(out)
    content = read(folder)
    assert set(content) == {"format", "identity", "segments", "runtime", "about"}
    assert content["format"] == "consilience-card/1"
    hashed = content["identity"]
    assert hashed["layers"][0] == {
        "name": "embedding",
        "width": 24,
        "kind": "embedding",
        "normed": True,
    }
    assert [layer["name"] for layer in hashed["layers"]] == ["embedding", "block_0", "block_1"]
    assert hashed["poolings"] == ["first", "last", "mean"] and hashed["scalars"] == []
    assert hashed["tokens"]["special_tokens"] == "[CLS] x [SEP]"
    assert content["segments"][0]["bytes"] == (folder / "model.ts").stat().st_size
    about = content["about"]
    assert about["role"] == "trained" and about["family"] == "Tiny" and "twin_of" not in about
    assert list(about["measured_error"]) == ["embedding", "block_0", "block_1"]


def test_twins_are_packages_of_their_own(out):
    trained, first, second = export_all(out, twins=2)
    assert [f.name.split("@")[0] for f in (first, second)] == ["tiny.random-1", "tiny.random-2"]
    cards = [read(folder) for folder in (trained, first, second)]
    assert cards[1]["about"]["twin_of"] == "tiny" and cards[1]["about"]["role"] == "random"
    assert cards[1]["identity"]["weights"]["seed"] == 1
    assert len({c["identity"]["tensors_sha256"] for c in cards}) == 3
    assert cards[0]["identity"]["layers"] == cards[2]["identity"]["layers"]


def test_a_whole_package_is_kept_untouched(out, capsys):
    (folder,) = export_all(out)
    before = (folder / "card.json").stat().st_mtime_ns
    capsys.readouterr()
    assert export_all(out) == [folder]
    assert "kept tiny@" in capsys.readouterr().err
    assert (folder / "card.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("file", ["model.ts", "tokenizer.json", "card.json"])
def test_a_damaged_package_is_made_again(out, file):
    (folder,) = export_all(out)
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)
    if file == "card.json":
        (folder / file).write_bytes(b"{")
    assert package.read_card(folder) is None
    assert export_all(out) == [folder]
    assert package.read_card(folder) is not None
    assert [path.name for path in out.iterdir()] == [folder.name]


def test_a_refused_artefact_leaves_nothing(out, monkeypatch):
    broken = tiny.tiny_bert()
    honest = broken.module.call
    broken.module.call = lambda ids, mask: honest(ids, mask * 0 + 1)
    monkeypatch.setattr(build, "load", lambda job: broken)
    with pytest.raises(ExportError, match="tiny: layer block_0: artefact differs"):
        export_all(out)
    assert list(out.iterdir()) == []


def test_leftovers_of_a_killed_export_go_away_and_two_exporters_do_not_mix(tmp_path):
    (tmp_path / f".dead{package.PARTIAL}").mkdir()
    with package.exclusive(tmp_path):
        assert not (tmp_path / f".dead{package.PARTIAL}").exists()
        with pytest.raises(TransientError, match="another import"), package.exclusive(tmp_path):
            pass


def test_older_packages_of_a_name_can_be_removed(out):
    (new,) = export_all(out)
    for name in ("tiny@00000000", "tiny.random-1@00000000"):
        (out / name).mkdir()
    package.remove_older(new)
    assert {folder.name for folder in out.glob("tiny*@*")} == {new.name, "tiny.random-1@00000000"}
