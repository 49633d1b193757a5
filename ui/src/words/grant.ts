import type { GrantView } from "../host";
import { daysLeft } from "../i18n/format";
import { t, word } from "../i18n/index.svelte";
import type { Kind } from "./parcel";

/** Days before the end when a grant starts to ask for attention. */
export const WARN_DAYS = 14;

export function grantState(grant: Pick<GrantView, "state" | "expires_at">, now: number = Date.now()): { kind: Kind; text: string } {
  if (grant.state === "active") {
    const days = grant.expires_at === null ? null : daysLeft(grant.expires_at, now);
    if (days !== null && days <= WARN_DAYS) return { kind: "wait", text: t("accounts.days_left", { n: days }) };
    return { kind: "ok", text: word("grant", "active") };
  }
  return { kind: grant.state === "needs_renewal" ? "stop" : "idle", text: word("grant", grant.state) };
}

/** A balance worth a warning, and how full its bar is: nobody knows what "full" is, so 500 counts as plenty. */
export function balance(n: number): { low: boolean; share: number } {
  return { low: n < 50, share: Math.min(1, Math.max(0, n) / 500) };
}
