"""The markdown of a run, for docs/gpu-results.md."""

import json

from .benchmarks import NEIGHBORS


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]


def code(lines):
    return ["```", *lines, "```"]


def heading(machine):
    memory = machine["memory_bytes"] / 2**30
    packed = machine.get("packed", {})
    return [
        f"## {machine['device']}, {machine['date']}",
        "",
        f"Compute capability {machine['capability']}, {memory:.0f} GiB, "
        f"driver {machine['driver']} (CUDA {machine['driver_cuda']}), "
        f"{machine['devices']} device{'s' if machine['devices'] > 1 else ''}. "
        f"consilience {packed.get('commit', 'of a build folder')}, "
        f"compiled for {packed.get('architectures', 'what that build says')}.",
    ]


def missing(step):
    """What is said of a step that gave no result, or nothing."""
    if step is None:
        return ["Not run."]
    if "skipped" in step:
        return [f"SKIPPED: {step['skipped']}."]
    if "broken" in step:
        return [f"BROKEN: {step['broken']}.", "", *code(step.get("said", []))]
    return None


def conformance(step):
    lines = missing(step)
    if lines:
        return lines
    failures = step["failures"]
    lines = [
        f"{step['ran']} tests in {step['seconds']:.0f} s, {step['on_cuda']} of them on CUDA: "
        f"{len(failures)} failed, {len(step['skipped_tests'])} skipped."
    ]
    if step["exit"] != 0 and not failures:
        lines += ["", f"BROKEN: the program ended with {step['exit']}."]
    for name, said in failures.items():
        lines += ["", f"FAILED: {name}", "", *code(said)]
    if step["skipped_tests"]:
        lines += ["", "Skipped: " + ", ".join(step["skipped_tests"]) + "."]
    return lines


def sanitizer(step):
    lines = missing(step)
    if lines:
        return lines

    def outcome(run):
        if run["exit"] is None:
            return "did not end in time"
        errors = "no summary" if run["errors"] is None else f"{run['errors']} errors"
        return errors if run["exit"] == 0 else f"{errors}, exit {run['exit']}"

    runs = step["runs"]
    rows = [[r["tool"], f"`{r['program']}`", outcome(r), f"{r['seconds']:.0f}"] for r in runs]
    lines = table(["compute-sanitizer", "program", "found", "s"], rows)
    for run in runs:
        if run["first"]:
            lines += ["", f"{run['tool']}, {run['program']}:", "", *code(run["first"])]
    return lines


def milliseconds(seconds):
    return f"{1e3 * seconds:.3g}"


