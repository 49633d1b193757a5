import type { ApiError, Code, Commands } from "./wire";

/** What happened on the desk; the window asks again for what it shows. */
export type DeskEvent = { kind: "attempt" | "backups" | "batch" | "grants" | "parcel" | "people" | "print" | "printers" | "session" | "templates"; id: string };

/** Commands the shell answers itself, before (or instead of) the desk. */
export type ShellCommands = {
  "startup.retry": [{ passphrase: string | null }, unknown];
  "startup.put_aside": [Record<string, never>, { aside: string }];
  "startup.trial": [Record<string, never>, unknown];
};
export type AllCommands = Commands & ShellCommands;

/** A way to reach the desk. `tauri.ts` is the product's; `browser.ts` serves development. */
export interface Host {
  call(name: string, request: unknown): Promise<unknown>;
  listen(heard: (event: DeskEvent) => void): () => void;
  /** Where the QR picture of an open attempt is shown from; no script can read it there. */
  qr(attempt: string): string;
  /** The same of a person's new secret for one-time codes: each look at it makes another one. */
  personQr(person: string): string;
}

/** Every failed call ends as one of these. */
export class DeskError extends Error {
  readonly api: ApiError;
  constructor(api: ApiError) {
    super(api.message);
    this.name = "DeskError";
    this.api = api;
  }
}

/** Whatever was thrown, as the desk's error; anything else is our fault. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof DeskError) return thrown.api;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const e = thrown as Partial<ApiError> & { code: Code };
    return { code: e.code, message: e.message ?? "", hint: e.hint ?? "", detail: e.detail ?? "", fields: e.fields ?? [] };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message, hint: "", detail: "", fields: [] };
}
