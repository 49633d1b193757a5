import { asApiError, call } from "../host";
import type { ApiError, AppState, Me } from "../host";

/** Words of the desk's rights. The window hides what is missing; the desk enforces. */
export type Right =
  | "red_packets"
  | "agree_refunds"
  | "manage_people"
  | "manage_apps"
  | "start_grant"
  | "confirm_grant"
  | "revoke_grant"
  | "view_grants"
  | "set_default_courier"
  | "submit_order"
  | "cancel_waybill"
  | "reprint"
  | "reprint_more"
  | "decide_unknown"
  | "view_history"
  | "reveal_personal"
  | "manage_printers"
  | "manage_templates"
  | "view_log"
  | "manage_backups"
  | "manage_data"
  | "export_data"
  | "export_personal";

class Session {
  app = $state.raw<AppState | null>(null);
  /** Why the desk is not open. */
  error = $state.raw<ApiError | null>(null);
  /** Who works here. Kept while locked, so that the screen stays for the same person. */
  me = $state.raw<Me | null>(null);
  locked = $state(false);
  /** What was done with the data before anybody is logged in; stays until somebody is. */
  told = $state("");

  may(right: Right): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  async load(): Promise<void> {
    try {
      const app = await call("app.state", {});
      this.app = app;
      this.error = null;
      if (app.me) this.entered(app.me);
      else this.locked = this.me !== null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  entered(me: Me): void {
    this.me = me;
    this.locked = false;
    this.told = "";
    if (this.app) this.app = { ...this.app, me, first_run: false };
  }

  async lock(): Promise<void> {
    if (!this.me || this.locked) return;
    this.locked = true;
    await call("session.lock", {}).catch(() => undefined);
    await this.load();
  }

  /** Locks by itself once nobody has touched a key, the mouse or the scanner for as long as the owner set. */
  watchIdle(now: () => number = Date.now): () => void {
    let last = now();
    const touched = () => (last = now());
    const look = () => {
      const limit = (this.app?.lock_minutes ?? 15) * 60_000;
      if (this.me && !this.locked && now() - last >= limit) void this.lock();
    };
    const signs = ["keydown", "pointerdown", "wheel"] as const;
    for (const sign of signs) window.addEventListener(sign, touched, { capture: true, passive: true });
    const timer = setInterval(look, 1000);
    return () => {
      clearInterval(timer);
      for (const sign of signs) window.removeEventListener(sign, touched, { capture: true });
    };
  }

  /** A call was refused because the desk no longer knows this person. */
  forgotten(): void {
    if (this.me) this.locked = true;
  }
}

export const session = new Session();
