import { asApiError, call } from "../host";
import type { ApiError, CarrierLabelList, CarrierLabelReading, CarrierLabelView, Picture, PrinterView } from "../host";
import { pressKey } from "./press";
import { Act, Query } from "./query.svelte";

/** Larger files are refused by the desk as well. */
export const MOST_BYTES = 10 * 1024 * 1024;

/** One page of a file that waits to be printed. */
export class Page {
  readonly key = pressKey();
  /** What the clerk says the number is. */
  tracking = $state("");
  /** The number that `reading` was compared with. */
  compared = $state("");
  unread = $state(false);
  reading = $state.raw<CarrierLabelReading | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** The press that prints it; the same as long as nothing of it changes. */
  press = pressKey();

  constructor(
    readonly name: string,
    readonly base64: string,
    readonly page: number,
  ) {}

  get number(): string {
    return this.tracking.trim() || (this.reading?.number ?? "");
  }

  /** May go at one press for many: its bars were read, and say nothing else. */
  get good(): boolean {
    const verdict = this.reading?.verdict;
    return this.reading !== null && this.reading.known === null && this.settled && (verdict === "matches" || verdict === "not_compared");
  }

  /** The number that is typed is the one that was compared. */
  get settled(): boolean {
    return this.tracking.trim() === this.compared;
  }

  get printable(): boolean {
    return this.good || (this.reading?.verdict === "unreadable" && this.reading.known === null && this.unread);
  }
}

/** Labels that carriers made: what waits, and what was printed. Lives as long as the window: leaving the page loses nothing. */
export class CarrierLabels {
  list = new Query<CarrierLabelList>(() => call("carrier_labels.list", {}));
  printers = new Query<PrinterView[]>(() => call("printers.list", {}));
  printer = $state("");
  pages = $state<Page[]>([]);
  /** Key of a page, or id of a printed label. */
  chosen = $state("");
  /** The picture of a printed label. */
  picture = $state.raw<Picture | null>(null);
  act = new Act();
  #queue: Promise<void> = Promise.resolve();

  get page(): Page | null {
    return this.pages.find((p) => p.key === this.chosen) ?? null;
  }

  get printed(): CarrierLabelView | null {
    return this.list.data?.rows.find((l) => l.id === this.chosen) ?? null;
  }

  get good(): Page[] {
    return this.pages.filter((p) => p.good);
  }

  /** Takes files in, and reads their pages one after the other. Answers the names of those that are too large. */
  async add(files: readonly File[]): Promise<string[]> {
    const tooLarge: string[] = [];
    for (const file of files) {
      if (file.size > MOST_BYTES) {
        tooLarge.push(file.name);
        continue;
      }
      const first = new Page(file.name, await base64(file), 1);
      this.pages.push(first);
      if (this.page === null) this.choose(first.key);
      this.#later(first.key, true);
    }
    return tooLarge;
  }

  choose(key: string): void {
    this.chosen = key;
    this.act.error = null;
    this.picture = null;
    const job = this.printed?.prints.at(-1);
    if (!job) return;
    call("prints.picture", { id: job.id }).then(
      (picture) => this.chosen === key && (this.picture = picture),
      (thrown: unknown) => this.chosen === key && (this.act.error = asApiError(thrown)),
    );
  }

  /** The row above or below. */
  step(by: number): void {
    const keys = [...this.pages.map((p) => p.key), ...(this.list.data?.rows ?? []).map((l) => l.id)];
    const at = keys.indexOf(this.chosen);
    const to = keys[Math.min(keys.length - 1, Math.max(0, at + by))];
    if (to !== undefined) this.choose(to);
  }

  /** Reads a page again: another number, another printer. */
  look(key: string): void {
    this.#later(key, false);
  }

  /** Another printer has other paper and other dots. */
  chosePrinter(): void {
    for (const page of this.pages) this.#later(page.key, false);
  }

  take(key: string): void {
    const at = this.pages.findIndex((p) => p.key === key);
    if (at < 0) return;
    this.pages.splice(at, 1);
    if (this.chosen === key) this.choose(this.pages[Math.min(at, this.pages.length - 1)]?.key ?? "");
  }

  clear(): void {
    this.pages = [];
    this.choose("");
  }

  /** Prints pages in their order; stops at the first that does not go. Answers those that went. */
  async print(pages: readonly Page[]): Promise<CarrierLabelView[]> {
    const went: CarrierLabelView[] = [];
    await this.act.run(async () => {
      for (const page of pages) {
        const { name, base64: file_base64, page: n, unread, press: submit_key } = page;
        const printer = this.printer;
        try {
          went.push(await call("carrier_labels.print", { name, file_base64, page: n, printer, tracking: page.tracking.trim(), unread, submit_key }));
        } catch (thrown) {
          this.choose(page.key);
          // Whether it went is not known after some errors: the same press asks again and prints nothing twice.
          throw thrown;
        }
        this.take(page.key);
      }
    });
    await this.list.load();
    return went;
  }

  /** Reading is work: one page at a time, in order. */
  #later(key: string, first: boolean): void {
    this.#queue = this.#queue.then(() => this.#read(key, first));
  }

  async #read(key: string, first: boolean): Promise<void> {
    const page = this.pages.find((p) => p.key === key);
    if (!page) return;
    const tracking = page.tracking.trim();
    try {
      page.reading = await call("carrier_labels.read", { file_base64: page.base64, page: page.page, printer: this.printer, tracking });
      page.compared = tracking;
      page.error = null;
    } catch (thrown) {
      page.reading = null;
      page.error = asApiError(thrown);
    }
    // What is printed is another label now.
    page.press = pressKey();
    if (!first || page.reading === null || page.reading.pages < 2) return;
    const at = this.pages.findIndex((p) => p.key === key);
    if (at < 0) return;
    const more = Array.from({ length: page.reading.pages - 1 }, (_, i) => new Page(page.name, page.base64, i + 2));
    this.pages.splice(at + 1, 0, ...more);
    for (const one of more) this.#later(one.key, false);
  }
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  // In pieces: arguments of one call are bounded.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export const carrierLabels = new CarrierLabels();
