"""Starts what was packed, or built, with the CUDA libraries of this machine."""

import json
import os
import subprocess
import time
from pathlib import Path

from . import machine

HERE = Path(__file__).resolve().parents[1]


class Programs:
    """Those beside this script where it was unpacked, or those of a build folder."""

    def __init__(self, build=None):
        self.build = build
        self.root = HERE if build is None else HERE.parents[1]
        self.manifest = {}
        if build is None:
            if not (HERE / "bin").is_dir():
                raise machine.CannotRunError(
                    f"no programs in {HERE}/bin: unpack the archive that `gpu_check pack` makes, "
                    "or give --build"
                )
            self.manifest = json.loads((HERE / "manifest.json").read_text())
        self.folders = sorted(set(machine.find_libraries().values()))

    def path(self, name):
        if self.build is None:
            return self.root / "bin" / name
        return self.build / ("tests" if name.startswith("test_") else "tools") / name

    def environment(self, device, more=()):
        own = [str(HERE / "lib")] if self.build is None else []
        before = os.environ.get("LD_LIBRARY_PATH")  # some machines find their driver by it
        folders = [*own, *more, *self.folders, *([before] if before else [])]
        return {
            **os.environ,
            "LD_LIBRARY_PATH": ":".join(folders),
            "CUDA_VISIBLE_DEVICES": str(device),
            "REQUIRE_GPU": "1",
            "CONSILIENCE_SOURCE_DIR": str(self.root),  # the golden data
        }

    def start(self, words, device, seconds, more=(), cwd=None):
        """Exit code (None: out of time), the end of what it said, seconds."""
        begin = time.monotonic()
        try:
            done = subprocess.run(
                list(map(str, words)),
                env=self.environment(device, more),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                cwd=cwd,
            )
            code, output = done.returncode, done.stdout
        except subprocess.TimeoutExpired as late:
            code, output = None, late.stdout or b""
        return code, output.decode(errors="replace"), time.monotonic() - begin

    def check_start(self, device):
        """Throws CannotRunError where the programs can't start here at all."""
        code, said, _ = self.start(
            [self.path("test_conformance"), "--gtest_list_tests"], device, 60
        )
        if code != 0:
            last = (said.strip().splitlines() or [f"exit {code}"])[-1]
            raise machine.CannotRunError(f"the packed programs do not start here: {last}")
