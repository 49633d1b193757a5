#!/usr/bin/env python3
"""Makes the PDF files of this folder again: labels as a carrier's web page prints them, by Chromium; a locked one by pypdf.
usage: make.py   (in this folder; needs chromium, zxingcpp, numpy, and pypdf[crypto])"""
import subprocess

import numpy
import zxingcpp
from pypdf import PdfWriter


def bars(text, mm=0.375, high=20):
    picture = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=1, add_quiet_zones=False)
    row = numpy.array(picture)[0]
    rects, x = [], 0
    while x < len(row):
        end = x
        while end < len(row) and row[end] < 128:
            end += 1
        if end > x:
            rects.append(f'<rect x="{x * mm:.4f}" y="0" width="{(end - x) * mm:.4f}" height="{high}"/>')
        x = max(end, x + 1)
    wide = len(row) * mm
    size = f'width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}" overflow="visible"'
    return f'<svg {size} shape-rendering="crispEdges">{"".join(rects)}</svg>'


def label(number, name):
    address = f"SHIP TO<br><b>{name}</b><br>221 Elm Street, Apt 4<br>Springfield IL 62704<br>UNITED STATES"
    code = f'<div class="b">{bars(number)}<div class="n">{number}</div></div>'
    return f'<div class="l"><div class="t">PRIORITY</div><div class="a">{address}</div>{code}</div>'


def page(size, place, labels):
    style = f"""@page{{size:{size};margin:0}}*{{box-sizing:border-box}}body{{margin:0;font-family:"DejaVu Sans"}}
.l{{width:100mm;height:150mm;position:{place};page-break-after:always;overflow:hidden}}
.t{{position:absolute;left:5mm;top:5mm;width:90mm;height:14mm;background:#000;color:#fff;font-size:9mm;text-align:center}}
.a{{position:absolute;left:5mm;top:25mm;font-size:4.5mm;line-height:6mm}}
.b{{position:absolute;left:5mm;top:80mm}}.n{{font-size:4mm;text-align:center}}"""
    return f"<style>{style}</style>{''.join(labels)}"


PAGES = [("9405511899223100012340", "JANE DOE"), ("9405511899223100012357", "JOHN ROE"), ("9405511899223100012364", "ANN POE")]
SHEETS = {
    "pages": page("100mm 150mm", "relative", [label(*p) for p in PAGES]),
    "sheet": page("A4", "absolute;left:10mm;top:10mm", [label("794912345678", "JANE DOE")]),
}
for name, html in SHEETS.items():
    with open(f"{name}.html", "w", encoding="utf-8") as out:
        out.write(html)
    chromium = ["chromium", "--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={name}.pdf", f"{name}.html"]
    subprocess.run(chromium, check=True)
    subprocess.run(["rm", f"{name}.html"], check=True)
locked = PdfWriter(clone_from="sheet.pdf")
locked.encrypt("secret", algorithm="AES-128")
locked.write("locked.pdf")
