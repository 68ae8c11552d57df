"""Packs programs, the libraries that a GPU machine need not have, and what the steps read."""

import datetime
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import machine

ROOT = Path(__file__).resolve().parents[3]
LIMIT = 60_000_000
NAME = "gpu_check"
# Of glibc: from the GPU machine, as its driver needs them.
SYSTEM = re.compile(r"(ld-linux-x86-64|lib(c|m|dl|rt|pthread|resolv|util))\.so\.\d+")
NEEDED = {"test_conformance": "tests", "cuda_bench": "tools"}
IF_THERE_IS_ROOM = {"consilience": "tools"}  # it runs beside a LibTorch alone


def add_words(parser):
    parser.add_argument("--build", type=Path, default=ROOT / "build/dev")
    parser.add_argument("--out", type=Path, default=Path(f"{NAME}.tar.gz"))
    parser.add_argument("--store", type=Path, default=ROOT / "store")
    parser.add_argument("--models", nargs="*", default=["efficientnet-lite0", "bag-of-words"])
    parser.add_argument("--limit", type=int, default=LIMIT, help="bytes of the archive")


def command(*words, **options):
    try:
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)
    except FileNotFoundError:
        raise machine.CannotRunError(f"{words[0]} is not there") from None
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
        raise machine.CannotRunError(f"{words[0]} failed: {last[0]}")
    return done.stdout


def needed_libraries(program, environment=None):
    """(name, path or None where it was not found) of every shared library of a program."""
    for line in command("ldd", program, env=environment).splitlines():
        found = re.match(r"\s*(\S+) => (.*?)( \(0x[0-9a-f]+\))?$", line)
        if found:
            name, path = found.group(1), found.group(2)
            yield name, None if path == "not found" else Path(path)


def comes_from_there(name):
    return bool(SYSTEM.fullmatch(name) or name in machine.CUDA_LIBRARIES + machine.TORCH_LIBRARIES)


def is_of_torch(path):
    """LibTorch brings what lies beside it."""
    return "site-packages" in path.parts


def add_program(program, folder):
    """A stripped copy without this machine's paths, and the libraries that come along."""
    copy = folder / "bin" / program.name
    command("strip", "--strip-unneeded", "-o", copy, program)
    script = folder / "unpath.cmake"
    script.write_text(f'file(RPATH_REMOVE FILE "{copy}")\n')
    command("cmake", "-P", script)
    script.unlink()
    for name, path in needed_libraries(program):
        if path is None and not comes_from_there(name):
            raise machine.CannotRunError(f"{program}: {name} is not found here")
        if not comes_from_there(name) and not is_of_torch(path):
            shutil.copy2(path.resolve(), folder / "lib" / name)


def check_clean(folder, name):
    """Nothing but what the GPU machine brings may be missing where nothing is installed."""
    clean = {"LD_LIBRARY_PATH": str(folder / "lib"), "PATH": "/usr/bin:/bin"}
    for library, path in needed_libraries(folder / "bin" / name, clean):
        packed = path is not None and path.parent == folder / "lib"
        if not packed and not comes_from_there(library):
            raise machine.CannotRunError(f"{name} needs {library}, which was not packed")


def add_steps(folder):
    here = Path(__file__).resolve().parent
    shutil.copy2(here.parent / NAME, folder / NAME)
    (folder / here.name).mkdir()
    for file in here.glob("*.py"):
        shutil.copy2(file, folder / here.name)
    shutil.copytree(ROOT / "tests/golden/data", folder / "tests/golden/data")


def manifest(build):
    cache = (build / "CMakeCache.txt").read_text()
    architectures = re.search(r"^CMAKE_CUDA_ARCHITECTURES:\w+=(.*)$", cache, re.M)
    changed = command("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT).strip()
    commit = command("git", "rev-parse", "--short", "HEAD", cwd=ROOT).strip()
    return {
        "commit": commit + (" and changes" if changed else ""),
        "packed": datetime.date.today().isoformat(),
        "architectures": architectures.group(1) if architectures else "80-real;90a-real",
        "compiler": command("nvcc", "--version").strip().splitlines()[-1],
    }


def archive(folder, out):
    with tarfile.open(out, "w:gz", compresslevel=9) as tar:
        tar.add(folder, NAME)
    return out.stat().st_size


def add_models(arguments, folder):
    """consilience and some of the demo's models; the names of those that were there."""
    for name, at in IF_THERE_IS_ROOM.items():
        if not (arguments.build / at / name).exists():
            return f"no {name} in {arguments.build}"
        add_program(arguments.build / at / name, folder)
        check_clean(folder, name)
    for model in arguments.models:
        package = next(iter(sorted((arguments.store / "models").glob(f"{model}@*"))), None)
        if package is None:
            return f"no {model} in {arguments.store}/models: tools/setup makes it"
        shutil.copytree(package, folder / "store/models" / package.name)
    shutil.copytree(arguments.store / "sources", folder / "store/sources")
    return None


def pack(arguments):
    command("cmake", "--build", arguments.build, "--target", *NEEDED)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / NAME
        for part in ("bin", "lib"):
            (folder / part).mkdir(parents=True)
        for name, at in NEEDED.items():
            add_program(arguments.build / at / name, folder)
        for name in NEEDED:
            check_clean(folder, name)
        add_steps(folder)
        (folder / "manifest.json").write_text(json.dumps(manifest(arguments.build), indent=2))
        size = archive(folder, arguments.out)
        if size > arguments.limit:
            arguments.out.unlink()
            raise machine.CannotRunError(
                f"the programs alone take {size} bytes packed; {arguments.limit} at most"
            )
        missing = add_models(arguments, folder)
        larger = arguments.out.with_suffix(".more")
        if missing is None:
            larger_size = archive(folder, larger)
            if larger_size <= arguments.limit:
                size = larger_size
                larger.replace(arguments.out)
            else:
                missing = f"with models the archive takes {larger_size} bytes"
                larger.unlink()
        features = "with consilience and " + ", ".join(arguments.models)
        print(f"{arguments.out}: {size / 1e6:.1f} MB, "
              + (f"without models: {missing}" if missing else features))  # fmt: skip
    return 0
