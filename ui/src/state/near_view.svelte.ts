import type { Attachment } from "svelte/attachments";

/** Rows that are drawn at once: more would hold up keys and scans for as long as they take to come, and to go. */
export const DRAWN = 120;
/** The drawn rows move in such steps: not at every pixel. */
const STEP = 20;
/** Of a row, px, until one was measured. */
const USUAL_HEIGHT = 44;

/** Which rows of a long list are drawn: those in view and some before and after them, so that no key or wheel outruns them. */
export class NearView {
  #total: () => number;
  #from = $state(0);
  #height = $state(USUAL_HEIGHT);

  constructor(total: () => number) {
    this.#total = total;
  }

  /** The first row drawn. */
  get from(): number {
    return Math.max(0, Math.min(this.#from, this.#total() - DRAWN));
  }

  /** Room of the rows that are not drawn, before and after, as CSS. */
  get room(): string {
    const after = Math.max(0, this.#total() - this.from - DRAWN);
    return `${this.from * this.#height}px ${after * this.#height}px`;
  }

  /** The rows to draw. */
  of<Row>(rows: readonly Row[]): readonly Row[] {
    return rows.slice(this.from, this.from + DRAWN);
  }

  /** For the list's element: follows whatever scrolls it. */
  readonly follow: Attachment<HTMLElement> = (list) => {
    const look = () => {
      const [first, last] = [list.firstElementChild, list.lastElementChild];
      if (!first || !last) return;
      const high = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top;
      // A place without a layout (a test) keeps the first rows.
      if (high <= 0) return;
      this.#height = high / list.childElementCount;
      const passed = Math.max(0, -(list.getBoundingClientRect().top - (list.parentElement?.getBoundingClientRect().top ?? 0)));
      const middle = (passed + window.innerHeight / 2) / this.#height;
      this.#from = Math.max(0, Math.floor((middle - DRAWN / 2) / STEP) * STEP);
    };
    // Scrolling does not bubble, but it can be caught on its way down.
    document.addEventListener("scroll", look, { capture: true, passive: true });
    window.addEventListener("resize", look);
    return () => {
      document.removeEventListener("scroll", look, { capture: true });
      window.removeEventListener("resize", look);
    };
  };
}
