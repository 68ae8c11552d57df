"""The report in a real browser: planted pages, written by the report's own test program."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from chromium import Chromium, find_chromium

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("realistic", "hostile", "other-metrics", "quiet", "empty")


def planted_program() -> Path | None:
    named = os.environ.get("CONSILIENCE_BUILD")
    builds = [ROOT / named] if named else sorted((ROOT / "build").glob("*"))
    programs = [build / "tests" / "test_report" for build in builds]
    found = [program for program in programs if program.exists()]
    return max(found, key=lambda program: program.stat().st_mtime, default=None)


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> Path:
    program = planted_program()
    if program is None:
        pytest.skip(
            "no build/*/tests/test_report: build it, or name its folder in CONSILIENCE_BUILD"
        )
    folder = tmp_path_factory.mktemp("reports")
    subprocess.run(
        [program, "--gtest_filter=PlantedReport.*"],
        env=os.environ | {"CONSILIENCE_PLANTED_REPORTS": str(folder)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture(scope="session")
def browser():
    executable = find_chromium()
    if executable is None:
        pytest.skip("no chromium on PATH: the report was NOT looked at")
    with Chromium(executable) as chromium:
        yield chromium


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1180])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_quiet_and_fits(pages, browser, page, width, dark):
    file = pages / page / "index.html"
    browser.open(file, width, dark)
    assert browser.ask("document.scrollingElement.scrollWidth") == width
    assert browser.logs == []
    assert browser.requests == [file.resolve().as_uri()]


@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_that_a_name_brought(pages, browser, page):
    browser.open(pages / page / "index.html", 1180)
    assert browser.ask("document.scripts.length") == 2
    assert browser.ask("document.images.length") == 0


def test_the_cell_under_the_pointer_is_read_out(pages, browser):
    browser.open(pages / "realistic" / "index.html", 1180)
    read = browser.ask(
        """(() => {const map = document.querySelector('.map'), plot = map.querySelector('.plot'),
        box = plot.getBoundingClientRect();
        plot.dispatchEvent(new PointerEvent('pointermove',
          {clientX: box.right - 2, clientY: box.bottom - 2, bubbles: true}));
        return map.querySelector('.read').textContent})()"""
    )
    assert re.fullmatch(r"\.\d{3} at block_15/mean × block_2/mean", read)


def test_wide_tables_scroll_in_their_own_box(pages, browser):
    browser.open(pages / "realistic" / "index.html", 390)
    boxes = browser.ask(
        "[...document.querySelectorAll('.scroll')].map(b => [b.scrollWidth, b.clientWidth])"
    )
    assert any(inner > outer for inner, outer in boxes)
    assert all(outer <= 390 for _, outer in boxes)


@pytest.mark.parametrize("width", [390, 1180])
@pytest.mark.parametrize("page", ["realistic", "other-metrics", "hostile"])
def test_the_ladder_stands_in_its_rows(pages, browser, page, width):
    """Every bar lies in its track, and a row's drawing beside or under its own words."""
    browser.open(pages / page / "index.html", width)
    rows = browser.ask(
        """[...document.querySelectorAll('.ladder li')].map(row => {
        const box = e => {const b = e.getBoundingClientRect();
          return [b.left, b.top, b.right, b.bottom]};
        return {kind: row.className, row: box(row), track: box(row.querySelector('.track')),
          words: box(row.querySelector('.what')),
          bars: [...row.querySelectorAll('rect')].map(box)}})"""
    )
    assert len(rows) == 8  # six rungs, the excess, the scale
    bars = 0
    for row in rows:
        left, top, right, bottom = row["track"]
        assert row["row"][1] - 1 <= top < bottom <= row["row"][3] + 1, row
        assert right - left > 200, row
        for bar in row["bars"]:
            bars += 1
            assert left - 1 <= bar[0] < bar[2] <= right + 1, row
            assert top - 1 <= bar[1] < bar[3] <= bottom + 1, row
        if row["bars"] and width > 600:
            assert row["words"][2] <= left, row
        elif row["bars"]:
            assert row["words"][3] <= top + 1, row
    assert bars >= 6


def test_the_line_of_the_highest_baseline_meets_its_bar_and_the_excess(pages, browser):
    browser.open(pages / "realistic" / "index.html", 1180)
    line, high, excess = browser.ask(
        """['.ladder .excess .guide', '.ladder .high', '.ladder .excess .fill'].map(s => {
        const b = document.querySelector(s).getBoundingClientRect(); return [b.left, b.right]})"""
    )
    assert abs(high[1] - line[0]) < 1.5
    assert abs(excess[0] - line[0]) < 1.5


def test_no_label_of_a_drawing_is_cut(pages, browser):
    for page in ("realistic", "other-metrics", "hostile"):
        browser.open(pages / page / "index.html", 1180)
        cut = browser.ask(
            """[...document.querySelectorAll('figure > svg, .ladder .scale .track > svg')]
            .flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
              const box = text.getBoundingClientRect();
              return box.width > 0 && (box.left < frame.left - 1 || box.right > frame.right + 1 ||
                box.top < frame.top - 1 || box.bottom > frame.bottom + 1)})
              .map(text => text.textContent)})"""
        )
        assert cut == []


def test_labels_at_the_lines_do_not_overlap(pages, browser):
    browser.open(pages / "realistic" / "index.html", 1180)
    clashes = browser.ask(
        """[...document.querySelectorAll('.chart svg')].flatMap(svg => {
        const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent,
          t.getBoundingClientRect()]);
        return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
          Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 &&
          Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 4).map(([b]) => [a, b]))})"""
    )
    assert clashes == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", ["realistic", "other-metrics"])
def test_every_text_has_contrast(pages, browser, page, dark):
    """WCAG AA, 4.5:1, against the nearest background that is painted."""
    browser.open(pages / page / "index.html", 1180, dark)
    weak = browser.ask(
        """(() => {
        const rgb = c => c.match(/[\\d.]+/g).map(Number);
        const light = c => {const [r, g, b] = rgb(c).map(v => v / 255).map(v =>
          v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
          return .2126 * r + .7152 * g + .0722 * b};
        const behind = e => {for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c}};
        return [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n =>
          n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length).map(e => {
          const style = getComputedStyle(e), svg = e instanceof SVGElement;
          const a = light(svg ? style.fill : style.color), b = light(behind(e));
          return [e.textContent.slice(0, 30), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]})
          .filter(([_, contrast]) => contrast < 4.5)})()"""
    )
    assert weak == []


def test_everything_is_there_without_scripts(pages, browser):
    file = pages / "realistic" / "index.html"
    browser.open(file, 1180)
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    browser.open(file, 1180, scripts=False)
    assert browser.call("Page.getLayoutMetrics")["cssContentSize"] == size
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_prints_on_paper(pages, browser, tmp_path):
    browser.open(pages / "realistic" / "index.html", 1180)
    browser.pdf(tmp_path / "report.pdf")
    text = (tmp_path / "report.pdf").read_bytes()
    assert text.startswith(b"%PDF")
    sheets = len(re.findall(rb"/Type\s*/Page\b", text))
    assert 3 <= sheets <= 14
