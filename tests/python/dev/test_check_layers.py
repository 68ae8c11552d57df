"""tools/dev/check_layers.py names what must not be, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "tools/dev/check_layers.py"


def check(root):
    return subprocess.run(
        [sys.executable, SCRIPT, root], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "kernels/cuda/x.cu",
            "k<<<1, 32>>>();",
            "x.cu:1: k<<<1, 32>>>();: start kernels by launch()",
        ),
        ("kernels/cuda/x.cu", "__shared__ int a[3];", "declare it by SHARED"),
        ("kernels/cuda/device/x.cuh", 'asm("bar.sync 0;");', "PTX has a folder of its own"),
        ("kernels/cuda/x.cu", "#include <thrust/sort.h>", "stay behind device_algorithms.h"),
        ("kernels/cuda/x.cu", "cub::DeviceScan s;", "stay behind device_algorithms.h"),
        ("kernels/x.h", '#include "engine/y.h"', 'kernels/x.h: may not include "engine/y.h"'),
        ("engine/store/x.h", "#include <ATen/ATen.h>", "includes LibTorch"),
        ("models/x.h", "torch::jit::Module m;", "models/x.h: names torch.jit"),
        ("models/export/consilience_export/x.py", "torch.jit.load(p)", "x.py: names torch.jit"),
    ],
)
def test_faults_are_named(tmp_path, path, text, expected):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text + "\n")
    found = check(tmp_path)
    assert found.returncode == 1
    assert expected in found.stdout


def test_what_may_be_is_let_through(tmp_path):
    for path, text in {
        "kernels/cuda/device/ptx/x.cuh": 'asm("bar.sync 0;");',
        "kernels/cuda/device_algorithms.cu": "#include <thrust/sort.h>",
        "kernels/cuda/device/shared.cuh": "#define SHARED(t, n, c) __shared__ t n[c]",
        "kernels/cuda/x.cu": "// __shared__ and <<<>>> in a comment",
        "models/export/consilience_export/torchscript/x.py": "torch.jit.load(p)",
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    found = check(tmp_path)
    assert found.returncode == 0, found.stdout
