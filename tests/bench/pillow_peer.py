#!/usr/bin/env python3
"""The waybill of waybill.json by Pillow, python-barcode and segno. usage: pillow_peer.py FONTS_DIR OUT.png; prints a median in ms."""
import io
import json
import os
import statistics
import sys
import time

import segno
from barcode import Code128
from PIL import Image, ImageDraw, ImageFont

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "waybill.json"), encoding="utf-8") as said:
    LABEL = json.load(said)
FONTS = {}


def font(bold, px):
    if (bold, px) not in FONTS:
        name = "NotoSansSC_700Bold.ttf" if bold else "NotoSansSC_400Regular.ttf"
        FONTS[bold, px] = ImageFont.truetype(os.path.join(sys.argv[1], name), px)
    return FONTS[bold, px]


def draw():
    image = Image.new("1", (LABEL["width"], LABEL["height"]), 1)
    pen = ImageDraw.Draw(image)
    for x, y, w, h in LABEL["rules"]:
        pen.rectangle((x, y, x + w - 1, y + h - 1), fill=0)
    for x, y, px, bold, text in LABEL["texts"]:
        pen.text((x, y), text, font=font(bold, px), fill=0)
    for x, y, module, high, text in LABEL["bars"]:
        for n, bar in enumerate(Code128(text).build()[0]):
            if bar == "1":
                pen.rectangle((x + n * module, y, x + (n + 1) * module - 1, y + high - 1), fill=0)
    for x, y, module, text in LABEL["qr"]:
        for j, row in enumerate(segno.make(text, error="m", micro=False).matrix):
            for i, black in enumerate(row):
                if black:
                    pen.rectangle((x + i * module, y + j * module, x + (i + 1) * module - 1, y + (j + 1) * module - 1), fill=0)
    return image


draw().save(sys.argv[2])
times = []
for _ in range(60):
    start = time.perf_counter()
    draw().tobytes()
    times.append(1e3 * (time.perf_counter() - start))
print(statistics.median(times))
