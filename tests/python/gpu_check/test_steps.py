"""The steps of gpu_check, as far as they go without a GPU."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from gpu_check_steps import conformance, features, machine, packing, torch_search

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools/dev/gpu_check"


def run(*words):
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True)


def test_without_a_gpu_there_is_one_line(tmp_path):
    try:
        machine.describe()
        pytest.skip("there is a GPU")
    except machine.CannotRunError:
        done = run(SCRIPT, "run", "--out", tmp_path / "out.md")
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("gpu_check: no GPU: ") and done.stderr.count("\n") == 1
    assert not (tmp_path / "out.md").exists()


def test_libraries_are_found_in_the_first_folder_that_has_them(tmp_path):
    for folder, names in (("one", ["a.so"]), ("two", ["a.so", "b.so"])):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).touch()
    folders = [str(tmp_path / "none"), "", str(tmp_path / "one"), str(tmp_path / "two")]
    found = machine.find_libraries(("a.so", "b.so"), folders)
    assert found == {"a.so": folders[2], "b.so": folders[3]}
    with pytest.raises(machine.CannotRunError, match=r"no c\.so: expected in a torch wheel.*one"):
        machine.find_libraries(("c.so",), folders)


def test_the_torch_wheel_of_this_python_has_what_is_needed():
    folders = [f"{place}/nvidia/cu13/lib" for place in sys.path]
    assert set(machine.find_libraries(folders=folders)) == set(machine.CUDA_LIBRARIES)


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu", "570.86.15"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95  Release", "580.95"),
        ("", "unknown"),
    ],
)
def test_driver_release(tmp_path, text, release):
    (tmp_path / "version").write_text(text)
    assert machine.driver_release(tmp_path / "version") == release
    assert machine.driver_release(tmp_path / "none") == "unknown"


def test_what_gtest_says_is_counted():
    def case(name, result, *failures):
        return {
            "name": name,
            "result": result,
            **({"failures": [{"failure": f} for f in failures]} if failures else {}),
        }

    cases = [case("A/cpu", "COMPLETED"), case("A/cuda", "COMPLETED", "off by\none")]
    cases.append(case("B/cuda", "SKIPPED"))
    found = conformance.summary({"testsuites": [{"name": "All/S", "testsuite": cases}]})
    assert found["ran"] == 2 and found["on_cuda"] == 2
    assert found["failures"] == {"All/S.A/cuda": ["off by", "one"]}
    assert found["skipped_tests"] == ["All/S.B/cuda"]


def test_the_sanitizer_s_last_line_counts():
    said = "========= COMPUTE-SANITIZER\nok\n========= ERROR SUMMARY: 3 errors\n"
    assert conformance.errors_in(said) == 3
    assert conformance.errors_in("RACECHECK SUMMARY: 0 hazards displayed (0 errors)") == 0
    assert conformance.errors_in("killed") is None


def test_torch_s_search_is_right_and_prints_a_line_an_arithmetic():
    done = run(ROOT / "tools/dev/gpu_check_steps/torch_search.py", "cpu", "300,16,5")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["arithmetic"] for line in lines] == ["f32", "TF32", "f16"], done.stderr
    for line in lines:
        assert (line["n"], line["d"], line["k"]) == (300, 16, 5)
        assert line["seconds"] >= line["resident_seconds"] > 0
        assert line["recall"] > (0.9 if line["arithmetic"] == "f16" else 0.999)


def test_torch_s_lists_leave_out_the_row_itself_in_chunks_that_do_not_divide():
    rows = torch_search.unit_rows(torch, 100, 8, torch.device("cpu"))
    ids = torch_search.nearest(torch, rows, 7, chunk=33)
    scores = rows.double() @ rows.double().T
    scores.fill_diagonal_(-torch.inf)
    assert (ids == scores.topk(7).indices).all()
    assert torch_search.recall(torch, rows, ids, 7) == 1
    assert torch_search.recall(torch, rows, ids.roll(1, 0), 7) < 0.5


def write_tensors(file, tensors):
    header, at = {"__metadata__": {"format": "x"}}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape}
        header[name]["data_offsets"] = [at, at := at + values.nbytes]
    text = json.dumps(header).encode()
    data = b"".join(values.tobytes() for values in tensors.values())
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


def test_stored_features_are_joined_chunk_by_chunk(tmp_path):
    folder = tmp_path / "features/m@1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"model": "m"}')
    x = np.arange(20, dtype=np.float32).reshape(5, 4)
    for first, rows in ((0, x[:3]), (3, x[3:])):
        record = {"data": {"sha256": f"s{first}"}}
        (folder / f"rows-{first:09}.json").write_text(json.dumps(record))
        write_tensors(folder / f"s{first}.safetensors", {"head/mean": rows, "other": rows + 1})
    found = features.stored_features(tmp_path)
    assert (found["m"]["head/mean"] == x).all() and (found["m"]["other"] == x + 1).all()


def test_the_layer_nearest_to_its_bound_is_named():
    bound = {"absolute": 0.1, "relative": 0.01}
    one = {"a": np.float32([[0, 10]]), "b": np.float32([[0, 90]])}
    other = {"a": np.float32([[0, 10.1]]), "b": np.float32([[0.3, 90]])}
    found = features.compare(one, other, bound)
    assert found["layer"] == "a" and found["share_of_bound"] == pytest.approx(0.5, rel=1e-4)
    other["b"][0, 0] = np.nan
    assert np.isnan(features.compare(one, other, bound)["share_of_bound"])


def test_a_library_of_this_machine_alone_must_be_packed(tmp_path):
    for part in ("bin", "lib"):
        (tmp_path / part).mkdir()
    (tmp_path / "x.c").write_text("int x(void) { return 1; }\n")
    (tmp_path / "main.c").write_text("int x(void); int main(void) { return x(); }\n")
    here = tmp_path / "here"
    here.mkdir()
    library, program = here / "libx.so", tmp_path / "program"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, tmp_path / "x.c"], check=True)
    link = [f"-L{here}", "-lx", f"-Wl,-rpath,{here}"]
    subprocess.run(["gcc", "-o", program, tmp_path / "main.c", *link], check=True)
    packing.add_program(program, tmp_path)
    packing.check_clean(tmp_path, "program")
    library.unlink()  # the packed one must do
    alone = {"LD_LIBRARY_PATH": str(tmp_path / "lib")}
    assert subprocess.run([tmp_path / "bin/program"], env=alone).returncode == 1
    (tmp_path / "lib/libx.so").unlink()
    with pytest.raises(machine.CannotRunError, match=r"libx\.so, which was not packed"):
        packing.check_clean(tmp_path, "program")
