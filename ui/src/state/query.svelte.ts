import { asApiError } from "../host";
import type { ApiError } from "../host";

/** Fast answers never flicker: waiting is shown only after this many ms. */
export const SLOW_MS = 500;

/** Something read from the desk: keeps the last good answer, and only the newest question counts. */
export class Query<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  slow = $state(false);
  #ask: () => Promise<T>;
  #turn = 0;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    const timer = setTimeout(() => (this.slow = turn === this.#turn), SLOW_MS);
    try {
      const data = await this.#ask();
      if (turn !== this.#turn) return;
      this.data = data;
      this.error = null;
    } catch (thrown) {
      if (turn === this.#turn) this.error = asApiError(thrown);
    } finally {
      clearTimeout(timer);
      if (turn === this.#turn) this.slow = false;
    }
  }

  /** Forgets the answer, and whatever is on its way. */
  clear(): void {
    this.#turn++;
    this.data = null;
    this.error = null;
    this.slow = false;
  }
}

/** Something done at the desk: one at a time, busy at once, "working" only when it takes long. */
export class Act {
  busy = $state(false);
  slow = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** The answer, or nothing when it failed (see `error`) or was already under way. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.error = null;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      return await work();
    } catch (thrown) {
      this.error = asApiError(thrown);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.slow = false;
      this.busy = false;
    }
  }
}
