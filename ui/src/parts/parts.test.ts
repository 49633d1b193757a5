import { render, screen, waitFor, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it, vi } from "vitest";
import type { Code } from "../host";
import { languages, setLanguage, t, tables, word } from "../i18n/index.svelte";
import { Attempts } from "../state/attempts.svelte";
import { Act } from "../state/query.svelte";
import { session } from "../state/session.svelte";
import { courier, me, parcel, refusal, TableDesk } from "../test/desk";
import AttemptPanel from "./AttemptPanel.svelte";
import CancelDialog from "./CancelDialog.svelte";
import Charge from "./Charge.svelte";
import Contacts from "./Contacts.svelte";
import ErrorNote from "./ErrorNote.svelte";
import RevokeDialog from "./RevokeDialog.svelte";
import StateMark from "./StateMark.svelte";

const codes: Code[] = ["not_logged_in", "not_allowed", "not_found", "invalid_input", "login_wrong", "login_wait", "login_closed", "code_needed", "first_use", "sms_not_sent", "not_certified", "password_due", "name_taken", "wrong_state", "app_missing", "browser_failed", "answer_refused", "carrier_label_refused", "too_many_attempts", "no_courier", "details_missing", "no_printer", "grant_dead", "not_renewed", "platform_refused", "platform_unreachable", "outcome_unknown", "label_impossible", "needs_component", "component_only", "printer_unreachable", "disk_full", "folder_read_only", "folder_busy", "needs_passphrase", "passphrase_wrong", "key_gone", "internal", "backup_failed", "backup_refused", "purged", "card_missing", "data_damaged"];

describe.each(languages)("in %s", (language) => {
  it.each(codes)("the error %s says what happened and what to do next", (code) => {
    setLanguage(language);
    render(ErrorNote, { error: refusal(code, { detail: "42" }) });
    const note = screen.getByRole("alert");
    const table = tables[language];
    expect(note.textContent).toContain(table[`what.${code}`]);
    expect(note.textContent).toContain(word("next", code, { s: 42 }).trim());
    expect(note.textContent, "no hole is left unfilled").not.toMatch(/\{\w+\}/);
  });

  it("a state is a shape and a word", () => {
    setLanguage(language);
    render(StateMark, { kind: "doubt", text: word("waybill", "unknown") });
    const mark = screen.getByText(tables[language]["waybill.unknown"]);
    expect(mark.className).toContain("doubt");
  });

  it("the charge names courier, account and how far the balance reaches", () => {
    setLanguage(language);
    render(Charge, { courier: courier() });
    const box = screen.getByRole("group", { name: tables[language]["charge.title"] });
    expect(box.textContent).toContain("中通快递 · 青禾生活馆");
    expect(box.textContent).toContain(t("charge.left", { n: 412, rest: 411 }));
  });

  it("cancelling a number asks, and the focus is on no", async () => {
    setLanguage(language);
    new TableDesk({});
    render(CancelDialog, { parcel: parcel(), onclose: () => undefined, ondone: () => undefined });
    const no = screen.getByRole("button", { name: tables[language]["common.no"], hidden: true });
    await waitFor(() => expect(document.activeElement).toBe(no));
  });
});

describe("an error", () => {
  it("covers every code of the desk's list", () => {
    const source = import.meta.glob<string>("/src/bindings/Code.ts", { query: "?raw", import: "default", eager: true })["/src/bindings/Code.ts"] ?? "";
    const listed = [...source.matchAll(/"([a-z_]+)"/g)].map((m) => m[1]);
    expect([...listed].sort(), "the desk and this test name the same codes").toEqual([...codes].sort());
  });

  it("quotes the platform as text, never as markup", () => {
    render(ErrorNote, { error: refusal("platform_refused", { detail: "balance", hint: "<img src=x onerror=alert(1)>余额不足" }) });
    const note = screen.getByRole("alert");
    expect(note.querySelector("img"), "no element comes from a platform's words").toBeNull();
    expect(note.textContent).toContain("<img src=x onerror=alert(1)>余额不足");
    expect(note.textContent).toContain("账户余额不足");
  });

  it("names fields that no input stands for", () => {
    render(ErrorNote, { error: refusal("invalid_input", { fields: [{ field: "goods", code: "too_long", detail: "100" }, { field: "remark", code: "too_long", detail: "200" }] }), shownFields: ["remark"] });
    expect(within(screen.getByRole("alert")).getAllByRole("listitem").map((e) => e.textContent)).toEqual(["goods 太长了，最多 100 个字"]);
  });
});

describe("the charge", () => {
  it("offers the settings to who may set a default, and names the owner to who may not", async () => {
    session.me = me("view_grants", "set_default_courier");
    const owner = render(Charge, { courier: null });
    expect(screen.getByRole("button", { name: "去设置" })).toBeTruthy();
    owner.unmount();
    session.me = me("view_grants", "submit_order");
    render(Charge, { courier: null });
    expect(screen.queryByRole("button")).toBeNull();
    expect(screen.getByText("请店主来设置。")).toBeTruthy();
  });
});

