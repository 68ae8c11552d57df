"""A small study from packages to report, on two real models; bad input; resuming."""

import csv
import json
import shutil
import subprocess

import pytest
from program import PROGRAM, ROOT

STUDY = """
name = "small"
[data]
source = "{source}"
limit = {limit}
on_bad_sample = "{bad}"
[[models]]
use = "efficientnet-lite0"
twins = {twins}
[[models]]
use = "minilm-l3"
twins = {twins}
[inference]
permutations = 20
splits = 4
[store]
keep = "{keep}"
{more}
"""


def write_study(
    folder, source="emoji-things", limit=48, bad="stop", twins=0, keep="features", more=""
):
    text = STUDY.format(source=source, limit=limit, bad=bad, twins=twins, keep=keep, more=more)
    (folder / "study.toml").write_text(text)


def scores(folder):
    with open(folder / "store/reports/small/tables/scores.csv", newline="") as table:
        return list(csv.DictReader(table))


def pictures(folder, store, count=14):
    """A .jsonl set of our own: the first pictures of the built-in one."""
    source = store / "sources/emoji-things"
    (folder / "set/images").mkdir(parents=True)
    rows = [json.loads(line) for line in (source / "samples.jsonl").read_text().splitlines()]
    rows = [{key: row[key] for key in ("id", "image", "caption")} for row in rows[:count]]
    for row in rows:
        shutil.copy(source / row["image"], folder / "set" / row["image"])
    return rows


def write_rows(folder, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "set/samples.jsonl").write_text(text)


def test_a_study_runs_then_has_nothing_to_do(cli, store, tmp_path):
    write_study(tmp_path, twins=1)
    first = cli("run", "study.toml", "--quiet")
    assert "report: store/reports/small/index.html" in first.stdout
    page = (tmp_path / "store/reports/small/index.html").read_text()
    assert "efficientnet-lite0" in page and "<svg" in page
    second = cli("run", "study.toml")
    assert "nothing to do" in second.stderr
    assert second.stdout == first.stdout

    rows = scores(tmp_path)
    best = [row for row in rows if row["p"]]
    assert {row["twin"] for row in rows} == {"", "a", "b", "both"}
    assert len(best) == 4
    assert all(0 <= float(row["value"]) <= 1 for row in rows)

    report = cli("report", "study.toml")
    assert report.stdout == first.stdout
    assert cli("store", "verify").stdout.strip().endswith("0 problems")
    assert "efficientnet-lite0" in cli("store", "ls").stdout
    cli("export", "minilm-l3", "x.npy", "--layer", "-1")
    assert (tmp_path / "x.npy").stat().st_size == 128 + 48 * 384 * 4


def test_the_same_bytes_from_any_number_of_threads(cli, store, tmp_path):
    write_study(tmp_path)
    cli("run", "study.toml", "--threads", 1, "--quiet")
    one = snapshot(store)
    for name in ("features", "graphs", "scores", "reports", "data", "plans"):
        shutil.rmtree(store / name)
    cli("run", "study.toml", "--threads", 2, "--quiet")
    assert snapshot(store) == one


def snapshot(store):
    outside = {"events", "tmp", "models", "sources", "leases"}
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.relative_to(store).parts[0] not in outside
    }


@pytest.mark.parametrize("keep", ["graphs", "scores"])
def test_what_is_not_kept_is_dropped_and_the_result_stays(cli, store, tmp_path, keep):
    write_study(tmp_path)
    kept = cli("run", "study.toml", "--quiet").stdout
    for name in ("features", "graphs", "scores", "reports"):
        shutil.rmtree(store / name)
    write_study(tmp_path, keep=keep)
    assert cli("run", "study.toml", "--quiet").stdout == kept
    assert not list((store / "features").rglob("*.safetensors"))
    assert bool(list((store / "graphs").rglob("*.safetensors"))) == (keep == "graphs")
    assert "nothing to do" in cli("run", "study.toml").stderr
    assert cli("store", "verify").stdout.strip().endswith("0 problems")


def test_k_that_is_too_large_is_null_with_the_reason(cli, store, tmp_path):
    write_study(tmp_path, limit=8)
    cli("run", "study.toml", "--quiet")
    assert all(row["value"] == "" and "k" in row["reason"] for row in scores(tmp_path))


def spoil_html(rows, folder):
    (folder / "set" / rows[3]["image"]).write_text("<!DOCTYPE html><title>404</title>")
    return rows[3]["id"], "HTML"


def spoil_truncated(rows, folder):
    picture = folder / "set" / rows[4]["image"]
    picture.write_bytes(picture.read_bytes()[:-400])
    return rows[4]["id"], "truncated"


def spoil_empty(rows, folder):
    (folder / "set" / rows[5]["image"]).write_bytes(b"")
    return rows[5]["id"], "empty"


def spoil_missing(rows, folder):
    (folder / "set" / rows[6]["image"]).unlink()
    return rows[6]["id"], "no such file"


def spoil_caption(rows, folder):
    del rows[2]["caption"]
    return rows[2]["id"], "caption"


