import { t, word } from "../i18n/index.svelte";
import type { BatchItemView, BatchView, FieldError, TemplateFault } from "../host";
import { wrongField } from "./flaw";
import { printKind, waybillKind, type Kind } from "./parcel";

/** One parcel of a batch: aside first, then the paper, then the number. */
export function itemState(item: BatchItemView): { kind: Kind; text: string } {
  if (item.aside !== "") return { kind: item.aside === "unknown" ? "doubt" : "stop", text: word("aside", item.aside) };
  if (item.print_state !== "") return { kind: printKind(item.print_state), text: word("print", item.print_state) };
  if (item.waybill_state === "issued") return { kind: "idle", text: t("batch_item.has_number") };
  if (item.waybill_state === "" || item.waybill_state === "intent" || item.waybill_state === "rejected") return { kind: "idle", text: t("batch_item.waiting") };
  return { kind: waybillKind(item.waybill_state), text: word("waybill", item.waybill_state) };
}

/** What is wrong with fields, in words. */
export function fieldWords(fields: readonly FieldError[]): string {
  return fields.map((f) => wrongField(f)).join(" ");
}

/** The fields that a batch kept as `field code detail; …` when it put a parcel aside; the detail of a fault is its JSON. */
export function fieldsOf(item: Pick<BatchItemView, "aside" | "detail">): FieldError[] {
  if (item.aside !== "fields") return [];
  return item.detail.split("; ").flatMap((line) => {
    const [field = "", code = "", ...detail] = line.split(" ");
    return /^[\w.[\]]+$/.test(field) && /^[a-z_]+$/.test(code) ? [kept(field, code, detail.join(" "))] : [];
  });
}

function kept(field: string, code: string, detail: string): FieldError {
  if (!detail.startsWith("{")) return { field, code, detail };
  try {
    const fault = JSON.parse(detail) as TemplateFault;
    return { field, code, detail: fault.reason, fault };
  } catch {
    return { field, code, detail };
  }
}

/** More on why a parcel is aside, in words where there are any. */
export function asideDetail(item: Pick<BatchItemView, "aside" | "detail">): string {
  const fields = fieldsOf(item);
  if (fields.length > 0) return fieldWords(fields);
  if (item.detail === "printed_elsewhere") return t("batch_item.printed_elsewhere");
  if (item.aside !== "rejected") return item.detail;
  const [reason = "", ...words] = item.detail.split(" ");
  return [word("refusal", reason), ...words].join(" ");
}

const kinds: Record<string, Kind> = { running: "sent", paused: "wait", stopped: "stop", done: "ok" };

export function batchKind(batch: Pick<BatchView, "state">): Kind {
  return kinds[batch.state] ?? "idle";
}

/** `约 3 分钟`: from a minute on in whole minutes, below it in whole tens of seconds, never nothing. */
export function timeLeft(seconds: number): string {
  if (seconds >= 60) return t("batch_strip.minutes", { n: Math.round(seconds / 60) });
  return t("batch_strip.seconds", { n: Math.max(10, Math.ceil(seconds / 10) * 10) });
}
