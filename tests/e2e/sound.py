"""Packages and data for a study of three modalities, made in a moment."""

import hashlib
import json
import math
import shutil
import struct
import wave

from PIL import Image
from program import ROOT

TINY = ROOT / "tests/unit/models/packages"
RATE = 8000
COLOURS = ["red", "green", "blue", "white"]


def _words():
    """A tokenizer of 32 words, as tiny-text has ids."""
    names = ["[UNK]", *COLOURS, *(f"w{i}" for i in range(5, 32))]
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {name: i for i, name in enumerate(names)},
            "unk_token": "[UNK]",
        },
    }


def make_package(store, tiny, name):
    """A committed tiny package under another name, told to be trained."""
    models = store / "models"
    models.mkdir(parents=True, exist_ok=True)
    folder = models / f"{name}@new"
    shutil.copytree(TINY / tiny, folder)
    card = json.loads((folder / "card.json").read_text())
    card["identity"] |= {"name": name, "weights": {"kind": "trained"}}
    card["about"] |= {"family": name, "role": "trained"}
    if "tokens" in card["identity"]:
        text = json.dumps(_words())
        (folder / "tokenizer.json").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        card["identity"]["tokens"]["tokenizer_sha256"] = digest
    (folder / "card.json").write_text(json.dumps(card))
    canonical = json.dumps(
        card["identity"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    folder.rename(models / f"{name}@{hashlib.sha256(canonical.encode()).hexdigest()[:8]}")


def write_tone(file, hertz, seconds, rate=RATE, channels=1):
    count = round(seconds * rate)
    values = [round(12000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(count)]
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        frames = [value for value in values for _ in range(channels)]
        out.writeframes(struct.pack(f"<{len(frames)}h", *frames))


def make_set(folder, rows=24):
    """Pictures, captions and tones that go up together; the last two rows are long."""
    folder.mkdir()
    lines = []
    for i in range(rows):
        shade = 40 + 8 * i
        channel = [shade if c == i % 3 else 60 for c in range(3)]
        picture = Image.new("RGB", (12, 10), tuple(channel))
        picture.putpixel((i % 12, i % 10), (255, 255, 255))
        picture.save(folder / f"{i}.png")
        seconds = 1.5 if i >= rows - 2 else 0.1 + 0.02 * (i % 4)
        write_tone(folder / f"{i}.wav", 200 + 60 * i, seconds, channels=1 + i % 2)
        words = " ".join([COLOURS[i % 4], *(f"w{5 + (i + k) % 20}" for k in range(1 + i % 5))])
        lines.append({"id": f"s{i}", "image": f"{i}.png", "audio": f"{i}.wav", "caption": words})
    write_lines(folder, lines)
    return lines


def write_lines(folder, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "samples.jsonl").write_text(text)
