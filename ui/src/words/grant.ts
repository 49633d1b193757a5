import type { GrantView } from "../host";
import { t, word } from "../i18n/index.svelte";
import type { Kind } from "./parcel";

export function grantState(grant: Pick<GrantView, "state" | "remind" | "days_left">): { kind: Kind; text: string } {
  if (grant.state === "active") {
    if (grant.remind > 0) return { kind: "wait", text: t("accounts.days_left", { n: grant.days_left ?? 0 }) };
    return { kind: "ok", text: word("grant", "active") };
  }
  return { kind: grant.state === "needs_renewal" ? "stop" : "idle", text: word("grant", grant.state) };
}

/** A balance worth a warning, and how full its bar is: nobody knows what "full" is, so 500 counts as plenty. */
export function balance(n: number): { low: boolean; share: number } {
  return { low: n < 50, share: Math.min(1, Math.max(0, n) / 500) };
}
