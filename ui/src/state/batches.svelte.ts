import { SvelteSet } from "svelte/reactivity";
import { call } from "../host";
import type { AskBatch, BatchCheck, BatchItemView, BatchList, BatchView, ParcelRow, ReadyOrders } from "../host";
import { pressKey } from "./press";
import { Act, Query } from "./query.svelte";

/** Events of a fast printer come in flocks; the list is read at most this often (ms). */
const FLOCK_MS = 200;
/** A selection that still moves is not checked. */
const CHECK_MS = 250;

/** The orders that wait, which of them go next, and the batch under way. */
export class Batches {
  readonly ready = new Query<ReadyOrders>(() => call("orders.ready", {}));
  readonly list = new Query<BatchList>(() => call("batches.list", {}));
  readonly batch = new Query<BatchView>(() => call("batches.show", { id: this.shownId }));
  readonly check = new Query<BatchCheck>(() => call("batches.check", this.ask()));
  readonly starting = new Act();
  readonly act = new Act();
  /** Ticked orders; none = all of them. */
  readonly ticked = new SvelteSet<string>();
  /** Twins that a person has looked at. */
  readonly despite = new SvelteSet<string>();
  courier = $state("");
  printer = $state("");
  /** The batch on screen: the open one, or the last one until a person has put it away. */
  shownId = $state("");
  /** What a person said is the last good label of this stop: a waybill number, or `none`; empty = nothing yet. */
  #said = $state("");
  #press = { key: "", text: "" };
  #checkTimer: ReturnType<typeof setTimeout> | undefined;
  #flockTimer: ReturnType<typeof setTimeout> | undefined;

  get waiting(): readonly ParcelRow[] {
    return this.ready.data?.rows ?? [];
  }

  /** What the key prints, top to bottom as on screen. */
  get going(): readonly ParcelRow[] {
    const ticked = this.waiting.filter((r) => this.ticked.has(r.id));
    return ticked.length > 0 ? ticked : this.waiting;
  }

  /** The batch on screen, once it has been read. */
  get shown(): BatchView | null {
    return this.batch.data?.id === this.shownId ? this.batch.data : null;
  }

  /** The last labels on the paper, newest last: what a person lays beside the screen. */
  get lastLabels(): readonly BatchItemView[] {
    const out = (this.shown?.items ?? []).filter((i) => i.nth > 0 && i.print_state !== "queued" && i.print_state !== "rendered");
    return [...out].sort((a, b) => a.nth - b.nth).slice(-3);
  }

  /** The last good label of a stopped batch. Until somebody says, what the machine is sure of; a torn label never is that. */
  get lastGood(): string {
    if (this.#said !== "" || !this.mustSay) return this.#said;
    const whole = this.lastLabels.filter((i) => i.print_state === "sent" || i.print_state === "confirmed").at(-1);
    return whole?.number ?? "none";
  }

  set lastGood(number: string) {
    this.#said = number;
  }

  ask(): AskBatch {
    return { parcels: this.going.map((r) => r.id), courier: this.courier, printer: this.printer, template: "", despite_twin: [...this.despite] };
  }

  async load(): Promise<void> {
    await Promise.all([this.ready.load(), this.list.load()]);
    for (const id of this.ticked) if (!this.waiting.some((r) => r.id === id)) this.ticked.delete(id);
    const open = this.list.data?.rows.find((b) => b.state !== "done");
    if (open && open.id !== this.shownId) this.show(open.id);
    else if (this.shownId) await this.batch.load();
    this.checkSoon();
  }

  /** Many labels a second: one look for all that happened in between. */
  loadSoon(): void {
    if (this.#flockTimer !== undefined) return;
    this.#flockTimer = setTimeout(() => {
      this.#flockTimer = undefined;
      void this.load();
    }, FLOCK_MS);
  }

  checkSoon(): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => {
      if (this.going.length > 0) void this.check.load();
      else this.check.clear();
    }, CHECK_MS);
  }

  toggle(id: string): void {
    if (!this.ticked.delete(id)) this.ticked.add(id);
    this.checkSoon();
  }

  toggleAll(): void {
    const all = this.waiting.every((r) => this.ticked.has(r.id));
    this.ticked.clear();
    if (!all) for (const r of this.waiting) this.ticked.add(r.id);
    this.checkSoon();
  }

  show(id: string): void {
    this.shownId = id;
    this.#said = "";
    this.batch.clear();
    void this.batch.load();
  }

  /** A person has seen a finished batch. */
  putAway(): void {
    this.shownId = "";
    this.batch.clear();
  }

  /** Prints what goes. The same selection pressed again, for whatever reason, is the same press. */
  async start(): Promise<boolean> {
    const ask = this.ask();
    if (ask.parcels.length === 0) return false;
    const text = JSON.stringify(ask);
    if (this.#press.text !== text) this.#press = { key: pressKey(), text };
    const batch = await this.starting.run(() => call("batches.start", { submit_key: this.#press.key, ask }));
    if (!batch) return false;
    this.#press = { key: "", text: "" };
    this.ticked.clear();
    this.despite.clear();
    this.check.clear();
    this.show(batch.id);
    void this.load();
    return true;
  }

  /** Pauses a running batch; lets any other go on, a stopped one from what a person said. */
  async pauseOrGoOn(): Promise<void> {
    const b = this.shown;
    if (!b || b.state === "done") return;
    await this.act.run(() =>
      b.state === "running"
        ? call("batches.pause", { id: b.id })
        : call("batches.resume", { id: b.id, last_good: b.state === "stopped" ? this.lastGood : "" }),
    );
    // What was said holds for this stop only.
    if (this.act.error === null) this.#said = "";
    await this.load();
  }

  /** A stopped batch with labels on the paper asks which was the last good one. */
  get mustSay(): boolean {
    return this.shown?.state === "stopped" && this.lastLabels.length > 0;
  }

  async close(): Promise<void> {
    const b = this.shown;
    if (!b) return;
    const done = await this.act.run(() => call("batches.close", { id: b.id }));
    if (done) this.putAway();
    await this.load();
  }

  /** The pile is whole. */
  async allOut(): Promise<void> {
    const b = this.shown;
    if (b?.state !== "done") return;
    const done = await this.act.run(() => call("batches.confirm", { id: b.id }));
    if (done) this.putAway();
    await this.load();
  }

  /** Points at the last good label by what a scanner reads of it. `false`: it is not of this batch's last ones. */
  point(number: string): boolean {
    const found = this.shown?.items.find((i) => i.nth > 0 && (i.number === number || i.stamp === number));
    if (!found || this.shown?.state !== "stopped") return false;
    this.lastGood = found.number;
    return true;
  }
}
