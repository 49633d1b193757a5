#!/usr/bin/env python3
"""Reads many labels in one process with the oracles beside the product (decode.py, barfidelity.py).
stdin: JSON list of {"png": path, "bars": [[y, x0, x1], ...]}; stdout: JSON list of {"texts": [...], "worst": [...],
"module": [...]}: what zxing-cpp read, and for each row the worst bar error and the module width in dots.
usage: read_symbols.py ORACLES_DIR"""
import json
import sys

sys.path.insert(0, sys.argv[1])
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
import barfidelity  # noqa: E402
import decode  # noqa: E402

out = []
for job in json.load(sys.stdin):
    im = Image.open(job["png"]).convert("L")
    black = np.asarray(im) < 128
    rows = [barfidelity.fidelity(black, *row) for row in job["bars"]]
    out.append({"texts": [[b["format"], b["text"]] for b in decode.zxing(im)],
                "worst": [float(r[1]) for r in rows], "module": [float(r[0]) for r in rows]})
json.dump(out, sys.stdout)
