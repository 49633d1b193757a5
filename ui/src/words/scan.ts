/** Rules of the scan field. */

/** What a scanner or a Chinese keyboard makes of a number: full-width forms, spaces and control characters mended. */
export function repaired(text: string): string {
  return text.normalize("NFKC").replace(/[\p{Cc}\s]+/gu, "");
}

/** Scanners end with Enter or Tab; a person's Tab, not typed within 60 ms of a character, moves on as always. */
export function endsScan(key: string, sinceLastCharacterMs: number): boolean {
  return key === "Enter" || (key === "Tab" && sinceLastCharacterMs <= 60);
}
