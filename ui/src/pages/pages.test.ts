import { render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it } from "vitest";
import App from "../App.svelte";
import { languages, setLanguage, tables } from "../i18n/index.svelte";
import { pressed } from "../state/keys";
import { nav } from "../state/nav.svelte";
import { me, orderForm, parcel, refusal, TableDesk } from "../test/desk";

const state = (more: object = {}) => ({ version: "0.1.0", trial: false, first_run: false, me: null, people: ["王店主", "陈小禾"], key_place: "os_store", folder: "/data", ...more });
const quiet = { "orders.list": { rows: [], next: null }, "orders.form": orderForm(), "orders.save_draft": {}, "orders.preview": () => { throw refusal("invalid_input"); } };
const byTest = (id: string) => document.querySelector<HTMLElement>(`[data-test="${id}"]`);
async function type(id: string, text: string) {
  const field = byTest(id) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await tick();
}

describe.each(languages)("in %s", (language) => {
  const say = tables[language];
  it("an empty desk offers two ways: an owner, or the practice market", async () => {
    setLanguage(language);
    new TableDesk({ "app.state": state({ first_run: true, people: [] }) });
    render(App);
    expect(await screen.findByRole("heading", { name: say["first.owner_title"] })).toBeTruthy();
    expect(screen.getByRole("button", { name: say["first.trial_start"] })).toBeTruthy();
  });

  it("a wrong password is told in plain words and the name stays", async () => {
    setLanguage(language);
    new TableDesk({ "app.state": state(), "session.login": () => { throw refusal("login_wrong"); } });
    render(App);
    (await screen.findByRole("button", { name: "陈小禾" })).click();
    await tick();
    await type("login-password", "wrong");
    screen.getByRole("button", { name: say["login.enter"] }).click();
    expect((await screen.findByRole("alert")).textContent).toContain(say["what.login_wrong"]);
    expect((byTest("login-name") as HTMLInputElement).value).toBe("陈小禾");
    expect((byTest("login-password") as HTMLInputElement).value, "the password is not kept").toBe("");
  });

  it("the station is empty in words, with the way to the first order", async () => {
    setLanguage(language);
    new TableDesk({ "app.state": state({ me: me("view_history", "submit_order") }), ...quiet });
    render(App);
    expect(await screen.findByText(say["station.empty"])).toBeTruthy();
  });
});