def seconds_of(row):
    return row["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[row["time_unit"]]


def neighbors(step, peers):
    """Ours beside torch's; torch's of the same shape."""
    times = {(r["n"], r["d"], r["k"], r["arithmetic"]): r for r in peers.get("rows", [])}
    rows = []
    for row in step["rows"]:
        found = NEIGHBORS.match(row["name"])
        if not found or row.get("error_occurred"):
            continue
        data, n, d, k = found.group(1), *map(int, found.groups()[1:])
        share = row.get("share_of_products")
        theirs = [times.get((n, d, k, a)) if data == "isotropic" else None for a in ARITHMETICS]
        rows.append(
            [
                data,
                f"{n:,}",
                d,
                k,
                milliseconds(seconds_of(row)),
                f"{row['naive_TFLOP/s']:.1f}",
                f"{row['executed_TFLOP/s']:.1f}" if share else "",
                f"{100 * share:.0f} %" if share else "",
                row.get("label", ""),
                f"{row['survivors_per_row']:.1f}",
                f"{row['redone_rows']:.0f}",
                f"{row['upload_ms']:.3g}",
                f"{row['device_GB']:.2f}",
                *(peer_cell(peer, seconds_of(row)) for peer in theirs),
            ]
        )
    head = [
        "data",
        "n",
        "d",
        "k",
        "ms",
        "TFLOP/s of 2 n^2 d",
        "carried out",
        "of the products alone",
    ]
    head += ["candidates in", "a row", "done again", "upload ms", "device GB"]
    return table(head + [f"torch {a}" for a in ARITHMETICS], rows) if rows else []


ARITHMETICS = ("f32", "TF32", "f16")


def peer_cell(peer, ours):
    if peer is None:
        return ""
    times = f"{peer['seconds'] / ours:.2f} x"
    resident = milliseconds(peer["resident_seconds"])
    text = f"{milliseconds(peer['seconds'])} ({times}; resident {resident}"
    return text + (")" if peer["recall"] >= 0.9995 else f"; recall {peer['recall']:.3f})")


def rate(row):
    known = ("GB/s", "TFLOP/s", "layer_pairs/s", "pictures/s", "GB/s_in")
    return ", ".join(f"{row[name]:.3g} {name.replace('_', ' ')}" for name in known if name in row)


def benchmarks(step, peers):
    lines = missing(step)
    if lines:
        return lines
    peers = peers or {"skipped": "not run"}
    lines = [
        "Before it was timed, every answer was held against the cpu backend's, and neighbour lists "
        "of up to 200 rows against the reference, bit for bit.",
        "Rows start and lists end in host memory; torch's too, but for `resident`. In brackets: "
        "how many times our time torch takes.",
        "",
        *neighbors(step, peers),
        "",
        f"torch was not measured: {peers['skipped']}."
        if "skipped" in peers
        else f"torch {peers['version']}: chunked matmul + topk, the faster of two chunks.",
    ]
    others = [
        [f"`{row['name'].removesuffix('/real_time')}`", milliseconds(seconds_of(row)), rate(row)]
        for row in step["rows"]
        if not NEIGHBORS.match(row["name"]) and not row.get("error_occurred")
    ]
    if others:
        lines += ["", *table(["op", "ms", "rate"], others)]
    for row in step["rows"]:
        if row.get("error_occurred"):
            lines += ["", f"WRONG: {row['name']}: {row['error_message']}"]
    return lines


def features(step):
    lines = missing(step)
    if lines:
        return lines
    rows = [
        [
            row["model"],
            row["rows"],
            row["layers"],
            row["layer"],
            f"{row['difference']:.3g}",
            f"{row['allowed']:.3g}",
            f"{row['share_of_bound']:.2f}" + ("" if row["share_of_bound"] <= 1 else " BEYOND"),
        ]
        for row in step["rows"]
    ]
    head = ["model", "samples", "layers", "the layer nearest to its bound", "difference", "allowed"]
    return [f"torch {step['torch']}, f32 on both sides.", "", *table([*head, "share"], rows)]


def is_good(results):
    """Whether nothing that was run is wrong."""
    steps = {
        name: results.get(name) or {}
        for name in ("conformance", "sanitizer", "benchmarks", "features")
    }
    if any("broken" in step for step in steps.values()):
        return False
    tested = steps["conformance"]
    runs = steps["sanitizer"].get("runs", [])
    return (
        not tested.get("failures")
        and tested.get("exit", 0) == 0
        and steps["benchmarks"].get("exit", 0) == 0
        and all(run["exit"] in (0, None) for run in runs)
        and all(row["share_of_bound"] <= 1 for row in steps["features"].get("rows", []))
    )


def markdown(results):
    sections = {
        "Conformance": conformance(results.get("conformance")),
        "Sanitizer": sanitizer(results.get("sanitizer")),
        "Benchmarks": benchmarks(results.get("benchmarks"), results.get("torch")),
        "Features of models": features(results.get("features")),
    }
    lines = heading(results["machine"])
    for name, body in sections.items():
        lines += ["", f"### {name}", "", *body]
    return "\n".join(lines) + "\n"


def write(file, out):
    results = json.loads(file.read_text())
    out.write_text(markdown(results))
    print(f"{out}: {'nothing is wrong' if is_good(results) else 'SOMETHING IS WRONG'}")
    return 0 if is_good(results) else 1
