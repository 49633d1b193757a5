import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PersonView, PostsPage } from "../host";
import { languages, setLanguage, t } from "../i18n/index.svelte";
import AccountDialog from "../parts/AccountDialog.svelte";
import { session } from "../state/session.svelte";
import { me, refusal, TableDesk } from "../test/desk";
import { clock, minutes, standing } from "../words/people";
import Login from "./Login.svelte";
import People from "./People.svelte";

const DAY = 86_400_000;
const byTest = (name: string) => document.querySelector<HTMLElement>(`[data-test="${name}"]`);
const type = (name: string, value: string) => fireEvent.input(byTest(name) as HTMLElement, { target: { value } });

const person = (id: string, name: string, more: Partial<PersonView> = {}): PersonView => ({
  id, name, real_name: "李小明", phone: "138******00", post: "clerk", post_name: "", extra: [], rights: [{ word: "view_history", from: "post", used_at: null, unused: true }],
  standing: "certified", certify_by: 0, certified_how: "totp", departed_at: null, created_at: 0, last_login_at: null, last_act_at: null, last_act: "", hours: [], login_method: "password",
  has_totp: true, has_pin: false, sms_why_not: "", badge_at: null, badge_own: false, wrong_logins: 0, waits_s: 0, ...more,
});
const page: PostsPage = {
  posts: [
    { id: "clerk", name: "", rights: ["submit_order", "view_history"], built_in: true, changed: false, people: 1 },
    { id: "post-1", name: "夜班", rights: ["reprint"], built_in: false, changed: false, people: 0 },
  ],
  rights: [
    { word: "submit_order", group: "official", weighty: false, elsewhere: false },
    { word: "view_history", group: "official", weighty: false, elsewhere: false },
    { word: "reprint", group: "official", weighty: false, elsewhere: false },
    { word: "red_packets", group: "official", weighty: true, elsewhere: true },
    { word: "manage_people", group: "back_office", weighty: true, elsewhere: false },
  ],
};

function desk(more = {}) {
  return new TableDesk({
    "people.list": [person("p2", "小陈"), person("p3", "老周", { departed_at: DAY })],
    "posts.list": page,
    "people.rules": { lock_minutes: 15, rotation_days: 0, id_card: false },
    ...more,
  });
}

async function open() {
  render(People);
  await waitFor(() => expect(byTest("people-add")).toBeTruthy());
}

beforeEach(() => {
  setLanguage("zh-CN");
  session.me = me("manage_people", "submit_order", "view_history", "reprint", "red_packets");
  session.app = null;
});