describe("the window", () => {
  it("asks for the passphrase when the key store is missing, and goes on with it", async () => {
    let open = false;
    const desk = new TableDesk({
      "app.state": () => { if (!open) throw refusal("needs_passphrase"); return state(); },
      "startup.retry": () => { open = true; return {}; },
    });
    render(App);
    await waitFor(() => expect(byTest("startup-passphrase")).toBeTruthy());
    await type("startup-passphrase", "开门");
    byTest("startup-retry")?.click();
    await waitFor(() => expect(byTest("login")).toBeTruthy());
    expect(desk.of("startup.retry")).toEqual([{ passphrase: "开门" }]);
  });

  it("goes to the practice market from the first page, its owner signed in", async () => {
    let trial = false;
    new TableDesk({
      ...quiet,
      "app.state": () => (trial ? state({ trial: true, me: me("view_history", "submit_order") }) : state({ first_run: true, people: [] })),
      "startup.trial": () => { trial = true; return {}; },
    });
    render(App);
    await waitFor(() => expect(byTest("trial-start")).toBeTruthy());
    byTest("trial-start")?.click();
    await waitFor(() => expect(byTest("practice-mark")).toBeTruthy());
  });

  it.each(["key_gone", "folder_read_only", "folder_busy"] as const)("draws a page with a way on when it cannot open: %s", async (code) => {
    new TableDesk({ "app.state": () => { throw refusal(code); } });
    render(App);
    await waitFor(() => expect(byTest("startup-error")?.dataset.code).toBe(code));
    expect(byTest("startup-retry")).toBeTruthy();
  });

  it("shows only what the person may do", async () => {
    new TableDesk({ "app.state": state({ me: me("start_grant", "view_grants") }), "accounts.platforms": [], "accounts.list": [], "accounts.attempts": [] });
    render(App);
    await waitFor(() => expect(byTest("nav-accounts")).toBeTruthy());
    await waitFor(() => expect(byTest("accounts")).toBeTruthy());
    for (const hidden of ["nav-station", "nav-order", "nav-history", "nav-people"]) expect(byTest(hidden), hidden).toBeNull();
  });

  it("marks the practice market", async () => {
    new TableDesk({ "app.state": state({ trial: true, me: me("view_history") }), ...quiet });
    render(App);
    await waitFor(() => expect(byTest("practice-mark")?.textContent).toContain("练习"));
    expect(document.querySelector(".window.practice")).toBeTruthy();
  });

  it("keeps the typed order behind the lock and never shows it through", async () => {
    let inside = true;
    const desk = new TableDesk({
      ...quiet,
      "app.state": () => state({ me: inside ? me("view_history", "submit_order") : null }),
      "session.lock": () => { inside = false; return {}; },
      "session.login": () => { inside = true; return { me: me("view_history", "submit_order"), token: "", expires_at: 0 }; },
    });
    render(App);
    await waitFor(() => expect(byTest("nav-order")).toBeTruthy());
    byTest("nav-order")?.click();
    await waitFor(() => expect(byTest("recipient-name")).toBeTruthy());
    await type("recipient-name", "喆丽");
    byTest("nav-lock")?.click();
    await waitFor(() => expect(byTest("login")).toBeTruthy());
    expect(document.querySelector(".face.covered")?.hasAttribute("inert")).toBe(true);
    await type("login-password", "x");
    byTest("login-enter")?.click();
    await waitFor(() => expect(byTest("login")).toBeNull());
    expect((byTest("recipient-name") as HTMLInputElement).value).toBe("喆丽");
    expect(desk.of("session.lock")).toHaveLength(1);
  });

  it("moves the focus to the first wrong field, and to the recipient's name after a success", async () => {
    let ok = false;
    new TableDesk({
      ...quiet,
      "app.state": state({ me: me("view_history", "submit_order") }),
      "orders.submit": () => { if (ok) return parcel(); throw refusal("invalid_input", { fields: [{ field: "goods[0].name", code: "required", detail: "" }, { field: "recipient.phone", code: "bad_phone", detail: "" }] }); },
      "orders.show": parcel(),
      "orders.picture": () => { throw refusal("not_found"); },
    });
    render(App);
    await waitFor(() => expect(byTest("nav-order")).toBeTruthy());
    byTest("nav-order")?.click();
    await waitFor(() => expect(byTest("recipient-name")).toBeTruthy());
    await type("recipient-phone", "1");
    byTest("order-submit")?.click();
    await waitFor(() => expect(document.activeElement).toBe(byTest("recipient-phone")));
    expect(byTest("recipient-phone-error")?.textContent).toContain("电话不对");
    ok = true;
    byTest("order-submit")?.click();
    await waitFor(() => expect(document.activeElement).toBe(byTest("recipient-name")));
    expect(byTest("order-result-state")?.textContent, "honest: sent, not printed").toBe("已送打印机");
  });
});

describe("keys", () => {
  const key = (k: string, more: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true, ...more });
  it("of an input method being composed do nothing", async () => {
    new TableDesk({ "app.state": state({ me: me("view_history", "submit_order") }), ...quiet });
    render(App);
    await waitFor(() => expect(byTest("nav-order")).toBeTruthy());
    pressed(key("F2", { isComposing: true }));
    expect(nav.place.page).toBe("station");
    pressed(key("F2"));
    expect(nav.place.page).toBe("order");
  });

  it("never submit an order without a courier", async () => {
    const desk = new TableDesk({ ...quiet, "app.state": state({ me: me("view_history", "submit_order") }), "orders.form": orderForm({ couriers: [], default_courier: "" }) });
    render(App);
    await waitFor(() => expect(byTest("nav-order")).toBeTruthy());
    pressed(key("F2"));
    await waitFor(() => expect(byTest("charge-none")).toBeTruthy());
    pressed(key("F4"));
    pressed(key("Enter", { ctrlKey: true }));
    await tick();
    expect(desk.of("orders.submit")).toEqual([]);
  });
});
