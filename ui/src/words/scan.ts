/** Rules of the scan field. */
import { parcelState } from "./parcel";
import type { ParcelRow, PrintView } from "../host";

/** What a scanner or a Chinese keyboard makes of a number: full-width forms, spaces and control characters mended. */
export function repaired(text: string): string {
  return text.normalize("NFKC").replace(/[\p{Cc}\s]+/gu, "");
}

/** A scanner types a character within this many ms of the last; a person does not. */
export const SCANNER_MS = 60;

/** Scanners end with Enter or Tab; a person's Tab, not typed within 60 ms of a character, moves on as always. */
export function endsScan(key: string, sinceLastCharacterMs: number): boolean {
  return key === "Enter" || (key === "Tab" && sinceLastCharacterMs <= SCANNER_MS);
}

/** Whether this was a scanner: fast throughout, and as long as the shortest waybill number. A typed number is looked for, not
 * confirmed: who looks a label up does not hold it. */
export function isScan(text: string, slowestGapMs: number): boolean {
  return text.length >= 8 && slowestGapMs <= SCANNER_MS;
}

/** Whether this may be a badge, or a label, held to the scanner at a locked screen: as a scanner types, and in the letters that
 * both have. A password manager types as fast, but hardly ever in capitals only. */
export function isHeldUp(text: string, slowestGapMs: number): boolean {
  return isScan(text, slowestGapMs) && /^[0-9A-Z./-]+$/.test(text);
}

/** A scanned text as number and copy: the square beside 补打 n says `7311200451/1`. */
export function copyOf(text: string): { number: string; copy: number | null } {
  const found = /^(.{4,})\/(\d{1,4})$/.exec(text);
  return found ? { number: found[1] ?? "", copy: Number(found[2]) } : { number: text, copy: null };
}

/** Whether the label in the hand is the newest of its number. `old`: it is not; `which`: copies can be told, and this scan did not. */
export function copyStands(labels: readonly Pick<PrintView, "copy" | "mark">[], scanned: number | null): "newest" | "old" | "which" {
  const newest = labels.at(-1);
  if (!newest) return "newest";
  if (scanned !== null) return scanned >= newest.copy ? "newest" : "old";
  return newest.mark === "" ? "newest" : "which";
}

/** How a scanned label stands. `go`: it is in the hand and counts now; `wait`: it is not through; `twice`: it counted before;
 * `stop`: a person looks before anything goes on. */
export type Outcome = "go" | "wait" | "stop" | "twice";

/** The outcome for a label's parcel; none: nobody here knows the number. */
export function outcomeOf(row: Pick<ParcelRow, "waybill_state" | "print_state" | "attention" | "stop"> | undefined): Outcome {
  // The buyer wants the money back: it must not leave, however well it is printed.
  if (!row || row.stop !== "" || ["rejected", "cancelling", "cancelled"].includes(row.waybill_state)) return "stop";
  if (row.waybill_state !== "issued") return "wait";
  switch (row.print_state) {
    case "sent":
    case "doubtful":
      return "go";
    case "confirmed":
      return "twice";
    default:
      return parcelState(row).kind === "stop" ? "stop" : "wait";
  }
}
