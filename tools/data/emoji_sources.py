"""Emoji from Debian's packages: which there are, what they are called, what they look like."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

GROUPS = ("Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects")
LEFT_OUT = {("Travel & Places", "time")}  # clocks: one template, many pictures
VARIATION_SELECTOR = "\ufe0f"
SKIN_TONES = {chr(code) for code in range(0x1F3FB, 0x1F400)}


@dataclass(frozen=True)
class Emoji:
    """One fully-qualified emoji of emoji-test.txt."""

    text: str
    group: str

    @property
    def plain(self) -> str:
        """Without variation selectors: how CLDR and the font name it."""
        return self.text.replace(VARIATION_SELECTOR, "")

    @property
    def id(self) -> str:
        return "-".join(f"{ord(character):x}" for character in self.plain)


def listed(emoji_test: Path) -> Iterator[Emoji]:
    """The things of emoji-test.txt, in its order."""
    group = subgroup = ""
    for line in emoji_test.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group:"):
            group = line.split(":", 1)[1].strip()
        elif line.startswith("# subgroup:"):
            subgroup = line.split(":", 1)[1].strip()
        elif "; fully-qualified" in line and group in GROUPS:
            text = "".join(chr(int(code, 16)) for code in line.split(";")[0].split())
            if (group, subgroup) not in LEFT_OUT and not SKIN_TONES & set(text):
                yield Emoji(text, group)


def short_names(*annotations: Path) -> dict[str, str]:
    """CLDR's short names, by the emoji's text without variation selectors."""
    names: dict[str, str] = {}
    for path in annotations:
        for entry in ElementTree.parse(path).iterfind(".//annotation[@type='tts']"):
            names[entry.get("cp", "").replace(VARIATION_SELECTOR, "")] = (entry.text or "").strip()
    return names


class Pictures:
    """The PNG pictures of a colour bitmap font (CBDT)."""

    def __init__(self, font: Path):
        self._font = TTFont(font)
        self._glyphs = self._font.getBestCmap()
        self._bitmaps = self._font["CBDT"].strikeData[-1]
        self._ligatures = dict(self._read_ligatures())

    def _read_ligatures(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Sequences of glyphs that the font draws as one."""
        for lookup in self._font["GSUB"].table.LookupList.Lookup:
            for table in lookup.SubTable:
                table = getattr(table, "ExtSubTable", table)
                for first, ligatures in getattr(table, "ligatures", {}).items():
                    for ligature in ligatures:
                        yield (first, *ligature.Component), ligature.LigGlyph

    def png(self, emoji: Emoji) -> bytes | None:
        """The picture as it stands in the font, or None when the font has none."""
        for text in (emoji.plain, emoji.text):
            glyphs = tuple(self._glyphs.get(ord(character)) for character in text)
            glyph = glyphs[0] if len(glyphs) == 1 else self._ligatures.get(glyphs)
            if glyph in self._bitmaps:
                return self._bitmaps[glyph].imageData
        return None
