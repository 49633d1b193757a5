import { render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it } from "vitest";
import App from "../App.svelte";
import "./Frame.svelte"; // App fetches it when it needs it: not while a test waits
import { languages, setLanguage, tables } from "../i18n/index.svelte";
import { pressed } from "../state/keys";
import { nav } from "../state/nav.svelte";
import { me, orderForm, parcel, refusal, TableDesk } from "../test/desk";

const state = (more: object = {}) => ({ version: "0.1.0", trial: false, first_run: false, me: null, people: ["王店主", "陈小禾"], pins: [], lock_minutes: 15, key_place: "os_store", folder: "/data", ...more });
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
    new TableDesk({ "app.state": state(), "session.login_with_code": () => { throw refusal("login_wrong"); } });
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

  it.each(["key_gone", "data_damaged"] as const)("puts data aside that cannot be opened (%s), after asking, and says where it lies", async (code) => {
    let open = false;
    const desk = new TableDesk({
      "app.state": () => { if (!open) throw refusal(code); return state({ first_run: true, people: [] }); },
      "startup.put_aside": () => { open = true; return { aside: "/data-aside" }; },
    });
    render(App);
    await waitFor(() => expect(byTest("startup-aside")).toBeTruthy());
    byTest("startup-aside")?.click();
    await waitFor(() => expect(byTest("startup-aside-do")).toBeTruthy());
    expect(desk.of("startup.put_aside"), "not before the second yes").toEqual([]);
    byTest("startup-aside-do")?.click();
    await waitFor(() => expect(byTest("restore-start")).toBeTruthy());
    expect(document.body.textContent).toContain("/data-aside");
  });

  it("puts nothing aside that only has to be waited for", async () => {
    new TableDesk({ "app.state": () => { throw refusal("folder_busy"); } });
    render(App);
    await waitFor(() => expect(byTest("startup-retry")).toBeTruthy());
    expect(byTest("startup-aside")).toBeNull();
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
      "session.login_with_code": () => { inside = true; return { me: me("view_history", "submit_order"), token: "", expires_at: 0 }; },
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

describe("the order form", () => {
  it("leaves the focus where the person types, whatever happens at the desk meanwhile", async () => {
    const desk = new TableDesk({ ...quiet, "app.state": state({ me: me("view_history", "submit_order") }), "orders.form": () => orderForm() });
    render(App);
    await waitFor(() => expect(byTest("nav-order")).toBeTruthy());
    byTest("nav-order")?.click();
    await waitFor(() => expect(document.activeElement).toBe(byTest("recipient-name")));
    byTest("recipient-phone")?.focus();
    const asked = desk.of("orders.form").length;
    desk.heard.forEach((heard) => heard({ kind: "parcel", id: "another" }));
    await waitFor(() => expect(desk.of("orders.form").length).toBeGreaterThan(asked));
    await new Promise((later) => setTimeout(later, 30));
    expect(document.activeElement).toBe(byTest("recipient-phone"));
  });
});

describe("the station with orders that wait", () => {
  const waits = (id: string, more: object = {}) => ({ ...parcel({ id, number: "", waybill_state: "ready", print_state: "", evidence: "", reference: `QH-${id}`, ...more }).row });
  const checked = (rows: object[], more: object = {}) => ({
    rows, good: rows.length, courier: orderForm().couriers[0], printer: orderForm().printers[0], printer_state: { id: "pr1", state: "ready", stops: [], reason: "" }, template: "t", runs_out_at: null, ...more,
  });
  const ok = (parcel: string) => ({ parcel, aside: "", detail: "", fields: [] });
  const batch = (more: object = {}) => ({
    id: "b1", name: "B0001", state: "running", trouble: "", detail: "", courier_code: "ZTO", courier_name: "中通快递", shop_name: "青禾生活馆", printer: "pr1", printer_name: "佳博", template: "t", by: "陈小禾",
    created_at: 0, ended_at: null, total: 2, sent: 0, confirmed: 0, aside: 0, failed: 0, seconds_left: null, items: [], ...more,
  });
  const station = (more: Record<string, unknown>) => ({
    ...quiet, "app.state": state({ me: me("view_history", "submit_order") }), "orders.show": parcel(), "orders.picture": () => { throw refusal("not_found"); }, "batches.list": { rows: [] }, ...more,
  });

  it("prints all of them when none is ticked, the ticked ones else, in the order on screen", async () => {
    const desk = new TableDesk(station({
      "orders.ready": { rows: [waits("a"), waits("b"), waits("c")], more: false },
      "batches.check": (q: { parcels: string[] }) => checked(q.parcels.map(ok)),
      "batches.start": () => { throw refusal("no_printer"); },
    }));
    nav.go({ page: "station" });
    render(App);
    await waitFor(() => expect(document.querySelectorAll('[data-test="ready-row"]')).toHaveLength(3));
    await waitFor(() => expect(byTest("check-good")?.textContent).toContain("3"));
    expect(desk.of("batches.start"), "nothing is charged by looking").toEqual([]);
    pressed(new KeyboardEvent("keydown", { key: "F4", bubbles: true, cancelable: true }));
    await waitFor(() => expect(desk.of("batches.start")).toHaveLength(1));
    const first = desk.of("batches.start")[0] as { submit_key: string; ask: { parcels: string[] } };
    expect(first.ask.parcels).toEqual(["a", "b", "c"]);
    await waitFor(() => expect(byTest("ready-error")).toBeTruthy());
    pressed(new KeyboardEvent("keydown", { key: "F4", bubbles: true, cancelable: true }));
    await waitFor(() => expect(desk.of("batches.start")).toHaveLength(2));
    expect(desk.of("batches.start")[1]?.["submit_key"], "the same press again is the same press").toBe(first.submit_key);
    document.querySelectorAll<HTMLInputElement>('[data-test="ready-tick"]')[2]?.click();
    document.querySelectorAll<HTMLInputElement>('[data-test="ready-tick"]')[0]?.click();
    await tick();
    await waitFor(() => expect((byTest("ready-start") as HTMLButtonElement).disabled).toBe(false));
    byTest("ready-start")?.click();
    await waitFor(() => expect(desk.of("batches.start")).toHaveLength(3));
    expect((desk.of("batches.start")[2] as typeof first).ask.parcels, "screen order, not the order of ticking").toEqual(["a", "c"]);
  });

  it("tells what is odd before the first charge, and a twin goes only when somebody says so", async () => {
    const desk = new TableDesk(station({
      "orders.ready": { rows: [waits("a"), waits("b", { stop: "refund" }), waits("c")], more: false },
      "batches.check": (q: { parcels: string[]; despite_twin: string[] }) => checked([
        { parcel: "a", aside: "fields", detail: "", fields: [{ field: "goods[0].name", code: "missing_glyph", detail: "🫖 (U+1FAD6)" }] },
        { parcel: "b", aside: "refund", detail: "", fields: [] },
        { parcel: "c", aside: q.despite_twin.includes("c") ? "" : "twin", detail: "#7", fields: [] },
      ], { good: 0, runs_out_at: 2 }),
    }));
    nav.go({ page: "station" });
    render(App);
    await waitFor(() => expect(document.querySelectorAll('[data-test="check-odd"]')).toHaveLength(3));
    expect(byTest("check-runs-out")?.textContent).toContain("2");
    expect(document.querySelector('[data-aside="fields"]')?.textContent, "the field's own words").toContain("U+1FAD6");
    byTest("odd-go")?.click();
    await waitFor(() => expect(document.querySelectorAll('[data-test="check-odd"]')).toHaveLength(2));
    expect(desk.of("batches.check").at(-1)?.["despite_twin"]).toEqual(["c"]);
  });

  it("draws a parcel anew once it was mended and has its number", async () => {
    let mended = false;
    const desk = new TableDesk(station({
      "orders.ready": { rows: [], more: false },
      "orders.list": { rows: [parcel().row], next: null },
      "orders.show": () => parcel(mended ? {} : { number: "", waybill_state: "ready", goods: "🫖" }),
      "orders.picture": () => {
        if (!mended) throw refusal("label_impossible");
        return { png_base64: "", width_dots: 800, height_dots: 1440, dpi: 203, width_mm: 100, height_mm: 180 };
      },
    }));
    nav.go({ page: "station" });
    render(App);
    await waitFor(() => expect(document.querySelector('[data-code="label_impossible"]')).toBeTruthy());
    mended = true;
    desk.heard.forEach((heard) => heard({ kind: "parcel", id: "parcel-1" }));
    await waitFor(() => expect(byTest("label-picture")).toBeTruthy());
    expect(document.querySelector('[data-code="label_impossible"]')).toBeNull();
  });

  it("asks for the last good label of a stopped batch, and goes on from what was pointed at", async () => {
    const item = (seq: number, print_state: string) => ({
      seq, stamp: `B0001-00${seq}/004`, parcel: `p${seq}`, recipient_name: "喆*", recipient_area: "四川省", goods: "茶具 ×1", reference: "", number: print_state ? `7300000000${seq}` : "", waybill_state: "issued", print_state,
      nth: print_state ? seq : 0, aside: "", detail: "",
    });
    const stopped = batch({ state: "stopped", trouble: "doubtful", total: 4, sent: 3, items: [item(1, "sent"), item(2, "sent"), item(3, "doubtful"), item(4, "")] });
    const desk = new TableDesk(station({
      "orders.ready": { rows: [], more: false },
      "batches.list": { rows: [stopped] },
      "batches.show": stopped,
      "batches.resume": batch(),
    }));
    nav.go({ page: "station" });
    render(App);
    await waitFor(() => expect(document.querySelectorAll('[data-test="resume-label"]')).toHaveLength(3));
    const checkedLabel = () => document.querySelector('[data-test="resume-label"][aria-checked="true"]')?.getAttribute("data-number");
    await waitFor(() => expect(checkedLabel(), "a torn label never stands chosen").toBe("73000000002"));
    document.querySelector<HTMLElement>('[data-number="73000000001"]')?.click();
    await tick();
    pressed(new KeyboardEvent("keydown", { key: "F6", bubbles: true, cancelable: true }));
    await waitFor(() => expect(desk.of("batches.resume")).toEqual([{ id: "b1", last_good: "73000000001" }]));

    // It stops again, three labels on: what was said then is not said now.
    const again = { ...stopped, total: 6, items: [1, 2, 3, 4, 5].map((n) => item(n, n < 5 ? "sent" : "doubtful")) };
    desk.answers["batches.list"] = { rows: [again] };
    desk.answers["batches.show"] = again;
    desk.heard.forEach((heard) => heard({ kind: "batch", id: "b1" }));
    await waitFor(() => expect(checkedLabel()).toBe("73000000004"));
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