describe("the people page", () => {
  it("adds somebody with a post and own ticks; what the post gives is grey, what is not mine to give too", async () => {
    const d = desk({ "people.add": (r: Record<string, unknown>) => person("p9", String(r.name)) });
    await open();
    const box = (right: string) => byTest(`right-${right}`) as HTMLInputElement;
    expect([box("submit_order").checked, box("submit_order").disabled]).toEqual([true, true]);
    expect([box("manage_people").checked, box("manage_people").disabled], "I have it").toEqual([false, false]);
    expect(box("red_packets").closest("label")?.textContent).toContain(t("rights.elsewhere"));
    await fireEvent.click(box("reprint"));
    await type("person-name", "小王");
    await type("person-real-name", "王小二");
    await type("person-password", "quiet-lantern-42");
    await type("person-again", "quiet-lantern-42");
    byTest("person-add")?.click();
    await waitFor(() => expect(d.of("people.add")).toEqual([{ name: "小王", real_name: "王小二", phone: "", post: "clerk", extra: ["reprint"], password: "quiet-lantern-42", again: "quiet-lantern-42" }]));
  });

  it("leads from a taken name to whoever has it, also among those who left", async () => {
    desk({
      "people.add": () => { throw refusal("name_taken", { detail: "departed", fields: [{ field: "name", code: "taken", detail: "老周" }] }); },
      "people.find_name": { state: "departed", id: "p3", name: "老周" },
    });
    await open();
    await type("person-name", "老周");
    await type("person-password", "x");
    byTest("person-add")?.click();
    await waitFor(() => expect(byTest("person-find")).toBeTruthy());
    byTest("person-find")?.click();
    await waitFor(() => expect(byTest("person-restore")).toBeTruthy());
    expect(byTest("person-gone")).toBeTruthy();
    expect(document.querySelectorAll('[data-test="person"]')).toHaveLength(1);
  });

  it("lets nobody go who has something in hand without an heir", async () => {
    const d = desk({ "people.list": [person("p2", "小陈"), person("p4", "小李")], "people.holdings": { attempts: 1, batches: ["12"], grants: ["青禾"], draft: false }, "people.depart": person("p2", "小陈", { departed_at: 1 }) });
    await open();
    (await screen.findByRole("button", { name: /小陈/ })).click();
    await waitFor(() => expect(byTest("person-depart")).toBeTruthy());
    byTest("person-depart")?.click();
    await waitFor(() => expect(byTest("person-heir")).toBeTruthy());
    expect((byTest("person-depart-yes") as HTMLButtonElement).disabled).toBe(true);
    expect(byTest("person-depart-dialog")?.textContent).toContain("青禾");
    expect(d.of("people.depart")).toHaveLength(0);
  });

  it("says why somebody may, and what was not used for a month", async () => {
    desk();
    await open();
    (await screen.findByRole("button", { name: /小陈/ })).click();
    await waitFor(() => expect(byTest("person-why")).toBeTruthy());
    expect(byTest("person-why")?.textContent).toContain(t("people.because_post", { post: "打单员" }));
    expect(byTest("person-unused")?.textContent).toBe(t("people.unused", { n: 1 }));
  });

  it("keeps posts: own ones with a name, built-in ones without", async () => {
    const d = desk({ "posts.save": (r: Record<string, unknown>) => ({ ...page.posts[1], id: String(r.id) || "post-2", name: r.name }) });
    await open();
    byTest("people-tab-posts")?.click();
    await waitFor(() => expect(byTest("post-form")).toBeTruthy());
    expect(byTest("post-name"), "a built-in one has the window's name").toBeNull();
    byTest("post-new")?.click();
    await waitFor(() => expect(byTest("post-name")).toBeTruthy());
    await type("post-name", "周末");
    await fireEvent.click(byTest("right-reprint") as HTMLElement);
    byTest("post-save")?.click();
    await waitFor(() => expect(d.of("posts.save")).toEqual([{ id: "", name: "周末", rights: ["reprint"] }]));
  });
});

describe("the own account", () => {
  it("is certified with a code, and asks for a card only when the desk wants one", async () => {
    session.me = { ...me("view_history"), standing: "until", certify_by: Date.now() + 3 * DAY };
    const d = new TableDesk({
      "session.certify": (r: Record<string, unknown>) => {
        if (!r.id_number) throw refusal("invalid_input", { fields: [{ field: "id_number", code: "required", detail: "" }] });
        return me("view_history");
      },
    });
    render(AccountDialog, { onclose: () => undefined });
    expect(byTest("account-id")).toBeNull();
    await type("account-code", "123 456");
    byTest("account-certify-yes")?.click();
    await waitFor(() => expect(byTest("account-id")).toBeTruthy());
    await type("account-id", "11010519491231002X");
    byTest("account-certify-yes")?.click();
    await waitFor(() => expect(byTest("account-certify"), "done").toBeNull());
    expect(d.of("session.certify")).toHaveLength(2);
  });
});

describe("coming in", () => {
  const app = (more: object) => ({ version: "0", trial: false, trial_password: "", first_run: false, me: null, people: ["小陈", "小李"], pins: ["小陈"], lock_minutes: 15, key_place: "os_store", folder: "/d", backup_trouble: "", grants_end_in: null, ...more });

  it("takes a PIN from who has one, the password from everybody, and a code only when it is asked for", async () => {
    session.me = null;
    session.app = app({});
    const d = new TableDesk({
      "app.state": app({}),
      "session.switch": () => { throw refusal("login_wrong", { detail: "pin" }); },
      "session.login_with_code": (r: Record<string, unknown>) => {
        if (!r.code) throw refusal("code_needed");
        return { me: me("view_history"), token: "", expires_at: 0 };
      },
    });
    render(Login);
    screen.getByRole("button", { name: "小陈" }).click();
    await waitFor(() => expect(byTest("login-pin")).toBeTruthy());
    await type("login-pin", "739164");
    byTest("login-enter")?.click();
    await waitFor(() => expect(d.of("session.switch")).toEqual([{ name: "小陈", pin: "739164" }]));
    await waitFor(() => expect(byTest("login-error")).toBeTruthy());
    byTest("login-with-password")?.click();
    await waitFor(() => expect(byTest("login-password")).toBeTruthy());
    expect(byTest("login-code")).toBeNull();
    await type("login-password", "quiet-lantern-42");
    byTest("login-enter")?.click();
    await waitFor(() => expect(byTest("login-code")).toBeTruthy());
    expect((byTest("login-password") as HTMLInputElement).value, "what was typed stays").toBe("quiet-lantern-42");
    await type("login-code", "123456");
    byTest("login-enter")?.click();
    await waitFor(() => expect(d.of("session.login_with_code").at(-1)).toMatchObject({ code: "123456", password: "quiet-lantern-42" }));
  });
});

