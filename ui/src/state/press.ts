/** The key of one press of a button: unguessable, never used for another press. */
export function pressKey(): string {
  // Not crypto.randomUUID: some webviews keep it from pages they do not count as secure.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
