"""Extraction by consilience beside PyTorch, in turn, on the same pictures and captions.

    python tools/bench/extract.py [--bench build/dev/tools/extract_bench] [MODEL ...]

runner    The same exported module, the same batches, one thread, inputs in memory before the clock
          starts: from Python against from the engine's runner.
eager     The original network as people run it: batches of 32 in the data set's order, captions
          padded to the longest of the batch, every layer pooled by hooks or from hidden_states;
          pictures through Pillow. Against the engine's whole extraction, decoding and all.

Models are loaded and captions tokenized before the clock starts. Rounds alternate (A B A B), and of
each side the one with fewest CPU seconds counts. Ratios above 1: the engine needs less.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EAGER_BATCH = 32


def over_white(picture):
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "P", "PA"):
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")


def prepared(path, recipe):
    """As torchvision's Resize, CenterCrop, ToTensor and Normalize."""
    import numpy as np
    from PIL import Image

    picture = over_white(Image.open(path))
    side, crop = recipe["resize_to"], recipe["crop"]
    width, height = picture.size
    long = int(side * max(width, height) / min(width, height))
    size = (side, long) if width <= height else (long, side)
    kind = getattr(Image.Resampling, recipe["interpolation"].upper())
    picture = picture.resize(size, kind)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    values = np.asarray(picture.crop((left, top, left + crop, top + crop)), dtype=np.float32)
    mean, std = (np.float32([float(v) for v in recipe[key]]) for key in ("mean", "std"))
    return ((values / 255 - mean) / std).transpose(2, 0, 1)


def picture_batches(samples, folder, recipe, size):
    import numpy as np
    import torch

    for start in range(0, len(samples), size):
        part = samples[start : start + size]
        rows = [prepared(folder / sample["image"], recipe) for sample in part]
        yield (torch.from_numpy(np.stack(rows)),)


def padded(rows, padding):
    import torch

    length = max(map(len, rows))
    ids = torch.tensor([row + [padding] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids, mask


def planned(encoded, budget):
    """The engine's batches: longest first, cut where the padded size would exceed the budget."""
    part = []
    for row in sorted(encoded, key=len, reverse=True):
        if part and len(part[0]) * (len(part) + 1) > budget:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


class Inputs:
    """A package's card and the samples that both sides read."""

    def __init__(self, args):
        card = json.loads((args.package / "card.json").read_text(encoding="utf-8"))
        self.identity, self.runtime = card["identity"], card["runtime"]
        self.segments, self.args = card["segments"], args
        lines = (args.data / "samples.jsonl").read_text(encoding="utf-8").splitlines()
        self.samples = [json.loads(line) for line in lines][: args.limit or None]

    @property
    def text(self):
        return self.identity["modality"] == "text"

    def encoded(self):
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.args.package / "tokenizer.json"))
        tokenizer.enable_truncation(self.identity["tokens"]["max_tokens"])
        return [e.ids for e in tokenizer.encode_batch([s["caption"] for s in self.samples])]

    def as_written(self):
        """Batches of 32 in order."""
        if not self.text:
            return picture_batches(
                self.samples, self.args.data, self.identity["pixels"], EAGER_BATCH
            )
        rows, padding = self.encoded(), self.identity["tokens"]["padding_id"]
        return (
            padded(rows[start : start + EAGER_BATCH], padding)
            for start in range(0, len(rows), EAGER_BATCH)
        )

    def as_planned(self):
        """The engine's batches, in memory."""
        if not self.text:
            recipe, size = self.identity["pixels"], self.args.pictures
            return list(picture_batches(self.samples, self.args.data, recipe, size))
        padding = self.identity["tokens"]["padding_id"]
        return [padded(part, padding) for part in planned(self.encoded(), self.args.tokens)]


def timed(batches, run):
    import torch

    cpu, wall = time.process_time(), time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            [layer.numpy() for layer in run(*batch)]
    return {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}