describe("personal data", () => {
  it("is masked until asked for, and masks itself again after 60 seconds", async () => {
    vi.useFakeTimers();
    try {
      session.me = me("reveal_personal");
      const p = parcel();
      new TableDesk({ "orders.reveal": { sender: p.sender, recipient: { ...p.recipient, name: "喆丽", phone: "13812346720" } } });
      render(Contacts, { parcel: p });
      expect(screen.queryByText(/喆丽/)).toBeNull();
      screen.getByRole("button", { name: "显示" }).click();
      await vi.advanceTimersByTimeAsync(50);
      expect(screen.getByText(/喆丽 138 1234 6720/)).toBeTruthy();
      await vi.advanceTimersByTimeAsync(61_000);
      expect(screen.queryByText(/喆丽/), "a minute later it is masked again").toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it("has no button for who has no right to it", () => {
    session.me = me("view_history");
    render(Contacts, { parcel: parcel() });
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("an attempt", () => {
  const open = {
    id: "a1", platform: "taobao", way: "browser", state: "open", reason: "", hint: "", asked_by: "王店主", created_at: 0, expires_at: 600_000, seconds_left: 521, doors: ["loopback", "paste"],
    shop_name: "", shop_id: "", renews: false, grant: "", browser_opened: true,
  };
  it("waits with a countdown, then asks about the shop the platform named, then says it succeeded", async () => {
    session.me = me("start_grant", "confirm_grant");
    const desk = new TableDesk({ "accounts.confirm": { ...open, state: "active", shop_name: "青禾生活馆" } });
    const attempts = new Attempts();
    attempts.show(open);
    render(AttemptPanel, { attempts, grants: [], onagain: () => undefined, ondone: () => undefined });
    expect(screen.getByText("还剩 8 分 41 秒")).toBeTruthy();
    attempts.show({ ...open, state: "held", shop_name: "青禾<b>生活馆", shop_id: "22084" });
    await tick();
    expect(screen.getByText("青禾<b>生活馆"), "the platform's name is text").toBeTruthy();
    screen.getByRole("button", { name: "是这家，启用" }).click();
    await waitFor(() => expect(screen.getByText("授权成功")).toBeTruthy());
    expect(desk.of("accounts.confirm")).toEqual([{ id: "a1", right_shop: true }]);
  });

  it("says how it ended, with the reason and the next step", async () => {
    session.me = me("start_grant");
    new TableDesk({});
    const attempts = new Attempts();
    for (const [state, reason] of [["refused", "access_denied"], ["expired", ""], ["cancelled", ""], ["unknown", "exchange_lost"]] as const) {
      attempts.show({ ...open, state, reason });
      const panel = render(AttemptPanel, { attempts, grants: [], onagain: () => undefined, ondone: () => undefined });
      const said = screen.getByRole("complementary").textContent ?? "";
      expect(said).toContain(word("attempt_state", state));
      expect(said).toContain(word("attempt_end", state));
      if (reason) expect(said).toContain(word("attempt_reason", reason));
      panel.unmount();
    }
  });
});

describe("revoking", () => {
  it("needs the shop's name typed, and then shows the platform's page and steps", async () => {
    const desk = new TableDesk({ "accounts.revoke": { acknowledged: false, queued: false, page: "https://example.test/auth" } });
    const grant = { id: "g1", platform: "taobao", shop_id: "1", shop_name: "青禾", state: "active", reason: "", scopes: ["waybill.issue"], expires_at: null, granted_by: "王", granted_at: 0, last_used_at: null, couriers: [courier()], couriers_loaded_at: null, revoke_page: "", renewal: "endless", renews_at: null, renewed_at: null, days_left: null, remind: 0 };
    render(RevokeDialog, { grant, onclose: () => undefined, onchanged: () => undefined });
    const revoke = () => screen.getByRole<HTMLButtonElement>("button", { name: "取消授权", hidden: true });
    expect(revoke().disabled).toBe(true);
    const field = screen.getByLabelText<HTMLInputElement>("请输入店铺名称“青禾”");
    field.value = "青禾";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await tick();
    revoke().click();
    await waitFor(() => expect(screen.getByDisplayValue("https://example.test/auth")).toBeTruthy());
    expect(desk.of("accounts.revoke")).toEqual([{ id: "g1", typed_name: "青禾" }]);
  });
});

describe("an act", () => {
  it("runs once at a time and says working only after half a second", async () => {
    vi.useFakeTimers();
    try {
      const act = new Act();
      let runs = 0;
      const work = () => new Promise<void>((done) => (runs++, setTimeout(done, 800)));
      void act.run(work);
      void act.run(work);
      await vi.advanceTimersByTimeAsync(400);
      expect([runs, act.busy, act.slow]).toEqual([1, true, false]);
      await vi.advanceTimersByTimeAsync(200);
      expect(act.slow).toBe(true);
      await vi.advanceTimersByTimeAsync(300);
      expect([act.busy, act.slow]).toEqual([false, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});
