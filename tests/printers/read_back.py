#!/usr/bin/env python3
"""Reads many jobs back into dots with the oracles, in one process.  read_back.py ORACLES_DIR CASES.jsonl
Each line of CASES: {"file", "language": "tspl"|"zpl"|"epl"|"cpcl"|"escpos", "width", "height", "dpi"}. Writes FILE.bits
(1 = black, rows padded to bytes) and one JSON line a case: {"file", "labels", "copies", "clipped", "warnings"}."""
import json
import sys

sys.path.insert(0, sys.argv[1])
import cpcl2png
import epl2png
import escpos2png
import numpy as np
import tspl2png
import zpl_zplkit

READERS = {"tspl": tspl2png, "epl": epl2png, "cpcl": cpcl2png, "escpos": escpos2png}

for line in open(sys.argv[2], encoding="utf-8"):
    case = json.loads(line)
    data = open(case["file"], "rb").read()
    w, h, dpi = case["width"], case["height"], case["dpi"]
    if case["language"] in READERS:
        # Only ESC/POS does not say how wide its label is; the others must, so they are told something wrong.
        width = w if case["language"] == "escpos" else 1
        labels = READERS[case["language"]].parse(data, dpi=203.2 if dpi == 203 else float(dpi), width=width, height=1)
        canvas, copies, info = labels[0]
        dots = canvas.a
        said = {"copies": copies, "clipped": canvas.clipped, "warnings": sorted(set(info) - {"direction"})}
    else:
        labels, warnings, _ = zpl_zplkit.zpl_to_images(data, w, h, dpi)
        dots = np.array(labels[0].convert("L")) == 0
        said = {"copies": 1, "clipped": 0, "warnings": [str(v) for v in warnings]}
    # The label on paper may be larger than the picture: what lies outside must be white.
    if dots.shape[0] < h or dots.shape[1] < w:
        dots = np.pad(dots, ((0, max(0, h - dots.shape[0])), (0, max(0, w - dots.shape[1]))))
    said["outside"] = int(dots.sum() - dots[:h, :w].sum())
    open(case["file"] + ".bits", "wb").write(np.packbits(dots[:h, :w], axis=1).tobytes())
    print(json.dumps({"file": case["file"], "labels": len(labels), **said}), flush=True)
