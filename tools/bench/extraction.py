"""Extraction by consilience against the same models in PyTorch eager, side by side.

    python tools/bench/extraction.py --bench build/dev/tools/extract_bench [MODEL ...]

Both sides read the same pictures and captions, use the same number of cores and run in turn (A B A
B). Models are loaded before the clock starts. Eager runs the original weights under the exporter's
hooks: pictures through Pillow in batches of 32, captions already tokenized, sorted by length, in
batches of 32. Columns: wall and CPU seconds of the faster run of each side.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATCH = 32


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
    side, crop = recipe["resize_short_side"], recipe["crop"]
    width, height = picture.size
    long = int(side * max(width, height) / min(width, height))
    size = (side, long) if width <= height else (long, side)
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    values = np.asarray(picture.crop((left, top, left + crop, top + crop)), dtype=np.float32)
    mean, std = (np.float32([float(v) for v in recipe[key]]) for key in ("mean", "std"))
    return ((values / 255 - mean) / std).transpose(2, 0, 1)


def picture_batches(samples, folder, recipe):
    import numpy as np
    import torch

    for start in range(0, len(samples), BATCH):
        part = samples[start : start + BATCH]
        rows = [prepared(folder / sample["image"], recipe) for sample in part]
        yield (torch.from_numpy(np.stack(rows)),)


def token_batches(encoded, padding):
    import torch

    encoded = sorted(encoded, key=len, reverse=True)
    for start in range(0, len(encoded), BATCH):
        part = encoded[start : start + BATCH]
        length = len(part[0])
        ids = torch.tensor([row + [padding] * (length - len(row)) for row in part])
        mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in part])
        yield ids, mask


def eager(args):
    """Runs in a process of its own; prints one line of JSON."""
    sys.path.insert(0, str(ROOT / "models" / "export"))
    import torch
    from consilience_export import build, zoo

    card = json.loads((args.package / "card.json").read_text(encoding="utf-8"))["identity"]
    module = build.load(zoo.load().models[card["name"]]).module.eval()
    torch.set_num_threads(args.cores)
    lines = (args.data / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    samples = [json.loads(line) for line in lines][: args.limit or None]
    if card["modality"] == "text":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(args.package / "tokenizer.json"))
        tokenizer.enable_truncation(card["tokens"]["max_tokens"])
        encoded = [e.ids for e in tokenizer.encode_batch([s["caption"] for s in samples])]
        batches = token_batches(encoded, card["tokens"]["padding_id"])
    else:
        batches = picture_batches(samples, args.data, card["pixels"])
    cpu, wall = time.process_time(), time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            [layer.numpy() for layer in module(*batch)]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu_s": cpu, "wall_s": wall, "samples": len(samples)}))


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
    print(f"{'model':20}{'samples':>8}{'eager wall':>12}{'cpu':>8}{'ours wall':>12}{'cpu':>8}"
          f"{'cpu ratio':>11}")  # fmt: skip
    for name, package in packages(args.store, args.models):
        common = ["--package", str(package), "--limit", str(args.limit)]
        ours = [str(args.bench), *common, "--data", str(args.data / "samples.jsonl"),
                "--workers", str(args.cores)]  # fmt: skip
        theirs = [sys.executable, __file__, "--eager", *common, "--data", str(args.data),
                  "--cores", str(args.cores)]  # fmt: skip
        runs = [(child(theirs, args.cores), child(ours, args.cores)) for _ in range(args.rounds)]
        a, b = (min((run[side] for run in runs), key=lambda r: r["cpu_s"]) for side in (0, 1))
        print(f"{name:20}{b['samples']:8}{a['wall_s']:12.2f}{a['cpu_s']:8.2f}{b['wall_s']:12.2f}"
              f"{b['cpu_s']:8.2f}{a['cpu_s'] / b['cpu_s']:11.2f}", flush=True)  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{args.cores} cores, the better of {args.rounds} runs; largest process {peak:.1f} GiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names; default: every trained model")
    parser.add_argument("--bench", type=Path, default=ROOT / "build/dev/tools/extract_bench")
    parser.add_argument("--store", type=Path, default=ROOT / "store")
    parser.add_argument("--data", type=Path, default=ROOT / "store/sources/emoji-things")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--eager", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    eager(args) if args.eager else compare(args)


if __name__ == "__main__":
    main()