describe("a window that nobody touches", () => {
  afterEach(() => vi.useRealTimers());

  it("locks at the minute, and a key, a click or a scan puts it off", async () => {
    vi.useFakeTimers();
    const d = new TableDesk({ "session.lock": {}, "app.state": () => ({ people: [], pins: [], lock_minutes: 2, me: null }) });
    session.app = { lock_minutes: 2 } as never;
    session.me = me("view_history");
    session.locked = false;
    const stop = session.watchIdle();
    await vi.advanceTimersByTimeAsync(119_000);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "7" }));
    await vi.advanceTimersByTimeAsync(119_000);
    expect(d.of("session.lock")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(d.of("session.lock")).toHaveLength(1);
    expect(session.locked).toBe(true);
    stop();
  });
});

describe("words of people", () => {
  it("tell how many days are left in each language", () => {
    const now = 1_795_000_000_000;
    for (const language of languages) {
      setLanguage(language);
      const [made, by] = [Date.UTC(2026, 10, 27, 7, 48), Date.UTC(2026, 11, 4, 16)];
      expect(standing({ standing: "until", certify_by: by }, made).text).toMatch(/\b7\b/);
      expect(standing({ standing: "until", certify_by: by }, by - 1.7 * DAY).text).toMatch(/\b1\b/);
      expect(standing({ standing: "until", certify_by: by }, by - 1000).text).toBe(t("standing.last_day"));
      expect(standing({ standing: "overdue", certify_by: 0 }, now).kind).toBe("stop");
    }
  });

  it("read times of the day as people type them", () => {
    expect([minutes("9:30"), minutes("09：30"), minutes("24:00"), minutes("24:01"), minutes("9"), minutes("x")]).toEqual([570, 570, 1440, null, null, null]);
    expect(clock(570)).toBe("09:30");
  });
});

describe("the first use of people", () => {
  const ways = (...open: string[]) => ({ done: false, phone: "138******00", ways: ["sms", "totp", "owner"].map((way) => ({ way, why_not: open.includes(way) ? "" : "no_totp" })).sort((a, b) => a.why_not.length - b.why_not.length) });
  const first = () => { throw refusal("first_use"); };

  it("asks for the phone, sends a code and takes it; then the page is there", async () => {
    let proved = false;
    const d = desk({
      "people.list": () => (proved ? [person("p2", "小陈")] : first()),
      "people.first_use": ways("sms", "totp"),
      "people.send_code": { phone: "138******00", lives_s: 300, again_s: 60 },
      "people.prove": () => { proved = true; return { ...ways("sms"), done: true }; },
    });
    render(People);
    await waitFor(() => expect(byTest("first-use-phone")).toBeTruthy());
    expect(byTest("people-tab-posts"), "nothing else is there yet").toBeNull();
    await type("first-use-phone", "13800000000");
    byTest("first-use-send")?.click();
    await waitFor(() => expect(byTest("first-use-sent")?.textContent).toContain("138******00"));
    expect((byTest("first-use-send") as HTMLButtonElement).disabled, "another after a minute").toBe(true);
    await type("first-use-code", "123456");
    byTest("first-use-confirm")?.click();
    await waitFor(() => expect(byTest("people-add")).toBeTruthy());
    expect(d.of("people.send_code")).toEqual([{ phone: "13800000000" }]);
    expect(d.of("people.prove")).toEqual([{ way: "sms", proof: "123456" }]);
  });

  it("falls back to the owner's password and says when it is wrong", async () => {
    const d = desk({ "people.list": first, "people.first_use": ways("owner"), "people.prove": () => { throw refusal("invalid_input", { fields: [{ field: "old", code: "wrong_password", detail: "" }] }); } });
    render(People);
    await waitFor(() => expect(byTest("first-use-password")).toBeTruthy());
    await type("first-use-password", "x");
    byTest("first-use-confirm")?.click();
    await waitFor(() => expect(byTest("first-use")?.textContent).toContain(t("field.wrong_password")));
    expect(d.of("people.prove")).toEqual([{ way: "owner", proof: "x" }]);
  });
});

