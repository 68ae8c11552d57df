"""Sound as a third modality, from files to the page; recordings that are none."""

import csv
import json
import struct

import pytest
from sound import RATE, make_package, make_set, write_lines, write_tone

STUDY = """
name = "three"
[data]
source = "set"
on_bad_sample = "{bad}"
[[models]]
use = "ear"
twins = 0
[[models]]
use = "eye"
twins = 0
[[models]]
use = "reader"
twins = 0
[metrics]
list = ["mutual_knn(k=4)", "cka_linear_debiased"]
pairs = "{pairs}"
[inference]
permutations = 19
splits = 3
"""


@pytest.fixture
def three(tmp_path):
    """A store with a model for each modality, a data set, and a study; gives the set's lines."""
    for tiny, name in (("tiny-vision", "eye"), ("tiny-text", "reader"), ("tiny-audio", "ear")):
        make_package(tmp_path / "store", tiny, name)
    write_study(tmp_path)
    return make_set(tmp_path / "set")


def write_study(folder, bad="stop", pairs="cross-modal"):
    (folder / "study.toml").write_text(STUDY.format(bad=bad, pairs=pairs))


def scores(folder):
    with open(folder / "store/reports/three/tables/scores.csv", newline="") as table:
        return list(csv.DictReader(table))


def pairs_of(folder):
    return {(row["model_a"], row["model_b"]) for row in scores(folder)}


def test_a_three_way_study(cli, three, tmp_path):
    first = cli("run", "study.toml")
    assert "2 of 24 recordings cut to their first 0.2 s" in first.stderr
    assert pairs_of(tmp_path) == {("eye", "reader"), ("eye", "ear"), ("reader", "ear")}
    assert all(row["value"] != "" or row["reason"] for row in scores(tmp_path))
    assert len([row for row in scores(tmp_path) if row["p"]]) == 6
    page = (tmp_path / "store/reports/three/index.html").read_text()
    for title in ("vision × text", "vision × audio", "text × audio"):
        assert title in page and title in first.stdout
    assert "audio: mean" in page and "2 recordings longer than 0.2 s, cut there" in page
    again = cli("run", "study.toml")
    assert "nothing to do" in again.stderr and again.stdout == first.stdout
    assert cli("store", "verify").stdout.strip().endswith("0 problems")


def test_pairs_within_and_all(cli, three, tmp_path):
    write_study(tmp_path, pairs="within")
    assert "leaves no pair among 3 models" in cli.refusal("run", "study.toml", code=2)
    make_package(tmp_path / "store", "tiny-audio", "ear2")
    text = (tmp_path / "study.toml").read_text()
    more = '[[models]]\nuse = "ear2"\ntwins = 0\n[metrics]'
    (tmp_path / "study.toml").write_text(text.replace("[metrics]", more))
    cli("run", "study.toml", "--quiet")
    assert pairs_of(tmp_path) == {("ear", "ear2")}


def test_threads_change_no_byte(cli, three, tmp_path):
    tables = []
    for threads in (1, 3):
        cli("run", "study.toml", "--quiet", "--threads", threads, "--store", "store")
        tables.append((tmp_path / "store/reports/three/tables/scores.csv").read_bytes())
        for name in ("features", "graphs", "scores", "reports"):
            for path in sorted((tmp_path / "store" / name).rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
    assert tables[0] == tables[1]


def test_show_tells_what_is_heard(cli, three):
    text = cli("data", "show", "set").stdout
    assert "24 rows, 24 of them valid" in text
    assert f"0.10 to 1.50 s a recording, at {RATE} Hz" in text
    assert "0.wav" in text
    sound = cli.json("data", "show", "set")["sound"]
    assert sound["rates"] == [RATE] and sound["longest_s"] == 1.5


def test_show_of_a_folder_of_recordings(cli, tmp_path):
    (tmp_path / "tones").mkdir()
    for name in "ba":
        write_tone(tmp_path / f"tones/{name}.wav", 440, 0.5)
    text = cli("data", "show", "tones").stdout
    assert "2 rows, 2 of them valid" in text and "1.0 s in all" in text
    (tmp_path / "tones/c.m4a").write_text("x")
    assert "c.m4a: unknown extension" in cli("data", "show", "tones", code=3).stdout


def missing(file):
    file.unlink()
    return "no such file"


def empty(file):
    file.write_bytes(b"")
    return "empty file (0 bytes)"


def text(file):
    file.write_text("no sound at all\n")
    return "text, not a recording"


def truncated(file):
    file.write_bytes(file.read_bytes()[:-300])
    return "truncated: its header promises"


def without_frames(file):
    write_tone(file, 440, 0)
    return "0 frames"


def not_finite(file):
    values = struct.pack("<3f", 0.5, float("nan"), 0.5)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(values), b"WAVE", b"fmt ", 16, 3, 1, RATE, RATE * 4, 4, 32, b"data", len(values))  # fmt: skip # noqa: E501
    file.write_bytes(header + values)
    return "frame 1 is not a finite number"


def short(file):
    write_tone(file, 440, 9 / RATE)
    return "18 samples at 16000 Hz are too short for model ear: expected at least 20"


SPOILERS = [missing, empty, text, truncated, without_frames, not_finite, short]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_a_bad_recording_stops_the_study_or_is_skipped_in_every_model(cli, three, tmp_path, spoil):
    reason = spoil(tmp_path / "set/5.wav")
    message = cli.refusal("run", "study.toml")
    assert "line 6: sample s5: 5.wav" in message and reason in message
    assert not (tmp_path / "store/features").exists()

    write_study(tmp_path, bad="skip")
    cli("run", "study.toml", "--quiet")
    assert {row["n"] for row in scores(tmp_path)} == {"23"}
    assert reason in (tmp_path / "store/reports/three/index.html").read_text()


@pytest.mark.parametrize("path", ["../5.wav", "/etc/5.wav"])
def test_paths_stay_inside(cli, three, tmp_path, path):
    three[5]["audio"] = path
    write_lines(tmp_path / "set", three)
    message = cli.refusal("run", "study.toml")
    assert f"the recording's path {path} leaves the data set's folder" in message


def test_a_set_without_sound_is_told(cli, three, tmp_path):
    write_lines(tmp_path / "set", [line | {"audio": None} for line in three])
    assert "sample s0: recording missing" in cli.refusal("run", "study.toml")


def test_who_does_not_listen_does_not_look(cli, three, tmp_path):
    """A data set with sound has the hash that it had without, where no model listens."""
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(text.replace('[[models]]\nuse = "ear"\ntwins = 0\n', ""))
    cli("run", "study.toml", "--quiet")
    (with_sound,) = (tmp_path / "store/data").iterdir()
    record = json.loads((with_sound / "samples.json").read_text())
    assert "audio" not in record["samples"][0]
    write_lines(tmp_path / "set", [line | {"audio": "gone.wav"} for line in three])
    assert "nothing to do" in cli("run", "study.toml").stderr
