export type Notice = { text: string; undo?: { label: string; act: () => void } };

/** One line that says what was just done; it goes by itself, an undo goes with it. */
class Notices {
  current = $state.raw<Notice | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, undo?: Notice["undo"]): void {
    clearTimeout(this.#timer);
    this.current = undo ? { text, undo } : { text };
    this.#timer = setTimeout(() => (this.current = null), undo ? 15_000 : 7_000);
  }

  hush(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }
}

export const notices = new Notices();
