import { language, t } from "./index.svelte";

const made = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language()} ${name}`;
  let f = made.get(key);
  if (!f) made.set(key, (f = new Intl.DateTimeFormat(language(), { hourCycle: "h23", ...options })));
  return f;
}

/** 14:02:11 */
export function clock(ms: number): string {
  return format("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

const two = (n: number) => String(n).padStart(2, "0");

/** 2027-03-02: one order of the parts for all three languages, so that nobody reads March for February. */
export function day(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** Today 14:02, else 03-02 14:02. */
export function when(ms: number, now: number = Date.now()): string {
  const time = format("time", { hour: "2-digit", minute: "2-digit" }).format(ms);
  if (day(ms) === day(now)) return t("time.today", { time });
  return `${day(ms).slice(day(ms).slice(0, 4) === day(now).slice(0, 4) ? 5 : 0)} ${time}`;
}

/** 8 min 41 s */
export function span(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 3600) return t("time.hours", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  if (s >= 60) return t("time.minutes", { m: Math.floor(s / 60), s: s % 60 });
  return t("time.seconds", { s });
}

/** 138 0013 8000: phones in groups of 3-4-4; everything else stays as it is. */
export function phone(text: string): string {
  return /^[\d*]{11}$/.test(text) ? `${text.slice(0, 3)}\u00a0${text.slice(3, 7)}\u00a0${text.slice(7)}` : text;
}