describe("a login with a code by text message, and badges", () => {
  const app = { version: "", trial: false, trial_password: "", first_run: false, me: null, people: ["小陈", "小李"], pins: [], lock_minutes: 15, key_place: "os_store", folder: "/d", backup_trouble: "", grants_end_in: null };
  /** As a scanner types: fast, and Enter behind it. */
  async function scan(text: string) {
    for (const key of [...text, "Enter"]) await fireEvent.keyDown(document.activeElement ?? document.body, { key });
  }

  beforeEach(() => {
    session.me = null;
    session.app = app;
  });

  it("says where the code went, lets another be sent after a while, and takes it with the password", async () => {
    let asked = 0;
    const d = desk({
      "app.state": app,
      "session.login_with_code": (r: Record<string, unknown>) => {
        if (r.code === "123456") return { me: me("view_history"), token: "", expires_at: 0 };
        if (r.code !== "") throw refusal("invalid_input", { fields: [{ field: "code", code: "bad_sms_code", detail: "" }] });
        throw refusal("code_needed", { detail: `sms 138******00 ${asked++ === 0 ? 60 : 0}` });
      },
    });
    render(Login);
    await type("login-name", "小陈");
    await type("login-password", "quiet-lantern-42");
    byTest("login-enter")?.click();
    await waitFor(() => expect(byTest("login-sms")?.textContent).toContain("138******00"));
    expect(byTest("login-error"), "nothing went wrong").toBeNull();
    expect((byTest("login-sms-again") as HTMLButtonElement).disabled).toBe(true);
    await type("login-code", "000000");
    byTest("login-enter")?.click();
    await waitFor(() => expect(byTest("login")?.textContent).toContain(t("field.bad_sms_code")));
    expect((byTest("login-password") as HTMLInputElement).value, "the password stays").toBe("quiet-lantern-42");
    await type("login-code", "123456");
    byTest("login-enter")?.click();
    await waitFor(() => expect(session.me?.name).toBe("陈小禾"));
    expect(d.of("session.login_with_code").map((r) => r.code)).toEqual(["", "000000", "123456"]);
  });

  it("brings a badge's person in, wherever the focus is, and leaves what was typed", async () => {
    const d = desk({ "app.state": app, "session.badge": { me: me("view_history"), token: "", expires_at: 0 } });
    render(Login);
    byTest("login-name")?.focus();
    await scan("WDBABCDEFGHIJKLMNOP");
    await waitFor(() => expect(session.me?.name).toBe("陈小禾"));
    expect(d.of("session.badge")).toEqual([{ code: "WDBABCDEFGHIJKLMNOP", pin: "" }]);
    expect(d.of("session.login_with_code"), "the scanner's Enter is not the form's").toEqual([]);
  });

  it("takes no password for a badge, however fast it is typed", async () => {
    const d = desk({ "app.state": app });
    render(Login);
    byTest("login-password")?.focus();
    await scan("quiet-lantern-42");
    expect(d.of("session.badge")).toEqual([]);
  });

  it("asks for the PIN of a badge that wants one, and sends both", async () => {
    const d = desk({
      "app.state": app,
      "session.badge": (r: Record<string, unknown>) => {
        if (r.pin === "") throw refusal("code_needed", { detail: "pin 小李" });
        return { me: me("view_history"), token: "", expires_at: 0 };
      },
    });
    render(Login);
    await scan("WDBABCDEFGHIJKLMNOP");
    await waitFor(() => expect(byTest("login-pin")).toBeTruthy());
    expect(byTest("login-told")?.textContent).toBe(t("login.badge_pin", { name: "小李" }));
    await type("login-pin", "739164");
    byTest("login-enter")?.click();
    await waitFor(() => expect(session.me?.name).toBe("陈小禾"));
    expect(d.of("session.badge")[1]).toEqual({ code: "WDBABCDEFGHIJKLMNOP", pin: "739164" });
  });

  it("says that a label scanned at the locked screen was not counted", async () => {
    desk({ "app.state": app, "session.badge": () => { throw refusal("login_wrong", { detail: "badge" }); } });
    render(Login);
    await scan("73112004512345");
    await waitFor(() => expect(byTest("login-told")?.textContent).toBe(t("login.badge_unknown")));
    expect(byTest("login-error")).toBeNull();
  });
});
