"""The builder of emoji-things: which emoji, which pictures, whole or not at all."""

import io
import json

import build_emoji
import emoji_sources
import pytest
from PIL import Image

LISTING = """\
# group: Smileys & Emotion
# subgroup: face-smiling
1F600 ; fully-qualified # grinning face
# group: Animals & Nature
# subgroup: animal-mammal
1F412 ; fully-qualified # monkey
1F415 200D 1F9BA ; fully-qualified # service dog
1F43F FE0F ; fully-qualified # chipmunk
1F43F ; unqualified # chipmunk
# group: Travel & Places
# subgroup: time
1F550 ; fully-qualified # one o'clock
# subgroup: hotel
1F6CE FE0F ; fully-qualified # bellhop bell
# group: Activities
# subgroup: sport
1F3C2 1F3FB ; fully-qualified # snowboarder: light skin tone
"""


def png(colour, palette=False) -> bytes:
    image = Image.new("RGBA", (4, 4), colour)
    data = io.BytesIO()
    (image.quantize(4) if palette else image).save(data, "PNG")
    return data.getvalue()


def listed(tmp_path):
    (tmp_path / "emoji-test.txt").write_text(LISTING, encoding="utf-8")
    return list(emoji_sources.listed(tmp_path / "emoji-test.txt"))


def test_groups_subgroups_qualification_and_skin_tones(tmp_path):
    emojis = listed(tmp_path)
    assert [emoji.id for emoji in emojis] == ["1f412", "1f415-200d-1f9ba", "1f43f", "1f6ce"]
    assert emojis[0].group == "Animals & Nature" and emojis[3].group == "Travel & Places"


class FakePictures:
    def __init__(self, pictures):
        self.pictures = pictures

    def png(self, emoji):
        return self.pictures.get(emoji.id)


def test_duplicates_and_gaps_are_left_out_and_reported(tmp_path):
    emojis = listed(tmp_path)
    names = {e.plain: n for e, n in zip(emojis, ["monkey", "dog", "monkey", "bell"], strict=True)}
    red = png((255, 0, 0, 255))
    pictures = {"1f412": red, "1f43f": png((0, 0, 255, 255)), "1f6ce": png((255, 0, 0, 255), True)}
    samples, dropped = build_emoji.choose(emojis, names, FakePictures(pictures))
    assert [sample for sample, _ in samples] == [
        {
            "id": "1f412",
            "image": "images/1f412.png",
            "caption": "monkey",
            "class": "Animals & Nature",
        }
    ]
    assert dropped == [
        "1f415-200d-1f9ba: it has no picture",
        "1f43f (monkey): same name as 1f412",
        "1f6ce (bell): same pixels as 1f412",
    ]


needs_debian = pytest.mark.skipif(
    not (build_emoji.FONT.is_file() and build_emoji.EMOJI_TEST.is_file()),
    reason="needs fonts-noto-color-emoji and unicode-data",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("emoji") / "emoji-things"
    assert build_emoji.main(["--out", str(out)]) == 0
    return out


def lines(folder):
    return [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]


@needs_debian
def test_real_data_set(built):
    samples = lines(built)
    assert 750 < len(samples) < 850
    assert len({sample["caption"] for sample in samples}) == len(samples)
    assert {sample["class"] for sample in samples} == set(emoji_sources.GROUPS)
    captions = {sample["id"]: sample["caption"] for sample in samples}
    assert captions["1f436"] == "dog face" and captions["1f408-200d-2b1b"] == "black cat"
    assert not any("o’clock" in caption for caption in captions.values())
    for sample in samples:
        assert set(sample) == {"id", "image", "caption", "class"}
        assert (built / sample["image"]).read_bytes().startswith(b"\x89PNG\r\n")
    assert len(list((built / "images").iterdir())) == len(samples)
    source = (built / "SOURCE.md").read_text()
    assert "Open Font" in source and "Unicode licence" in source


@needs_debian
def test_pictures_are_the_named_things(built):
    """The service dog is not the dog: ligatures of the font are followed."""
    captions = {sample["caption"]: sample["image"] for sample in lines(built)}
    dog, service = (built / captions[name] for name in ("dog", "service dog"))
    assert dog.read_bytes() != service.read_bytes()
    with Image.open(built / captions["red apple"]) as apple:
        red, green, blue, _ = apple.convert("RGBA").resize((1, 1)).getpixel((0, 0))
    assert red > green and red > blue


@needs_debian
def test_kept_when_whole_and_rebuilt_to_the_same_bytes_when_not(built, capsys):
    digest = build_emoji.content_digest(built)
    assert build_emoji.main(["--out", str(built)]) == 0
    assert "kept" in capsys.readouterr().err
    (built / "images" / "1f436.png").write_bytes(b"")
    assert build_emoji.main(["--out", str(built)]) == 0
    assert "wrote" in capsys.readouterr().err
    assert build_emoji.content_digest(built) == digest
    assert [path.name for path in built.parent.iterdir()] == ["emoji-things"]


def test_missing_input_and_foreign_folder(tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--out", str(out), "--font", str(tmp_path / "none.ttf")]
    assert build_emoji.main(arguments) == 3
    assert "none.ttf: not there" in capsys.readouterr().err and not out.exists()
    out.mkdir()
    (out / "thesis.doc").write_text("precious")
    assert build_emoji.main(["--out", str(out)]) == 3
    assert (out / "thesis.doc").read_text() == "precious"