def eager(args):
    """The original network under the hooks that a user would set."""
    import torch
    from consilience_export import build, job, zoo
    from consilience_export.options import ImportOptions

    inputs = Inputs(args)
    model = zoo.load().models[inputs.identity["name"]]
    module = build.load(job.of_zoo(model, ImportOptions())).module.eval()
    torch.set_num_threads(args.cores)
    return timed(inputs.as_written(), module)


def exported(args):
    """The package's module from Python, prepared as its card says."""
    import torch
    from consilience_export.torchscript import trace
    from consilience_export.torchscript.artefact import prepared

    inputs = Inputs(args)
    torch.set_num_threads(1)
    module = trace.load(args.package / inputs.segments[0]["file"])
    module = prepared(module, inputs.runtime)
    batches = inputs.as_planned()
    if inputs.runtime["channels_last"]:
        batches = [(b.contiguous(memory_format=torch.channels_last),) for (b,) in batches]
    timed(batches[:2], module)
    return timed(batches, module)


def child(command, cores):
    environment = dict(os.environ, OMP_NUM_THREADS=str(cores))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: failed (exit {done.returncode})")
    return json.loads(done.stdout.strip().splitlines()[-1])


def packages(store, names):
    for file in sorted((store / "models").glob("*/card.json")):
        card, folder = json.loads(file.read_text(encoding="utf-8")), file.parent
        name = card["identity"]["name"]
        if name in names or (not names and card["about"]["role"] == "trained"):
            yield name, folder


def compare(args):
    print(f"{'model':20}{'against':>9}{'wall':>9}{'cpu':>9}{'ours wall':>12}{'cpu':>9}"
          f"{'wall ratio':>12}{'cpu ratio':>11}")  # fmt: skip
    for name, package in packages(args.store, args.models):
        common = ["--package", str(package), "--limit", str(args.limit)]
        sizes = ["--pictures", str(args.pictures), "--tokens", str(args.tokens)]
        ours = [str(args.bench), *common, *sizes, "--data", str(args.data / "samples.jsonl")]
        theirs = [sys.executable, __file__, *common, *sizes, "--data", str(args.data)]
        for side, own, other, cores in (
            ("runner", ["--in-memory"], ["--side", "exported"], 1),
            ("eager", ["--workers", str(args.cores)],
             ["--side", "eager", "--cores", str(args.cores)], args.cores),
        ):  # fmt: skip
            runs = [(child([*theirs, *other], cores), child([*ours, *own], cores))
                    for _ in range(args.rounds)]  # fmt: skip
            a, b = (min((run[i] for run in runs), key=lambda r: r["cpu_s"]) for i in (0, 1))
            print(f"{name:20}{side:>9}{a['wall_s']:9.2f}{a['cpu_s']:9.2f}{b['wall_s']:12.2f}"
                  f"{b['cpu_s']:9.2f}{a['wall_s'] / b['wall_s']:12.2f}"
                  f"{a['cpu_s'] / b['cpu_s']:11.2f}", flush=True)  # fmt: skip
    print(f"the better of {args.rounds} rounds; runner: 1 thread, eager: {args.cores} cores")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names; default: every trained model")
    parser.add_argument("--bench", type=Path, default=ROOT / "build/dev/tools/extract_bench")
    parser.add_argument("--store", type=Path, default=ROOT / "store")
    parser.add_argument("--data", type=Path, default=ROOT / "store/sources/emoji-things")
    parser.add_argument("--limit", type=int, default=0, help="first so many samples")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=4, help="of a batch of the engine")
    parser.add_argument("--tokens", type=int, default=256, help="of a batch of the engine")
    parser.add_argument("--side", choices=["eager", "exported"], help=argparse.SUPPRESS)
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side is None:
        return compare(args)
    print(json.dumps({"eager": eager, "exported": exported}[args.side](args)))


if __name__ == "__main__":
    main()
