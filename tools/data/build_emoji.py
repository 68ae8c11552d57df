"""Builds the data set emoji-things: pictures of things and their names, under open licences.

example: python tools/data/build_emoji.py --out store/sources/emoji-things

Needs Debian's fonts-noto-color-emoji, unicode-cldr-core and unicode-data. The same inputs give the
same bytes; a folder that is already whole is kept.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from emoji_sources import Emoji, Pictures, listed, short_names
from PIL import Image

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
EMOJI_TEST = Path("/usr/share/unicode/emoji/emoji-test.txt")
CLDR = Path("/usr/share/unicode/cldr/common")

SOURCE = """\
# emoji-things

{count} pairs of a picture and its English name, made by tools/data/build_emoji.py.

* Which and in what order: Unicode's emoji-test.txt (Debian: unicode-data), fully-qualified emoji of
  the groups Animals & Nature, Food & Drink, Travel & Places without the subgroup time, Activities
  and Objects, without skin tones. Unicode licence.
* Names: CLDR short names, English (Debian: unicode-cldr-core). Unicode licence.
* Pictures: Noto Color Emoji (Debian: fonts-noto-color-emoji), the PNGs of its CBDT table as they
  stand there, many with a palette and transparency. SIL Open Font Licence 1.1.

Of two emoji with the same name, or with the same pixels, the first in that order stays.

Left out:
{dropped}

inputs: {inputs}
content: {content}
"""


class BuildError(Exception):
    """An input that can never succeed: one line, exit code 3."""


def sha256(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def pixels_key(png: bytes) -> str:
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return sha256([repr(image.size).encode(), image.tobytes()])


def choose(
    emojis: Iterable[Emoji], names: dict[str, str], pictures: Pictures
) -> tuple[list[tuple[dict[str, str], bytes]], list[str]]:
    """The samples with their pictures, and one line for each emoji that was left out."""
    samples: list[tuple[dict[str, str], bytes]] = []
    dropped: list[str] = []
    seen: dict[str, str] = {}
    for emoji in emojis:
        caption, png = names.get(emoji.plain), pictures.png(emoji)
        if caption is None or png is None:
            what = "name" if caption is None else "picture"
            dropped.append(f"{emoji.id}: it has no {what}")
            continue
        for kind, key in (("name", f"name {caption}"), ("pixels", pixels_key(png))):
            if key in seen:
                dropped.append(f"{emoji.id} ({caption}): same {kind} as {seen[key]}")
                break
        else:
            seen[f"name {caption}"] = seen[pixels_key(png)] = emoji.id
            image = f"images/{emoji.id}.png"
            sample = {"id": emoji.id, "image": image, "caption": caption, "class": emoji.group}
            samples.append((sample, png))
    return samples, dropped


def content_digest(folder: Path) -> str:
    """sha256 over samples.jsonl and all pictures of a built folder."""
    pictures = sorted((folder / "images").iterdir())
    named = [part for p in pictures for part in (p.name.encode(), p.read_bytes())]
    return sha256([(folder / "samples.jsonl").read_bytes(), *named])


def is_whole(folder: Path, inputs: str) -> bool:
    try:
        source = (folder / "SOURCE.md").read_text(encoding="utf-8").splitlines()
        return f"inputs: {inputs}" in source and f"content: {content_digest(folder)}" in source
    except OSError:
        return False


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(samples, dropped: list[str], inputs: str, out: Path) -> None:
    """Fills a folder beside `out` and renames it there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / "images").mkdir(parents=True)
        for sample, png in samples:
            (partial / sample["image"]).write_bytes(png)
        lines = [json.dumps(sample, ensure_ascii=False) + "\n" for sample, _ in samples]
        (partial / "samples.jsonl").write_text("".join(lines), encoding="utf-8")
        source = SOURCE.format(
            count=len(samples),
            dropped="\n".join(f"* {line}" for line in dropped) or "* nothing",
            inputs=inputs,
            content=content_digest(partial),
        )
        (partial / "SOURCE.md").write_text(source, encoding="utf-8")
        for path in [*partial.rglob("*"), partial]:
            sync(path)
        if out.exists():
            old = out.with_name(f".{out.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            out.rename(old)
            partial.rename(out)
            shutil.rmtree(old)
        else:
            partial.rename(out)
        sync(out.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def build(font: Path, emoji_test: Path, cldr: Path, out: Path) -> None:
    annotations = [cldr / "annotationsDerived/en.xml", cldr / "annotations/en.xml"]
    here = Path(__file__).parent
    code = [here / "build_emoji.py", here / "emoji_sources.py"]
    for path in [font, emoji_test, *annotations]:
        if not path.is_file():
            raise BuildError(f"{path}: not there: install the Debian package that has it")
    inputs = sha256(path.read_bytes() for path in [font, emoji_test, *annotations, *code])
    if is_whole(out, inputs):
        print(f"{out}: kept, it is up to date", file=sys.stderr)
        return
    if out.exists() and not (out / "SOURCE.md").exists() and any(out.iterdir()):
        raise BuildError(f"{out}: holds other files: give an empty or a new folder")
    samples, dropped = choose(listed(emoji_test), short_names(*annotations), Pictures(font))
    write(samples, dropped, inputs, out)
    for line in dropped:
        print(f"left out: {line}", file=sys.stderr)
    print(f"{out}: wrote {len(samples)} pairs", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--font", type=Path, default=FONT)
    parser.add_argument("--emoji-test", type=Path, default=EMOJI_TEST)
    parser.add_argument("--cldr", type=Path, default=CLDR, help="the folder `common` of CLDR")
    options = parser.parse_args(arguments)
    try:
        build(options.font, options.emoji_test, options.cldr, options.out)
    except BuildError as error:
        print(f"build_emoji: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"build_emoji: {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return 4
    print(options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
