// The waybill of waybill.json by @napi-rs/canvas and bwip-js. usage: canvas_peer.mjs FONTS_DIR OUT.png; prints a median in ms.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import bwipjs from "bwip-js/node";

const here = dirname(fileURLToPath(import.meta.url));
const label = JSON.parse(readFileSync(join(here, "waybill.json"), "utf8"));
const [, , fonts, out] = process.argv;
GlobalFonts.registerFromPath(join(fonts, "NotoSansSC_400Regular.ttf"), "regular");
GlobalFonts.registerFromPath(join(fonts, "NotoSansSC_700Bold.ttf"), "bold");

/** Modules of a symbol, row by row. */
function modules(kind, text) {
  const raw = bwipjs.raw(kind, text, {})[0];
  if (raw.sbs) {
    let black = true;
    const row = [];
    for (const w of raw.sbs) {
      for (let i = 0; i < w; i++) row.push(black);
      black = !black;
    }
    return [row];
  }
  const rows = [];
  for (let y = 0; y < raw.pixy; y++) rows.push(Array.from({ length: raw.pixx }, (_, x) => raw.pixs[y * raw.pixx + x] === 1));
  return rows;
}

function draw() {
  const canvas = createCanvas(label.width, label.height);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, label.width, label.height);
  pen.fillStyle = "#000";
  pen.textBaseline = "top";
  for (const [x, y, w, h] of label.rules) pen.fillRect(x, y, w, h);
  for (const [x, y, px, bold, text] of label.texts) {
    pen.font = `${px}px ${bold ? "bold" : "regular"}`;
    pen.fillText(text, x, y);
  }
  for (const [x, y, module, high, text] of label.bars) modules("code128", text)[0].forEach((black, n) => black && pen.fillRect(x + n * module, y, module, high));
  for (const [x, y, module, text] of label.qr) modules("qrcode", text).forEach((row, j) => row.forEach((black, i) => black && pen.fillRect(x + i * module, y + j * module, module, module)));
  const { data } = pen.getImageData(0, 0, label.width, label.height);
  const bits = new Uint8Array((label.width * label.height) / 8);
  for (let n = 0; n < label.width * label.height; n++) if (data[4 * n] < 128) bits[n >> 3] |= 0x80 >> (n & 7);
  return canvas;
}

writeFileSync(out, await draw().encode("png"));
const times = [];
for (let n = 0; n < 60; n++) {
  const start = performance.now();
  draw();
  times.push(performance.now() - start);
}
console.log(times.sort((a, b) => a - b)[30]);
