import { asApiError, call } from "../host";
import type { ApiError, CourierView, FieldError, OrderForm, ParcelView, Picture, SubmitOrder, WireAddress, WireContact } from "../host";
import { pressKey } from "./press";
import { Act } from "./query.svelte";

export const SAVE_MS = 400;
/** The label follows each keystroke; what is wrong with it is said only when the person rests for so long. */
export const REST_MS = 200;

type TypedGoods = { name: string; count: string };
/** What a person typed; numbers stay text until they are sent, so that nothing typed is changed under the hand. */
export type Typed = {
  sender: WireContact;
  recipient: WireContact;
  goods: TypedGoods[];
  remark: string;
  weight: string;
  courier: string;
  printer: string;
  template: string;
};
type Body = Omit<SubmitOrder, "submit_key">;
/** One press of the button: its key belongs to exactly this content, through retries and restarts. */
type Press = { key: string; text: string };
type Saved = { v: 1; typed: Typed; press: Press | null };

export function emptyContact(): WireContact {
  return { name: "", phone: "", address: { province: "", city: "", district: "", town: "", detail: "" } };
}

function emptyTyped(): Typed {
  return {
    sender: emptyContact(),
    recipient: emptyContact(),
    goods: [{ name: "", count: "1" }],
    remark: "",
    weight: "",
    courier: "",
    printer: "",
    template: "",
  };
}

function whole(text: string): number {
  const n = Number(text.trim());
  return Number.isInteger(n) && n >= 0 ? Math.min(n, 4_294_967_295) : 0;
}

export function sameAddress(a: WireAddress, b: WireAddress): boolean {
  return a.province === b.province && a.city === b.city && a.district === b.district && a.town === b.town && a.detail === b.detail;
}

