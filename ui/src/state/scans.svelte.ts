import { asApiError, call } from "../host";
import type { ApiError, ParcelRow, PrintView } from "../host";
import { copyOf, copyStands, outcomeOf, type Outcome } from "../words/scan";
import { look } from "./look.svelte";
import { play } from "./sound";

/** What became of one scan. */
export type Scanned = { outcome: Outcome; number: string; row: ParcelRow | undefined; error: ApiError | null; copy?: "old" | "which" };

/** Labels shown to the scanner, one after another, none dropped: what is in the hand is confirmed, the rest is told. */
export class Scans {
  last = $state.raw<Scanned | null>(null);
  #queue: Promise<unknown> = Promise.resolve();

  /** After a stop nothing counts until a person has seen it. */
  get locked(): boolean {
    return this.last?.outcome === "stop";
  }

  /** Takes a scan in its turn; answers once it is dealt with. */
  scan(number: string): Promise<void> {
    const turn = this.#queue.then(() => (this.locked ? this.remind() : this.#settle(number)));
    this.#queue = turn;
    return turn;
  }

  /** Sounds the stop again. */
  remind(): void {
    if (this.last) play(this.last.outcome, look.sound);
  }

  /** A person has seen it. */
  release(): void {
    this.last = null;
  }

  /** Orders that wait, by what stands on their pick list; what a scan of one does. */
  waiting: (number: string) => ParcelRow | undefined = () => undefined;
  onwaiting: (row: ParcelRow) => void = () => undefined;

  async #settle(number: string): Promise<void> {
    let row: ParcelRow | undefined = this.waiting(number);
    if (row) {
      const outcome = row.stop === "" ? "go" : "stop";
      if (outcome === "go") this.onwaiting(row);
      this.#say({ outcome, number, row, error: null });
      return;
    }
    try {
      const scanned = copyOf(number);
      const page = await call("orders.list", { before: null, limit: 20, filter: "all", search: scanned.number });
      row = page.rows.find((r) => r.number === scanned.number);
      let outcome = outcomeOf(row);
      if (row && (outcome === "go" || outcome === "twice")) {
        const labels = await onPaper(row);
        const stands = copyStands(labels, scanned.copy);
        if (stands !== "newest") {
          this.#say({ outcome: stands === "old" ? "stop" : "wait", number, row, error: null, copy: stands });
          return;
        }
        const label = labels.filter((p) => p.state !== "confirmed").at(-1);
        if (outcome === "go" && !label) outcome = "wait";
        else if (outcome === "go" && label) await call("prints.confirm", { id: label.id });
      }
      this.#say({ outcome, number, row, error: null });
    } catch (thrown) {
      this.#say({ outcome: "stop", number, row, error: asApiError(thrown) });
    }
  }

  #say(scanned: Scanned): void {
    this.last = scanned;
    this.remind();
  }
}

/** Labels of the number that may be on paper, oldest first. The newest is the one that may leave. */
async function onPaper(row: ParcelRow): Promise<PrintView[]> {
  const parcel = await call("orders.show", { id: row.id });
  return parcel.prints.filter((p) => p.number === row.number && ["sent", "doubtful", "confirmed"].includes(p.state));
}
