"""`--device`: its words, machines without a GPU, and what doctor and models say of devices."""

import numpy as np
import pytest


def findings(cli):
    """What doctor says, in a folder without packages: that alone makes it exit 3."""
    return {row["what"]: row for row in cli.json("doctor", code=3)}


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", rng.standard_normal((60, 8)).astype(np.float32))
    (tmp_path / "study.toml").write_text(
        'name = "s"\n[data]\nsource = "emoji-things"\n[[models]]\nuse = "zoo:minilm"\n'
    )


VERBS = [
    ["graph", "a.npy"],
    ["compare", "a.npy", "b.npy"],
    ["selftest", "--short"],
    ["run", "study.toml"],
]


@pytest.mark.parametrize("verb", [*VERBS, ["report", "study.toml"]])
@pytest.mark.parametrize("word", ["gpu", "cuda:", "cuda:x", "cuda:3-1", "cuda:1,2", "cpu:0"])
def test_wrong_words_are_exit_2(cli, files, verb, word):
    said = cli.refusal(*verb, "--device", word, code=2)
    assert f"device {word}: expected cpu, cuda (the first device), cuda:1, cuda:0-3" in said


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("word", ["cuda", "cuda:0-1", "cuda:all"])
def test_without_a_device_it_is_one_line_and_exit_3(cli, files, verb, word):
    if "cuda:0" in findings(cli):
        pytest.skip("there is a device")
    assert "CUDA: " in cli.refusal(*verb, "--device", word)


def test_a_device_beyond_the_last_is_exit_3(cli, files):
    assert "CUDA: " in cli.refusal("graph", "a.npy", "--device", "cuda:4000")


def test_the_cpu_is_what_is_used_unless_asked(cli, files, tmp_path):
    cli("graph", "a.npy", "--out", "default.npy")
    cli("graph", "a.npy", "--out", "named.npy", "--device", "cpu")
    assert (tmp_path / "default.npy").read_bytes() == (tmp_path / "named.npy").read_bytes()


def test_doctor_says_what_cuda_needs_and_finds(cli):
    rows = findings(cli)
    if "not built in" in rows["CUDA"]["value"]:
        return
    assert "needs driver 580 or newer" in rows["CUDA"]["value"]
    assert rows["driver"]["value"] == "none" or "serves CUDA" in rows["driver"]["value"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--permutations", "10", "--splitz", "3"], "'--splitz' (did you mean '--splits'?)"),
        (["--interval=none", "--quite"], "'--quite' (did you mean '--quiet'?)"),
        (["--metrc=cka"], "'--metrc' (did you mean '--metric'?)"),
    ],
)
def test_the_hint_is_of_the_word_that_is_wrong(cli, files, words, says):
    assert says in cli.refusal("compare", "a.npy", "b.npy", *words, code=2)


def test_models_say_their_precision(cli, store):
    assert {row["compute"] for row in cli.json("models")} == {"f32"}
    assert "runs in" in cli("models").stdout.splitlines()[0]


def test_a_study_says_its_precision(cli, store, tmp_path):
    (tmp_path / "study.toml").write_text(
        'name = "s"\n[data]\nsource = "emoji-things"\nlimit = 16\n'
        '[[models]]\nuse = "minilm-l3"\ntwins = 0\n[[models]]\nuse = "minilm-l6"\ntwins = 0\n'
        '[features]\ncompute = "bf16"\n[metrics]\nlist = ["mutual_knn(k=3)"]\npairs = "within"\n'
        '[inference]\npermutations = 9\ninterval = "none"\n'
    )
    out = cli("run", "study.toml", "--quiet").stdout
    assert "features: computed in bf16, kept in f32" in out
    keys = {path.name for path in (store / "features").iterdir()}
    text = (tmp_path / "study.toml").read_text().replace('"bf16"', '"card"')
    (tmp_path / "study.toml").write_text(text)
    out = cli("run", "study.toml", "--quiet").stdout
    assert "as the cards say (minilm-l3 in f32, minilm-l6 in f32), kept in f32" in out
    assert len({path.name for path in (store / "features").iterdir()} - keys) == 2
