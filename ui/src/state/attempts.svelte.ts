import { call } from "../host";
import type { AttemptView } from "../host";

/** Attempts under way, and the one being looked at (which stays in view after its end, until it is put away). */
export class Attempts {
  open = $state.raw<AttemptView[]>([]);
  current = $state.raw<AttemptView | null>(null);
  /** Seconds left of the current one, counted here between answers. */
  left = $state(0);
  #heardAt = 0;

  show(attempt: AttemptView): void {
    // Only the answer to the opening says that a browser opened; later answers about the same attempt do not take it back.
    const opened = attempt.browser_opened || (this.current?.id === attempt.id && this.current.browser_opened);
    this.current = { ...attempt, browser_opened: opened };
    this.#heardAt = performance.now();
    this.left = attempt.seconds_left;
    const others = this.open.filter((a) => a.id !== attempt.id);
    this.open = isOver(attempt) ? others : [attempt, ...others];
  }

  putAway(): void {
    this.current = this.open.find((a) => a.id !== this.current?.id) ?? null;
    if (this.current) this.show(this.current);
  }

  async load(): Promise<void> {
    this.open = await call("accounts.attempts", {});
    const current = this.current;
    if (current) await this.refresh(current.id);
    else if (this.open[0]) this.show(this.open[0]);
  }

  /** After a start that failed half way: whatever was started last. */
  async loadNewest(): Promise<void> {
    this.open = await call("accounts.attempts", {});
    const newest = this.open.reduce<AttemptView | null>((a, b) => (a && a.created_at >= b.created_at ? a : b), null);
    if (newest) this.show(newest);
  }

  async refresh(id: string): Promise<void> {
    const fresh = await call("accounts.attempt", { id });
    if (!this.current || this.current.id === id || fresh.state === "held") this.show(fresh);
    else this.open = this.open.map((a) => (a.id === id ? fresh : a));
  }

  /** Once a second. */
  tick(): void {
    if (!this.current || isOver(this.current)) return;
    const left = Math.max(0, Math.round(this.current.seconds_left - (performance.now() - this.#heardAt) / 1000));
    if (left === 0 && this.left !== 0) void this.refresh(this.current.id).catch(() => undefined);
    this.left = left;
  }
}

export function isOver(attempt: AttemptView): boolean {
  return ["active", "refused", "expired", "cancelled", "unknown"].includes(attempt.state);
}
