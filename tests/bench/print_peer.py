#!/usr/bin/env python3
"""The waybill of waybill.json as a page: Chromium prints it, Poppler and CUPS turn the PDF into dots.
usage: print_peer.py FONTS_DIR OUT_DIR; prints lines of `name median-ms png`. What is not installed is left out."""
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import segno
from barcode import Code128

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "waybill.json"), encoding="utf-8") as said:
    LABEL = json.load(said)
FONTS, OUT = sys.argv[1:3]
MM = 1 / 8


def box(x, y, w, h):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}"/>'


def page():
    parts = [box(*r) for r in LABEL["rules"]]
    for x, y, module, high, text in LABEL["bars"]:
        parts += [box(x + n * module, y, module, high) for n, bar in enumerate(Code128(text).build()[0]) if bar == "1"]
    for x, y, module, text in LABEL["qr"]:
        matrix = segno.make(text, error="m", micro=False).matrix
        parts += [box(x + i * module, y + j * module, module, module) for j, row in enumerate(matrix) for i, b in enumerate(row) if b]
    for x, y, px, bold, text in LABEL["texts"]:
        weight = "bold" if bold else "regular"
        parts.append(f'<text x="{x}" y="{y + px}" font-size="{px}" font-family="{weight}">{text}</text>')
    faces = "".join(
        f'@font-face{{font-family:{name};src:url("file://{os.path.join(FONTS, file)}")}}'
        for name, file in [("regular", "NotoSansSC_400Regular.ttf"), ("bold", "NotoSansSC_700Bold.ttf")]
    )
    w, h = LABEL["width"], LABEL["height"]
    return (f'<meta charset="utf-8"><style>@page{{size:{w * MM}mm {h * MM}mm;margin:0}}body{{margin:0}}{faces}</style>'
            f'<svg width="{w * MM}mm" height="{h * MM}mm" viewBox="0 0 {w} {h}" shape-rendering="crispEdges">{"".join(parts)}</svg>')


def timed(name, command, png, times=7):
    took = []
    for _ in range(times):
        start = time.perf_counter()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        took.append(1e3 * (time.perf_counter() - start))
        if done.returncode:
            return None
    print(name, statistics.median(took), png, flush=True)
    return done.stdout


html, pdf = os.path.join(OUT, "waybill.html"), os.path.join(OUT, "waybill.pdf")
with open(html, "w", encoding="utf-8") as out:
    out.write(page())
chromium = next((p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p)), None)
if chromium:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{html}"]
    timed("chromium-print-to-pdf", [chromium, *flags], "-", 3)
if os.path.exists(pdf) and shutil.which("pdftoppm"):
    base = os.path.join(OUT, "poppler")
    timed("poppler-pdf-to-dots", ["pdftoppm", "-mono", "-r", "203.2", "-singlefile", pdf, base], base + ".pbm")
ppds = glob.glob("/usr/share/ppd/cupsfilters/*.ppd") + glob.glob("/usr/share/cups/model/**/*.ppd", recursive=True)
if os.path.exists(pdf) and os.path.exists("/usr/sbin/cupsfilter") and ppds:
    timed("cups-filter-to-raster", ["/usr/sbin/cupsfilter", "-p", ppds[0], "-m", "application/vnd.cups-raster", pdf], "-", 3)
