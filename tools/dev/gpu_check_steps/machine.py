"""The GPU, its driver, and where this machine keeps CUDA's libraries and torch."""

import ctypes
import glob
import json
import os
import re
import site
import subprocess
import sys
from pathlib import Path

CUDA_LIBRARIES = ("libcudart.so.13", "libcublasLt.so.13")
TORCH_LIBRARIES = ("libc10.so", "libtorch_cpu.so")
TOOLKITS = ("/usr/local/cuda", "/usr/local/cuda-13*", "/opt/cuda")


class CannotRunError(Exception):
    """One line: what is missing, and what to do."""


def call(driver, name, *arguments):
    status = getattr(driver, name)(*arguments)
    if status != 0:
        raise CannotRunError(f"no GPU: {name} of the driver fails with status {status}")


def describe(device=0):
    """The device as the driver knows it; throws CannotRunError where there is none."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        raise CannotRunError("no GPU: there is no driver here (libcuda.so.1)") from None
    call(driver, "cuInit", 0)
    count, version, memory = ctypes.c_int(), ctypes.c_int(), ctypes.c_size_t()
    call(driver, "cuDeviceGetCount", ctypes.byref(count))
    if device >= count.value:
        raise CannotRunError(f"no GPU: device {device} was asked for, {count.value} are there")
    call(driver, "cuDriverGetVersion", ctypes.byref(version))
    name = ctypes.create_string_buffer(256)
    call(driver, "cuDeviceGetName", name, len(name), device)
    call(driver, "cuDeviceTotalMem_v2", ctypes.byref(memory), device)
    capability = []
    for attribute in (75, 76):  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR
        value = ctypes.c_int()
        call(driver, "cuDeviceGetAttribute", ctypes.byref(value), attribute, device)
        capability.append(value.value)
    return {
        "device": name.value.decode(),
        "devices": count.value,
        "capability": ".".join(map(str, capability)),
        "memory_bytes": memory.value,
        "driver": driver_release(),
        "driver_cuda": f"{version.value // 1000}.{version.value % 1000 // 10}",
    }


def driver_release(file=Path("/proc/driver/nvidia/version")):
    """ "570.86.15", or "unknown"."""
    text = file.read_text() if file.exists() else ""
    found = re.search(r"\b\d{3}\.\d+(\.\d+)?\b", text)
    return found.group() if found else "unknown"


def library_folders():
    """Where torch wheels and toolkits put their libraries, the nearest first."""
    yield from os.environ.get("LD_LIBRARY_PATH", "").split(":")
    places = [*sys.path, *site.getsitepackages(), site.getusersitepackages()]
    for place in places:
        yield f"{place}/nvidia/cu13/lib"
        yield from sorted(glob.glob(f"{place}/nvidia/*/lib"))
    homes = [os.environ.get("CUDA_HOME", ""), *TOOLKITS]
    for home in filter(None, homes):
        for folder in sorted(glob.glob(home), reverse=True):
            yield from (f"{folder}/lib64", f"{folder}/targets/x86_64-linux/lib")
    yield from ("/usr/lib/x86_64-linux-gnu", "/usr/lib64")


def find_libraries(names=CUDA_LIBRARIES, folders=None):
    """The folder of each library; throws CannotRunError naming what is missing."""
    folders = [f for f in dict.fromkeys(folders or library_folders()) if f and Path(f).is_dir()]
    found = {}
    for name in names:
        folder = next((f for f in folders if (Path(f) / name).exists()), None)
        if folder is None:
            raise CannotRunError(
                f"no {name}: expected in a torch wheel for CUDA 13 or a toolkit; looked into "
                + ", ".join(folders or ["nothing"])
            )
        found[name] = folder
    return found


def torch_facts():
    """Version and folder of this Python's torch, or why it can't be used."""
    code = "import json, torch; print(json.dumps([torch.__version__, torch.__path__[0]]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotRunError(f"{sys.executable} has no torch that can be imported")
    version, folder = json.loads(done.stdout)
    return {"version": version, "folder": folder}
