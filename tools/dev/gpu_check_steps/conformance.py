"""The conformance tests and compute-sanitizer."""

import glob
import json
import re
import shutil
import tempfile
from pathlib import Path

TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
SANITIZERS = ("/usr/local/cuda/bin/compute-sanitizer", "/usr/local/cuda-13*/bin/compute-sanitizer")


def summary(report):
    """What gtest's JSON says: how many ran, what failed, what was skipped."""
    tests = [
        (f"{suite['name']}.{test['name']}", test)
        for suite in report["testsuites"]
        for test in suite["testsuite"]
    ]
    failures = {
        name: test["failures"][0]["failure"].splitlines()[:6]
        for name, test in tests
        if test.get("failures")
    }
    return {
        "ran": sum(test["result"] == "COMPLETED" for _, test in tests),
        "on_cuda": sum("cuda" in name for name, _ in tests),
        "failures": failures,
        "skipped_tests": [name for name, test in tests if test["result"] == "SKIPPED"],
    }


def conformance(programs, device, seconds):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        words = [programs.path("test_conformance"), f"--gtest_output=json:{out}"]
        code, said, took = programs.start(words, device, seconds)
        report = json.loads(out.read_text()) if out.exists() else None
    if report is None:
        how = f"did not end within {seconds} s" if code is None else f"ended with {code}"
        return {"broken": f"the test program {how}", "said": said.splitlines()[-12:]}
    return {**summary(report), "exit": code, "seconds": took}


def find_sanitizer():
    places = [shutil.which("compute-sanitizer")]
    for pattern in SANITIZERS:
        places += sorted(glob.glob(pattern))
    return next(filter(None, places), None)


def errors_in(said):
    """The number that compute-sanitizer ends with, or None where it says nothing of the kind."""
    found = re.findall(r"(?:ERROR SUMMARY: |RACECHECK SUMMARY: )(\d+)", said)
    return int(found[-1]) if found else None


def sanitize(programs, device, seconds):
    sanitizer = find_sanitizer()
    if sanitizer is None:
        return {"skipped": "compute-sanitizer is not installed there"}
    what = {
        "cuda_bench --small": [
            programs.path("cuda_bench"),
            "--small",
            "--benchmark_min_time=0.001",
        ],
        "test_conformance": [programs.path("test_conformance"), "--gtest_filter=*cuda*"],
    }
    runs = []
    for tool in TOOLS:
        for name, program in what.items():
            words = [sanitizer, "--tool", tool, "--error-exitcode", "9", *program]
            code, said, took = programs.start(words, device, seconds)
            if "Device not supported" in said:
                return {"skipped": "compute-sanitizer does not support this device as it is lent"}
            lines = [line for line in said.splitlines() if line.startswith("========= ")]
            runs.append(
                {
                    "tool": tool,
                    "program": name,
                    "exit": code,
                    "errors": errors_in(said),
                    "seconds": took,
                    "first": lines[1:5] if code not in (0, None) else [],
                }
            )
    return {"runs": runs}
