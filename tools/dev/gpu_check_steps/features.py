"""The features of demo models on the device against the CPU's, within each model card's bound."""

import json
import struct
import tempfile
from pathlib import Path

from . import machine

STUDY = """
name = "gpu-check"
[data]
source = "emoji-things"
{models}
[inference]
permutations = 20
splits = 5
"""


def read_tensors(file):
    """The float32 tensors of a .safetensors file, by name."""
    import numpy

    content = Path(file).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, facts in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + at for at in facts["data_offsets"])
        if facts["dtype"] != "F32":
            raise machine.CannotRunError(f"{file}: {name} is {facts['dtype']}, expected F32")
        tensors[name] = numpy.frombuffer(content[begin:end], "<f4").reshape(facts["shape"])
    return tensors


def stored_features(store):
    """By model, then by layer: all rows."""
    import numpy

    models = {}
    for manifest in sorted(Path(store).glob("features/*/manifest.json")):
        chunks = []
        for record in sorted(manifest.parent.glob("rows-*.json")):
            sha256 = json.loads(record.read_text())["data"]["sha256"]
            chunks.append(read_tensors(manifest.parent / f"{sha256}.safetensors"))
        layers = {name: numpy.concatenate([c[name] for c in chunks]) for name in chunks[0]}
        models[json.loads(manifest.read_text())["model"]] = layers
    return models


def compare(one, other, bound):
    """The layer that comes nearest to |a - b| <= absolute + relative max|a|, and how near."""
    import numpy

    worst = {"layer": None, "share_of_bound": -1.0}
    for name, a in one.items():
        difference = float(numpy.abs(a - other[name]).max(initial=0))
        allowed = bound["absolute"] + bound["relative"] * float(numpy.abs(a).max(initial=0))
        share = difference / allowed
        if not share <= worst["share_of_bound"]:  # NaN counts
            worst = {"layer": name, "difference": difference, "allowed": allowed}
            worst["share_of_bound"] = share
    return {**worst, "layers": len(one), "rows": len(next(iter(one.values())))}


def bounds(store):
    found = {}
    for file in sorted(Path(store).glob("models/*/card.json")):
        identity = json.loads(file.read_text())["identity"]
        if "error_bound" in identity:
            bound = identity["error_bound"]
            found[identity["name"]] = {key: float(value) for key, value in bound.items()}
    return found


def models_of(store):
    """Trained and trivial ones; a study needs pictures and texts."""
    for file in sorted(Path(store).glob("models/*/card.json")):
        card = json.loads(file.read_text())
        if card["about"]["role"] != "random":
            yield card["identity"]["name"]


def features(programs, store, device, seconds):
    try:
        import numpy  # noqa: F401

        torch = machine.torch_facts()
    except ImportError:
        return {"skipped": "this Python has no numpy"}
    except machine.CannotRunError as error:
        return {"skipped": str(error)}
    if not programs.path("consilience").exists():
        return {"skipped": "consilience was not packed"}
    models = list(models_of(store))
    if not models:
        return {"skipped": f"no model packages in {store}/models"}
    more = [f"{torch['folder']}/lib"]
    consilience = programs.path("consilience")
    code, said, _ = programs.start([consilience, "--version"], device, 120, more)
    if code != 0:
        last = (said.strip().splitlines() or [f"exit {code}"])[-1]
        return {"skipped": f"consilience does not start beside torch {torch['version']}: {last}"}

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        study = folder / "gpu-check.toml"
        blocks = [f'[[models]]\nuse = "{name}"\ntwins = 0' for name in models]
        study.write_text(STUDY.format(models="\n".join(blocks)))
        found = {}
        for where in ("cpu", "cuda"):
            own = folder / where
            own.mkdir()
            for part in ("models", "sources"):
                (own / part).symlink_to(Path(store).resolve() / part)
            words = [consilience, "run", study, "--store", own, "--device", where, "--quiet"]
            code, said, _ = programs.start(words, device, seconds, more, cwd=folder)
            if code != 0:
                return {"broken": f"consilience run --device {where} ended with {code}",
                        "said": said.splitlines()[-6:]}  # fmt: skip
            found[where] = stored_features(own)
    if found["cpu"].keys() != found["cuda"].keys():
        return {"broken": f"features of {sorted(found['cpu'])} on the CPU, of "
                f"{sorted(found['cuda'])} on the device"}  # fmt: skip
    known = bounds(store)
    rows = [
        {"model": name, **compare(found["cpu"][name], found["cuda"][name], known[name])}
        for name in models
        if name in known
    ]
    return {"torch": torch["version"], "rows": rows}
