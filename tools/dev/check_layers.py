"""Checks every include arrow: tools -> engine -> models -> kernels, and the stages apart; and what
device code must not hold, so that the emulator of the tests can run it; and who may name torch.jit.

python3 tools/dev/check_layers.py [ROOT]      exit 1 and a line for everything that must not be
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
TORCH = re.compile(r"^\s*#\s*include\s*<(torch|ATen|c10|caffe2)/", re.M)

LAYERS = {
    "kernels": {"kernels"},
    "models": {"kernels", "models"},
    "engine": {"kernels", "engine"},
    "tools": {"kernels", "models", "engine", "tools"},
    "tests": {"kernels", "models", "engine", "tools", "tests"},
}
COMMON_STAGES = {"base", "types", "linalg"}
STAGE_MAY_ALSO_SEE = {
    "extract": {"audio", "data", "image", "text"},
    "inference": {"metrics"},
    "base": set(),
    "types": set(),
}
STAGES_THAT_SEE_MODELS = {"extract"}
JOINERS = {"tasks", ""}  # engine/tasks and the files of engine/ itself see several stages
TORCH_FOLDERS = ("models/", "engine/linalg/torch/")
# In kernels/cuda: what, where alone it may stand, and what to do instead.
DEVICE_RULES = (
    (re.compile(r"<<<"), (), "start kernels by launch()"),
    (re.compile(r"\b__shared__\b"), ("kernels/cuda/device/shared.cuh",), "declare it by SHARED"),
    (re.compile(r"\basm\b"), ("kernels/cuda/device/ptx/",), "PTX has a folder of its own"),
    (
        re.compile(r"\b(cub|thrust)::|<(cub|thrust)/"),
        ("kernels/cuda/device_algorithms.cu",),
        "CUB and Thrust stay behind device_algorithms.h",
    ),
)
COMMENT = re.compile(r"//.*")
# Deprecated upstream: CONTRIBUTING.md says what would follow it.
TORCHSCRIPT = re.compile(r"\btorch(\.|::)jit\b|torch\._C\b|torch/csrc/jit")
TORCHSCRIPT_FOLDERS = (
    "models/torchscript/",
    "models/export/consilience_export/torchscript/",
    "tests/",  # which make faulty artefacts
)
CHECK = "tools/dev/check_layers.py"
SOURCES = {".h", ".cpp", ".cu", ".cuh"}


def stage_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def allowed(source, target):
    """Whether the file `source` may include `target`; both are paths from the root."""
    layer, target_layer = source.split("/")[0], target.split("/")[0]
    if layer == "engine" and target_layer == "models":
        return stage_of(source) in STAGES_THAT_SEE_MODELS | JOINERS
    if target_layer not in LAYERS[layer]:
        return False
    if layer != "engine" or target_layer != "engine":
        return True
    stage, target_stage = stage_of(source), stage_of(target)
    if stage in JOINERS or target_stage == stage:
        return True
    if stage in {"base", "types"}:
        return target_stage == "base"
    return target_stage in COMMON_STAGES | STAGE_MAY_ALSO_SEE.get(stage, set())


def device_violations(source, text):
    for number, line in enumerate(text.splitlines(), 1):
        code = COMMENT.sub("", line)
        for pattern, places, instead in DEVICE_RULES:
            if pattern.search(code) and not source.startswith(places or ("-",)):
                yield f"{source}:{number}: {code.strip()}: {instead}"


def violations(root):
    for layer in LAYERS:
        for file in sorted((root / layer).rglob("*")):
            if file.suffix not in SOURCES | {".py"}:
                continue
            source = file.relative_to(root).as_posix()
            text = file.read_text(encoding="utf-8")
            if TORCHSCRIPT.search(text) and not source.startswith((*TORCHSCRIPT_FOLDERS, CHECK)):
                yield f"{source}: names torch.jit, which stays in {TORCHSCRIPT_FOLDERS[0]}"
            if file.suffix not in SOURCES:
                continue
            for target in INCLUDE.findall(text):
                if target.split("/")[0] not in LAYERS:
                    yield f'{source}: includes "{target}": write the path from the repository root'
                elif not allowed(source, target):
                    yield f'{source}: may not include "{target}"'
            if TORCH.search(text) and not source.startswith((*TORCH_FOLDERS, "tests/unit/models/")):
                yield f"{source}: includes LibTorch, which stays in {' and '.join(TORCH_FOLDERS)}"
            if source.startswith("kernels/cuda/"):
                yield from device_violations(source, text)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = list(violations(root))
    for line in found:
        print(f"error: {line}")
    print(f"include arrows and device code: {len(found)} wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
