import { asApiError, call } from "../host";
import type { ApiError, Picture, TemplateFault, TemplatePreview, TemplateRow, TemplateText } from "../host";
import { Act, Query } from "./query.svelte";

/** Longer texts are refused by the desk as well. */
export const MOST_BYTES = 256 * 1024;
export const SAMPLES = ["plain", "long", "goods", "rare", "reprint"] as const;

/** A text being changed. `id` empty = it will be a new template. */
export type Draft = { id: string; version: number; made_from: string; text: string };

/** Templates and the texts being changed. Lives as long as the window: leaving the page loses nothing. */
export class Templates {
  list = new Query<TemplateRow[]>(() => call("templates.list", {}));
  /** What is looked at: a template's id, or "" for a new one. */
  chosen = $state<string | null>(null);
  kept = $state.raw<TemplateText | null>(null);
  drafts = $state<Record<string, Draft>>({});
  sample = $state<string>("plain");
  dpi = $state<string>("203");
  picture = $state.raw<Picture | null>(null);
  fault = $state.raw<TemplateFault | null>(null);
  error = $state.raw<ApiError | null>(null);
  act = new Act();
  #drawing = false;
  #behind = false;

  get draft(): Draft | null {
    return this.chosen === null ? null : (this.drafts[this.chosen] ?? null);
  }

  get text(): string {
    return this.draft?.text ?? this.kept?.text ?? "";
  }

  get unsaved(): boolean {
    return this.draft !== null && (this.draft.id === "" || this.draft.text !== this.kept?.text);
  }

  async choose(id: string): Promise<void> {
    this.chosen = id;
    this.act.error = null;
    // Another one's text must not be taken for this one's.
    if (this.kept?.id !== id) this.kept = null;
    if (id !== "") {
      try {
        const shown = await call("templates.show", { id });
        if (this.chosen !== id) return;
        this.kept = shown;
        this.error = null;
      } catch (thrown) {
        this.error = asApiError(thrown);
        return;
      }
    } else this.kept = null;
    this.draw();
  }

  /** Somebody typed. */
  type(text: string): void {
    if (this.chosen === null) return;
    const draft = this.draft;
    if (draft) draft.text = text;
    else if (this.kept) this.drafts[this.chosen] = { id: this.kept.id, version: this.kept.version, made_from: "", text };
    this.draw();
  }

  /** A new one from a text; one at a time. */
  begin(text: string, made_from: string): void {
    this.drafts[""] = { id: "", version: 0, made_from, text };
    void this.choose("");
  }

  discard(): void {
    if (this.chosen === null) return;
    const id = this.chosen;
    delete this.drafts[id];
    if (id === "") {
      this.chosen = null;
      this.picture = null;
      this.fault = null;
    } else void this.choose(id);
  }

  /** The row it became; the text stays where the desk says no. */
  async save(): Promise<TemplateRow | undefined> {
    const draft = $state.snapshot(this.draft);
    if (!draft || this.chosen === null) return undefined;
    const from = this.chosen;
    const row = await this.act.run(() => call("templates.save", { id: draft.id, after: draft.version, made_from: draft.made_from, text: draft.text }));
    if (!row) return undefined;
    // What was typed while it was being kept goes on as a change of the new version.
    const typed = this.drafts[from]?.text ?? draft.text;
    delete this.drafts[from];
    await this.list.load();
    await this.choose(row.id);
    if (typed !== draft.text) this.type(typed);
    return row;
  }

  async remove(): Promise<boolean> {
    const id = this.chosen;
    if (!id) return false;
    const done = await this.act.run(() => call("templates.remove", { id }));
    if (!done) return false;
    delete this.drafts[id];
    this.chosen = null;
    this.kept = null;
    await this.list.load();
    return true;
  }

  /** Draws at once; what is typed while a picture is on its way is drawn when that has come. */
  draw(): void {
    this.#behind = true;
    if (!this.#drawing) void this.#follow();
  }

  async #follow(): Promise<void> {
    this.#drawing = true;
    while (this.#behind) {
      this.#behind = false;
      const of = this.chosen;
      try {
        const seen: TemplatePreview = await call("templates.preview", { text: this.text, sample: this.sample, dpi: Number(this.dpi) });
        if (of !== this.chosen) continue;
        // The last good picture stays behind what is wrong now.
        if (seen.picture) this.picture = seen.picture;
        this.fault = seen.fault;
        this.error = null;
      } catch (thrown) {
        this.error = asApiError(thrown);
      }
    }
    this.#drawing = false;
  }
}

export const templates = new Templates();
