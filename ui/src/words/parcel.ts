import { t, word, type Key } from "../i18n/index.svelte";
import type { ParcelRow } from "../host";

/** The shapes a state can have; the same everywhere. */
export type Kind = "ok" | "sent" | "wait" | "stop" | "doubt" | "idle";

const waybillKinds: Record<string, Kind> = {
  ready: "idle",
  intent: "idle",
  in_flight: "idle",
  issued: "idle",
  rejected: "stop",
  unknown: "doubt",
  needs_person: "doubt",
  cancelling: "wait",
  cancelled: "idle",
};
const printKinds: Record<string, Kind> = {
  queued: "idle",
  rendered: "idle",
  sending: "idle",
  sent: "sent",
  confirmed: "ok",
  doubtful: "wait",
  failed: "stop",
};

export function waybillKind(state: string): Kind {
  return waybillKinds[state] ?? "idle";
}

export function printKind(state: string): Kind {
  return printKinds[state] ?? "idle";
}

type States = Pick<ParcelRow, "waybill_state" | "print_state" | "attention">;

/** One parcel, one state: the number's saga first, then the paper's. */
export function parcelState(row: States): { kind: Kind; text: string } {
  if (row.waybill_state !== "issued") return { kind: waybillKind(row.waybill_state), text: word("waybill", row.waybill_state) };
  // Nothing of the label went out: the printer is away, or there is no job at all.
  if (row.print_state === "queued" && row.attention === "failed") return { kind: "wait", text: t("print.stuck") };
  if (row.print_state === "" && row.attention === "failed") return { kind: "stop", text: word("print", "failed") };
  if (row.print_state !== "") return { kind: printKind(row.print_state), text: word("print", row.print_state) };
  if (row.attention === "component") return { kind: "wait", text: t("print.component") };
  return { kind: "idle", text: word("print", "queued") };
}

const counted: Record<Kind, Key> = {
  ok: "strip.ok",
  sent: "strip.sent",
  wait: "strip.wait",
  doubt: "strip.doubt",
  stop: "strip.stop",
  idle: "strip.idle",
};

/** How many of each, in the order of the strip; kinds nobody has are left out. */
export function counts(rows: readonly States[]): { kind: Kind; n: number; text: string }[] {
  const by = new Map<Kind, number>();
  for (const row of rows) {
    const { kind } = parcelState(row);
    by.set(kind, (by.get(kind) ?? 0) + 1);
  }
  return (["ok", "sent", "wait", "doubt", "stop", "idle"] as const)
    .map((kind) => ({ kind, n: by.get(kind) ?? 0, text: t(counted[kind], { n: by.get(kind) ?? 0 }) }))
    .filter((c) => c.n > 0);
}

/** A label went to a printer in one piece, as far as anybody knows. */
export function isDone(row: States): boolean {
  return row.waybill_state === "issued" && (row.print_state === "sent" || row.print_state === "confirmed");
}
