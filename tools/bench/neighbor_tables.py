"""Markdown tables of what neighbors.py wrote."""

import json

import numpy as np

OURS = "ours"
NAMES = {
    OURS: "consilience",
    "faiss": "faiss IndexFlatIP",
    "torch-f32": "torch f32",
    "torch-bf16": "torch bf16",
    "sklearn": "scikit-learn",
    "usearch": "usearch",
}


class Results:
    """Per case and side the turn with the fewest CPU-seconds of the last start that measured it."""

    def __init__(self, file):
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        self.starts = {line["run"]: line for line in lines if line["kind"] == "start"}
        self.skipped = {line["what"]: line["why"] for line in lines if line["kind"] == "skipped"}
        measured = [line for line in lines if line["kind"] == "measured"]
        last = {(line["case"], line["who"]): line["run"] for line in measured}
        self.measured = [m for m in measured if m["run"] == last[m["case"], m["who"]]]
        self.best = {}
        for m in sorted(self.measured, key=lambda m: -m["result"]["cpu_s"]):
            self.best[m["case"], m["who"]] = m
        self.skipped = {k: why for k, why in self.skipped.items() if not self.has_data(k)}

    def has_data(self, prefix):
        return any(case.startswith(prefix) for case, _ in self.best)

    def cases(self, **wanted):
        found = {m["case"]: m for m in self.measured if wanted.items() <= m.items()}
        return [found[case] for case in sorted(found, key=lambda case: order(found[case]))]

    def cpu_s(self, case, who):
        found = self.best.get((case, who))
        return found and found["result"]["cpu_s"]

    def ratio(self, case, who="faiss"):
        ours, theirs = self.cpu_s(case, OURS), self.cpu_s(case, who)
        return theirs / ours if ours and theirs else None


def order(case):
    return (
        case["data"] != "isotropic",
        case["data"],
        case["threads"],
        case["n"],
        case["d"],
        case["k"],
    )


def number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def table(head, rows):
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def title(case):
    threads = "" if case["threads"] == 1 else f", {case['threads']} threads"
    return [case["data"] + threads, case["n"], case["d"], case["k"]]


def gflops(case):
    return 2 * case["n"] ** 2 * case["d"] / 1e9


def seconds_table(results, cases, sides):
    def cell(case, who):
        cpu_s = results.cpu_s(case["case"], who)
        return "" if cpu_s is None else f"{cpu_s:.3g} ({gflops(case) / cpu_s:.0f})"

    head = ["data", "n", "d", "k", *(NAMES[who] for who in sides), "faiss / consilience"]
    return table(
        head,
        [
            [*title(c), *(cell(c, who) for who in sides), number(results.ratio(c["case"]), 2)]
            for c in cases
        ],
    )


def ours_table(results, cases):
    rows = []
    for case in cases:
        best = results.best.get((case["case"], OURS))
        if best is None:
            continue
        r = best["result"]
        extra = (r["peak_bytes"] - r["bytes_before"]) / 1e6
        loads = [
            m["load"] for m in results.measured if (m["case"], m["who"]) == (case["case"], OURS)
        ]
        rows.append(
            [*title(case), number(r["cpu_s"], 3), number(r["seconds"], 3), r["arithmetic"]]
            + [number(r["survivors_per_row"], 1), r["redone_rows"], number(extra, 0)]
            + [f"{min(loads):.1f} - {max(loads):.1f}"]
        )
    head = ["data", "n", "d", "k", "core-s", "wall s", "candidates in", "candidates a row"]
    return table([*head, "rows redone", "MB above features and lists", "load average"], rows)


def kept_ratio_table(results):
    """How much of the ratio to faiss on isotropic data harder data keeps."""
    rows = []
    for case in results.cases(threads=1):
        plain = results.cases(data="isotropic", threads=1, n=case["n"], d=case["d"], k=case["k"])
        hard, easy = results.ratio(case["case"]), plain and results.ratio(plain[0]["case"])
        if case["data"] != "isotropic" and hard and easy:
            rows.append([*title(case), number(hard, 2), number(easy, 2), number(hard / easy, 2)])
    return table(["data", "n", "d", "k", "ratio", "isotropic", "of the isotropic"], rows)


def exponent(results, cases, who, size):
    points = [(c[size], results.cpu_s(c["case"], who)) for c in cases]
    points = [(x, cpu_s) for x, cpu_s in points if cpu_s]
    if len({x for x, _ in points}) < 2:
        return None
    x, y = np.log(np.array(points)).T
    return np.polyfit(x, y, 1)[0]


def growth_table(results, sides):
    """Exponents by least squares on the logarithms of size and core-seconds."""
    rows = []
    isotropic = results.cases(data="isotropic", threads=1)
    for size, fixed in (("n", "d"), ("d", "n")):
        for value, k in sorted({(c[fixed], c["k"]) for c in isotropic}):
            cases = [c for c in isotropic if (c[fixed], c["k"]) == (value, k)]
            found = [exponent(results, cases, who, size) for who in sides]
            sizes = ", ".join(str(c[size]) for c in cases)
            if any(found):
                rows.append([f"{size} in {sizes}", f"{fixed} = {value}, k = {k}"])
                rows[-1] += [number(x, 2) for x in found]
    return table(["exponent of", "at", *(NAMES[who] for who in sides)], rows)


def recall_table(results):
    rows = []
    for who in NAMES:
        found = [m["result"] for m in results.measured if m["who"] == who and who != OURS]
        if found:
            exact = [r["recall"] for r in found]
            close = [r["recall_f32"] for r in found]
            rows.append([NAMES[who], f"{min(exact):.4f}", f"{min(close):.4f}"])
    return table(["peer", "least recall", "within 2e-6 of the k-th score"], rows)


def start_lines(results):
    used = {m["run"] for m in results.best.values()}
    for run, start in sorted(results.starts.items()):
        if run in used:
            machine, versions = start["machine"], start["versions"]
            yield (
                f"{run}: {machine['cores']} cores of {machine['model']} "
                f"({', '.join(machine['flags'])}), {machine['memory_bytes'] / 2**30:.0f} GiB; "
                + ", ".join(f"{name} {version}" for name, version in versions.items())
                + f"; `{' '.join(start['command'])}`"
            )


def tables(file):
    results = Results(file)
    sides = [who for who in NAMES if any(w == who for _, w in results.best)]
    cases = results.cases()
    parts = [*start_lines(results)]
    parts += [f"SKIPPED: {what}: {why}" for what, why in results.skipped.items()]
    for caption, lines in (
        (
            "Core-seconds (GFLOP per core-second of 2 n^2 d); one thread unless said:",
            seconds_table(results, cases, sides),
        ),
        ("consilience:", ours_table(results, cases)),
        ("Harder data, core-seconds of faiss / consilience:", kept_ratio_table(results)),
        ("Growth of core-seconds with n and d:", growth_table(results, sides)),
        (
            "Recall on 200 rows against float64, the least of all cases "
            "(consilience: lists bit for bit as in double):",
            recall_table(results),
        ),
    ):
        if lines:
            parts += [caption, lines]
    return "\n\n".join(parts)