SPOILERS = [spoil_html, spoil_truncated, spoil_empty, spoil_missing, spoil_caption]


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
def test_a_bad_sample_stops_the_study_or_is_skipped_in_every_model(cli, store, tmp_path, spoil):
    rows = pictures(tmp_path, store)
    name, reason = spoil(rows, tmp_path)
    write_rows(tmp_path, rows)
    write_study(tmp_path, source="set/samples.jsonl", limit=0)
    message = cli.refusal("run", "study.toml")
    assert name in message and reason in message
    assert cli("data", "show", "set/samples.jsonl", code=3).stdout.count("bad:") == 1

    write_study(tmp_path, source="set/samples.jsonl", limit=0, bad="skip")
    cli("run", "study.toml", "--quiet")
    assert {row["n"] for row in scores(tmp_path)} == {"13"}
    assert name in (store / "reports/small/index.html").read_text()


def test_two_samples_with_one_id(cli, store, tmp_path):
    rows = pictures(tmp_path, store)
    rows[5]["id"] = rows[2]["id"]
    write_rows(tmp_path, rows)
    write_study(tmp_path, source="set/samples.jsonl", limit=0)
    message = cli.refusal("run", "study.toml")
    assert f"id {rows[2]['id']} given twice: lines 3 and 6" in message


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"source": "emoji-thing"}, 3, "emoji-thing"),
        ({"source": "nowhere.jsonl"}, 3, "nowhere.jsonl"),
        ({"more": "keeps = 1"}, 2, "line 18: unknown key store.keeps"),
        ({"limit": '"many"'}, 2, "line 5: data.limit must be a whole number"),
        ({"twins": 9}, 3, "efficientnet-lite0.random-2"),
    ],
)
def test_bad_studies(cli, store, tmp_path, change, code, says):
    write_study(tmp_path, **change)
    assert says in cli.refusal("run", "study.toml", code=code)


def mounted(folder, options):
    folder.mkdir()
    result = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True
    )
    if result.returncode:
        pytest.skip("no right to mount a tmpfs here")


def test_a_full_disk_keeps_finished_work(cli, store, tmp_path):
    write_study(tmp_path)
    small = tmp_path / "small"
    mounted(small, "size=700k")
    try:
        for name in ("models", "sources"):
            (small / name).symlink_to(store / name)
        message = cli.refusal("run", "study.toml", "--store", "small", code=4)
        assert "small" in message and "full" in message.lower()
        assert list((small / "features").rglob("rows-*.json")), (
            "the first model's features are kept"
        )
        assert cli("store", "verify", "small").stdout.strip().endswith("0 problems")
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        cli("run", "study.toml", "--store", "small", "--quiet")
        assert cli("store", "verify", "small").stdout.strip().endswith("0 problems")
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_store_that_can_not_be_written(cli, store, tmp_path):
    write_study(tmp_path)
    small = tmp_path / "small"
    mounted(small, "ro")
    try:
        assert "writ" in cli.refusal("run", "study.toml", "--store", "small")
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_cancelled_run_exits_6_and_goes_on_later(cli, store, tmp_path):
    write_study(tmp_path, limit=0)
    process = subprocess.Popen(
        [PROGRAM, "run", "study.toml", "--quiet"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2)
    process.terminate()
    assert process.wait(60) == 6
    cli("run", "study.toml", "--quiet")


def test_kills_at_any_moment_leave_the_same_bytes(store):
    command = [ROOT / "tools/dev/kill_loop", "6", "--store", store]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 differences" in result.stdout


SEVERAL = """
[metrics]
list = ["mutual_knn(k=5)", "mutual_knn(k=5, preprocess=conditioned+centre)", \
"cka_linear_debiased", "rsa_spearman", "cknna(k=5)", "procrustes_angular"]
"""


@pytest.mark.parametrize("keep", ["features", "graphs", "scores"])
def test_a_study_of_several_metrics(cli, store, tmp_path, keep):
    write_study(tmp_path, limit=40, twins=1, keep=keep, more=SEVERAL)
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(text.replace("[data]", '[data]\nclass = "class"'))
    cli("run", "study.toml", "--store", "store", "--quiet")
    rows = scores(tmp_path)
    names = {row["metric"] for row in rows}
    assert names == {
        "mutual_knn",
        "cka_linear_debiased",
        "rsa_spearman",
        "cknna_eq16",
        "procrustes_angular",
    }
    for row in rows:
        assert row["value"] != "" or row["reason"] != ""
    best = [row for row in rows if row["p"] != "" and row["twin"] == ""]
    assert {row["metric"] for row in best} == names - {"procrustes_angular"}
    assert all(
        row["p_fwer"] != "" and float(row["p_fwer"]) >= float(row["p_floor"]) for row in best
    )
    page = (tmp_path / "store/reports/small/index.html").read_text()
    assert "random weights" in page and "agreement on classes" in page
    again = cli("run", "study.toml", "--store", "store")
    assert "nothing to do" in again.stdout + again.stderr
