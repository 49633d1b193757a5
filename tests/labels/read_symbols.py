#!/usr/bin/env python3
"""Reads many labels in one process with the oracles beside the product (decode.py, barfidelity.py).
stdin: JSON list of {"png": path, "symbols": [{"zone": [x, y, w, h], "sideways": bool, "kind": name}, ...]}; stdout: JSON list of
{"texts": [...], "worst": [...], "module": [...]}: what zxing-cpp read, and for each symbol the worst error of any bar, space
or module and the module's width, both in dots.
usage: read_symbols.py ORACLES_DIR"""
import json
import sys

sys.path.insert(0, sys.argv[1])
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
import barfidelity  # noqa: E402
import decode  # noqa: E402

LINEAR = {"Code39", "Ean13", "Ean8", "Itf"}


def stretches(a):
    """Lengths of the black and white stretches of every row, but for the white before the first and after the last."""
    edges = [np.flatnonzero(np.diff(np.pad(row.astype(int), 1))) for row in a]
    return np.concatenate([np.diff(e) for e in edges if len(e) > 1]).astype(float)


def measure(black, symbol):
    x, y, w, h = symbol["zone"]
    a = black[y:y + h, x:x + w]
    if symbol["sideways"]:
        a = a.T
    if symbol["kind"] == "Code128":
        return barfidelity.fidelity(a, a.shape[0] // 2)[:2]
    # The narrowest stretch is one module in all of these; the rows of a matrix are measured as its columns are.
    across = stretches(a[a.shape[0] // 2:][:1] if symbol["kind"] in LINEAR else a)
    worst, module = 0.0, across.min()
    for s in [across] if symbol["kind"] in LINEAR else [across, stretches(a.T)]:
        worst = max(worst, np.abs(s - np.round(s / s.min()) * s.min()).max())
    return module, worst


out = []
for job in json.load(sys.stdin):
    im = Image.open(job["png"]).convert("L")
    black = np.asarray(im) < 128
    rows = [measure(black, s) for s in job["symbols"]]
    out.append({"texts": [[b["format"], b["text"]] for b in decode.zxing(im)],
                "worst": [float(r[1]) for r in rows], "module": [float(r[0]) for r in rows]})
json.dump(out, sys.stdout)