/** The value at a path as the desk names it: `recipient.phone`, `goods[0].name`. */
export function valueAt(from: unknown, path: string): unknown {
  let at: unknown = from;
  for (const step of path.split(/[.[\]]+/).filter(Boolean)) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

function readDraft(draft: string): Saved | null {
  try {
    const saved = JSON.parse(draft) as Partial<Saved>;
    if (saved.v !== 1 || typeof saved.typed !== "object") return null;
    const start = emptyTyped();
    return { v: 1, typed: { ...start, ...saved.typed }, press: saved.press ?? null };
  } catch {
    return null;
  }
}

/** The order being typed: kept by the desk while it is typed, submitted once per press, never lost on an error. */
export class Order {
  typed = $state<Typed>(emptyTyped());
  form = $state.raw<OrderForm | null>(null);
  loadError = $state.raw<ApiError | null>(null);
  saved = $state<"clean" | "saving" | "saved">("clean");
  preview = $state.raw<Picture | null>(null);
  previewError = $state.raw<ApiError | null>(null);
  result = $state.raw<ParcelView | null>(null);
  readonly act = new Act();

  #press: Press | null = null;
  /** What was sent when the desk refused: an error stays at its field until that field is changed. */
  #refused = $state.raw<Body | null>(null);
  /** The parcel a refusal left behind, and what it was made of. */
  #retry: { parcel: string; body: Body } | null = null;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #drawing = false;
  #behind = false;
  #previewTurn = 0;
  #savedText = "";

  // Getters, not $derived: an order outlives the page that made it, and a derived dies with its page.
  get courier(): CourierView | null {
    const id = this.typed.courier || this.form?.default_courier;
    return this.form?.couriers.find((c) => c.id === id) ?? null;
  }

  /** Errors that stand at fields now: of the last press where unchanged, and of the preview where they are not just "not yet". */
  get errors(): FieldError[] {
    const body = this.body();
    const pressed = (this.act.error?.fields ?? []).filter(
      (f) => JSON.stringify(valueAt(body, f.field)) === JSON.stringify(valueAt(this.#refused, f.field)),
    );
    const drawn = (this.previewError?.fields ?? []).filter(
      (f) => !["required", "too_short"].includes(f.code) && !pressed.some((p) => p.field === f.field),
    );
    return [...pressed, ...drawn];
  }

  /** How many fields the preview still waits for. */
  get missing(): number {
    return (this.previewError?.fields ?? []).filter((f) => f.code === "required").length;
  }

  /** Reads what the form starts from. What is being typed wins over what the desk kept. */
  async load(): Promise<void> {
    try {
      const form = await call("orders.form", {});
      const before = this.form;
      this.form = form;
      this.loadError = null;
      if (before) {
        // A sender nobody touched follows the default courier.
        if (JSON.stringify($state.snapshot(this.typed.sender)) === JSON.stringify(before.sender)) this.typed.sender = structuredClone(form.sender);
        return;
      }
      const kept = form.draft === "" ? null : readDraft(form.draft);
      this.typed = kept?.typed ?? emptyTyped();
      if (!kept || this.#blank()) this.typed.sender = structuredClone(form.sender);
      this.#press = kept?.press ?? null;
      this.#savedText = this.#draft();
    } catch (thrown) {
      this.loadError = asApiError(thrown);
    }
  }

  body(): Body {
    const typed = $state.snapshot(this.typed);
    return {
      sender: typed.sender,
      recipient: typed.recipient,
      goods: typed.goods.filter((g, i) => i === 0 || g.name.trim() !== "").map((g) => ({ name: g.name, count: whole(g.count) })),
      remark: typed.remark,
      weight_g: typed.weight.trim() === "" ? null : whole(typed.weight),
      courier: typed.courier,
      printer: typed.printer,
      template: typed.template,
    };
  }

  /** Something was typed: keep it, and draw it. */
  touched(): void {
    this.saved = "saving";
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.save(), SAVE_MS);
    void this.#follow();
  }

  /** Draws at once; what is typed while a picture is on its way is drawn when that has come. */
  async #follow(): Promise<void> {
    this.#behind = true;
    if (this.#drawing) return;
    this.#drawing = true;
    while (this.#behind) {
      this.#behind = false;
      await this.draw(REST_MS);
    }
    this.#drawing = false;
  }

  /** Nothing of an order is typed: there is no draft to keep. */
  #blank(): boolean {
    const { recipient, goods, remark, weight } = $state.snapshot(this.typed);
    return JSON.stringify([recipient, goods, remark, weight]) === JSON.stringify([emptyContact(), emptyTyped().goods, "", ""]);
  }

  #draft(): string {
    if (this.#blank() && !this.#press) return "";
    const saved: Saved = { v: 1, typed: $state.snapshot(this.typed), press: this.#press };
    return JSON.stringify(saved);
  }

  /** Keeps what was typed; a failure is not shown over the typing: the next save says it again. */
  async save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    const draft = this.#draft();
    if (draft === this.#savedText || this.form === null) return;
    try {
      await call("orders.save_draft", { draft });
      this.#savedText = draft;
      this.saved = "saved";
    } catch {
      this.saved = "clean";
    }
  }

  /** Draws what is typed now. What is wrong with it is told after `rest` ms, if nothing else was typed by then. */
  async draw(rest = 0): Promise<void> {
    const body = this.body();
    const turn = ++this.#previewTurn;
    clearTimeout(this.#restTimer);
    if (body.recipient.name.trim() === "" && body.recipient.address.detail.trim() === "") {
      this.preview = null;
      this.previewError = null;
      return;
    }
    try {
      const picture = await call("orders.preview", { ...body, submit_key: "preview" });
      if (turn !== this.#previewTurn) return;
      this.preview = picture;
      this.previewError = null;
    } catch (thrown) {
      const tell = () => {
        if (turn === this.#previewTurn) this.previewError = asApiError(thrown);
      };
      if (rest === 0) tell();
      else this.#restTimer = setTimeout(tell, rest);
    }
  }

  /** Submit print. The same content pressed again, for whatever reason, is the same press. */
  async submit(): Promise<ParcelView | undefined> {
    if (this.act.busy || this.form === null) return undefined;
    const body = this.body();
    const retry = this.#retryOf(body);
    const text = JSON.stringify([retry, body]);
    if (this.#press?.text !== text) this.#press = { key: pressKey(), text };
    const submit_key = this.#press.key;
    void this.save();
    const parcel = await this.act.run(() =>
      retry
        ? call("orders.retry", { parcel: retry, submit_key, recipient: body.recipient, courier: body.courier })
        : call("orders.submit", { ...body, submit_key }),
    );
    if (!parcel) {
      this.#refused = body;
      return undefined;
    }
    this.#press = null;
    this.result = parcel;
    if (parcel.row.waybill_state === "rejected") this.#retry = { parcel: parcel.row.id, body };
    else this.#next();
    void this.save();
    return parcel;
  }

  /** Keeps the order among those that wait: no number is taken, nothing is charged. The same content pressed again is the same press. */
  async keep(): Promise<boolean> {
    if (this.act.busy || this.form === null || this.#blank()) return false;
    const { recipient, goods, remark, weight_g } = this.body();
    const text = JSON.stringify(["keep", recipient, goods, remark, weight_g]);
    if (this.#press?.text !== text) this.#press = { key: pressKey(), text };
    const submit_key = this.#press.key;
    const kept = await this.act.run(() => call("orders.add", { orders: [{ submit_key, reference: "", recipient, goods, remark, weight_g }] }));
    if (!kept) return false;
    this.#press = null;
    this.result = null;
    this.#next();
    void this.save();
    return true;
  }

  /** The parcel to try again, if only what a retry may mend was changed since the refusal. */
  #retryOf(body: Body): string | null {
    if (!this.#retry) return null;
    const same = (["sender", "goods", "remark", "weight_g", "printer", "template"] as const).every(
      (k) => JSON.stringify(body[k]) === JSON.stringify(this.#retry?.body[k]),
    );
    return same ? this.#retry.parcel : null;
  }

  /** The next order: sender, courier, printer and template stay. */
  #next(): void {
    const { sender, courier, printer, template } = this.typed;
    this.typed = { ...emptyTyped(), sender, courier, printer, template };
    this.#retry = null;
    this.#refused = null;
    this.preview = null;
    this.previewError = null;
    this.#previewTurn++;
  }

  /** Looks at the parcel just submitted again. */
  async refreshResult(): Promise<void> {
    const id = this.result?.row.id;
    if (!id) return;
    const fresh = await call("orders.show", { id }).catch(() => null);
    if (fresh && this.result?.row.id === id) this.result = fresh;
  }

  clear(): void {
    this.#next();
    this.#press = null;
    this.act.error = null;
    this.result = null;
    this.touched();
  }

  addGoods(): void {
    this.typed.goods.push({ name: "", count: "1" });
    this.touched();
  }

  removeGoods(at: number): void {
    this.typed.goods.splice(at, 1);
    this.touched();
  }

  /** Another courier pays; it takes parcels only from addresses it knows. */
  courierChanged(): void {
    const senders = this.courier?.senders ?? [];
    if (senders[0] && !senders.some((s) => sameAddress(s, this.typed.sender.address))) {
      this.typed.sender.address = structuredClone(senders[0]);
    }
    this.touched();
  }
}

// Not reactive on purpose: only looked up once by a page, when it opens.
// eslint-disable-next-line svelte/prefer-svelte-reactivity
const orders = new Map<string, Order>();

/** One order is being typed per person; it outlives the page. */
export function orderOf(person: string): Order {
  let order = orders.get(person);
  if (!order) orders.set(person, (order = new Order()));
  return order;
}
