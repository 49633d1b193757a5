#!/usr/bin/env python3
"""Draws every icon file from icon.svg (large) and icon-small.svg (a 16-dot grid, for small sizes).

Not part of the build: the pictures are committed. To draw them again:
    python3 -m venv /tmp/icons && /tmp/icons/bin/pip install cairosvg pillow && /tmp/icons/bin/python icons/make.py
"""

import io
import struct
from pathlib import Path

import cairosvg
from PIL import Image

HERE = Path(__file__).parent
LARGE = (HERE / "icon.svg").read_bytes()
SMALL = (HERE / "icon-small.svg").read_bytes()
GRID = {16, 24, 30, 32, 48}  # where the large drawing blurs

PNGS = {
    "32x32.png": 32,
    "64x64.png": 64,
    "128x128.png": 128,
    "128x128@2x.png": 256,
    "icon.png": 512,
    "StoreLogo.png": 50,
    **{f"Square{n}x{n}Logo.png": n for n in (30, 44, 71, 89, 107, 142, 150, 284, 310)},
}
ICO = (16, 24, 32, 48, 64, 256)
# Types of PNG entries in an Apple icon file, by pixels; a size may serve two types (plain and retina).
ICNS = [(b"icp4", 16), (b"icp5", 32), (b"ic11", 32), (b"icp6", 64), (b"ic12", 64), (b"ic07", 128), (b"ic08", 256),
        (b"ic13", 256), (b"ic09", 512), (b"ic14", 512), (b"ic10", 1024)]


def draw(pixels: int) -> bytes:
    svg = SMALL if pixels in GRID else LARGE
    raw = cairosvg.svg2png(svg, output_width=pixels, output_height=pixels)
    image = Image.open(io.BytesIO(raw)).convert("RGBA")  # Tauri asks for RGBA
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def ico() -> bytes:
    """Entries are PNG pictures, which Windows reads since Vista."""
    pictures = [(size, draw(size)) for size in ICO]
    head, body, offset = struct.pack("<HHH", 0, 1, len(pictures)), b"", 6 + 16 * len(pictures)
    for size, png in pictures:
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset + len(body))
        body += png
    return head + body


def icns() -> bytes:
    entries = b"".join(kind + struct.pack(">I", len(png) + 8) + png for kind, png in ((k, draw(n)) for k, n in ICNS))
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries


for name, pixels in PNGS.items():
    (HERE / name).write_bytes(draw(pixels))
(HERE / "icon.ico").write_bytes(ico())
(HERE / "icon.icns").write_bytes(icns())
