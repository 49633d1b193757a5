/** Steps of the help page that somebody ticked off, kept by this window. What cannot be read or kept is simply not ticked. */
const KEY = "help-ticks";

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((k) => typeof k === "string") : [];
  } catch {
    return [];
  }
}

class Ticks {
  done = $state.raw<readonly string[]>(read());

  has(step: string): boolean {
    return this.done.includes(step);
  }

  set(step: string, on: boolean): void {
    this.keep(on ? [...this.done.filter((s) => s !== step), step] : this.done.filter((s) => s !== step));
  }

  /** Begins a topic again. */
  clear(topic: string): void {
    this.keep(this.done.filter((s) => !s.startsWith(`${topic}_`)));
  }

  private keep(done: readonly string[]): void {
    this.done = done;
    try {
      localStorage.setItem(KEY, JSON.stringify(done));
    } catch {
      // A full or closed store: the ticks last as long as the window.
    }
  }
}

export const ticks = new Ticks();
