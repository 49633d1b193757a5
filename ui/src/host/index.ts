import { browser } from "./browser";
import { asApiError, DeskError, type AllCommands, type DeskEvent, type Host } from "./host";
import { tauri } from "./tauri";

export type * from "./wire";
export { asApiError, DeskError, type DeskEvent } from "./host";

let host: Host = "__TAURI_INTERNALS__" in globalThis ? tauri : browser;

let onNotLoggedIn: () => void = () => undefined;

/** Who is told when a call is refused because the desk no longer knows the person. */
export function whenNotLoggedIn(told: () => void): void {
  onNotLoggedIn = told;
}

/** Tests put a host of their own here. */
export function useHost(other: Host): void {
  host = other;
}

/** The one way to the desk. Throws {@link DeskError} only. */
export async function call<K extends keyof AllCommands>(name: K, request: AllCommands[K][0]): Promise<AllCommands[K][1]> {
  try {
    return (await host.call(name, request)) as AllCommands[K][1];
  } catch (thrown) {
    const error = asApiError(thrown);
    if (error.code === "not_logged_in") onNotLoggedIn();
    throw new DeskError(error);
  }
}

/** The address of an open attempt's QR picture. */
export function qrOf(attempt: string): string {
  return host.qr(attempt);
}

/** The address of the QR picture with a person's new secret for one-time codes. */
export function personQrOf(person: string): string {
  return host.personQr(person);
}

/** Hears the desk; the answer stops hearing. */
export function listen(heard: (event: DeskEvent) => void): () => void {
  return host.listen(heard);
}
