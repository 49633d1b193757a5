#!/usr/bin/env python3
"""Reads many jobs back into dots with the oracles, in one process.  read_back.py ORACLES_DIR CASES.jsonl
Each line of CASES: {"file", "language": "tspl"|"zpl"|"epl"|"cpcl"|"escpos", "width", "height", "dpi"}. Writes FILE.bits
(1 = black, rows padded to bytes) and one JSON line a case: {"file", "labels", "copies", "clipped", "warnings", "outside"}.

read_back.py ORACLES_DIR -   lives as long as its stdin: each line is a case with "job" (base64) in the place of "file", and the texts that it should say in "want".
Answers {"labels", "clipped", "outside", "crc32" of the bits, "texts" that zxing-cpp decodes}."""
import base64
import json
import sys
import zlib

sys.path.insert(0, sys.argv[1])
import cpcl2png
import decode
import epl2png
import escpos2png
import numpy as np
import tspl2png
import zpl_zplkit
from PIL import Image

READERS = {"tspl": tspl2png, "epl": epl2png, "cpcl": cpcl2png, "escpos": escpos2png}


def read(case, data):
    """The dots of the first label, and what is said of it."""
    w, h, dpi = case["width"], case["height"], case["dpi"]
    if case["language"] in READERS:
        # Only ESC/POS does not say how wide its label is; the others must, so they are told something wrong.
        width = w if case["language"] == "escpos" else 1
        labels = READERS[case["language"]].parse(data, dpi=203.2 if dpi == 203 else float(dpi), width=width, height=1)
        canvas, copies, info = labels[0]
        dots = canvas.a
        said = {"copies": copies, "clipped": canvas.clipped, "warnings": sorted(set(info) - {"direction"})}
    else:
        # zplkit does not count what it cuts off: it is given more room than the label, and what lies there counts as cut.
        labels, warnings, _ = zpl_zplkit.zpl_to_images(data, w + 64, h + 64, dpi)
        dots = np.array(labels[0].convert("L")) == 0
        said = {"copies": 1, "clipped": 0, "warnings": [str(v) for v in warnings]}
    # The label on paper may be larger than the picture: what lies outside must be white.
    if dots.shape[0] < h or dots.shape[1] < w:
        dots = np.pad(dots, ((0, max(0, h - dots.shape[0])), (0, max(0, w - dots.shape[1]))))
    said["outside"] = int(dots.sum() - dots[:h, :w].sum())
    return dots[:h, :w], {"labels": len(labels), **said}


if sys.argv[2] == "-":
    for line in sys.stdin:
        case = json.loads(line)
        dots, said = read(case, base64.b64decode(case["job"]))
        image = Image.fromarray(np.where(dots, 0, 255).astype(np.uint8))
        texts = [b["text"] for b in decode.zxing(image)]
        # Squares of two dots a module are too small for its search in a whole label: a scanner is held closer.
        if not set(case["want"]) <= set(texts):
            texts += [b["text"] for b in decode.zxing(image.resize((2 * image.width, 2 * image.height), Image.Resampling.NEAREST))]
        crc = zlib.crc32(np.packbits(dots, axis=1).tobytes())
        print(json.dumps({**said, "crc32": crc, "texts": texts}), flush=True)
else:
    for line in open(sys.argv[2], encoding="utf-8"):
        case = json.loads(line)
        with open(case["file"], "rb") as job:
            dots, said = read(case, job.read())
        with open(case["file"] + ".bits", "wb") as bits:
            bits.write(np.packbits(dots, axis=1).tobytes())
        print(json.dumps({"file": case["file"], **said}), flush=True)
