import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { BackupPreview, BackupState, BackupView } from "../host";
import { languages, setLanguage, t, tables, word } from "../i18n/index.svelte";
import { refusal, TableDesk } from "../test/desk";
import { session } from "../state/session.svelte";
import Backups from "./Backups.svelte";
import CardDialog from "./CardDialog.svelte";
import RestoreDialog from "./RestoreDialog.svelte";

const good: BackupView = { id: "2", at: 1_795_000_000_000, how: "nightly", state: "good", file: "/b/2.wbdesk", bytes: 2_621_440, rows: 412, log_rows: 90, log_head: "ab".repeat(32), trouble: "", detail: "" };
const failed: BackupView = { ...good, id: "3", state: "failed", file: "", trouble: "folder", detail: "no such folder" };
const state = (more: Partial<BackupState> = {}): BackupState => ({ trouble: "", running: false, card: { id: "0123456789abcdef", made_at: 1_794_000_000_000, by: "王店主" }, folder: "/data-backups", usual_folder: true, last_good: good.at, rows: [good], ...more });
const inside: BackupPreview = { made_at: good.at, program: "0.1.0", trial: false, bytes: 9, shops: ["青禾生活馆"], people: 3, parcels: 120, numbers: 121, labels: 130, printers: 2, templates: 1, rows: 900, log_rows: 400, log_head: "cd".repeat(32), log_here: "" };
const at = (name: string) => document.querySelector(`[data-test="${name}"]`) as HTMLInputElement;
const type = (name: string, value: string) => fireEvent.input(at(name), { target: { value } });

beforeEach(() => setLanguage("zh-CN"));

describe.each(languages)("in %s", (language) => {
  it.each(["no_card", "old", "folder", "disk_full", "damaged", "differs", "internal"])("the trouble %s says what happened and what to do next", async (trouble) => {
    setLanguage(language);
    new TableDesk({ "backup.state": state({ trouble, rows: trouble === "no_card" ? [] : [failed, good] }) });
    render(Backups);
    await waitFor(() => expect(at("backup-trouble").dataset.trouble).toBe(trouble));
    const table = tables[language] as Record<string, string>;
    expect(table[`backup_trouble.${trouble}`], "it is written").toBeTruthy();
    expect(at("backup-trouble").textContent).toContain(table[`backup_trouble.${trouble}`]);
    expect(at("backup-trouble").textContent).toContain(table[`backup_next.${trouble}`]);
  });

  it.each(["not_a_backup", "other_card", "damaged", "differs", "later_program", "other_kind", "no_file"])("a backup refused as %s is told in words", async (detail) => {
    setLanguage(language);
    new TableDesk({ "backup.files": { folder: "/b", files: [] }, "backup.look": () => { throw refusal("backup_refused", { detail }); } });
    render(RestoreDialog, { onclose: () => undefined });
    await waitFor(() => expect(at("restore-file")).toBeTruthy());
    await type("restore-file", "/b/x.wbdesk");
    await type("restore-words", "字 ".repeat(24));
    at("restore-look").click();
    await waitFor(() => expect(at("restore-error")).toBeTruthy());
    expect(word("backup_trouble", detail)).not.toBe(detail);
    expect(at("restore-error").textContent).toContain(word("backup_trouble", detail));
  });
});

describe("backups", () => {
  it("a good one is told as compared, a failed one by its reason, and the check asks the desk", async () => {
    const desk = new TableDesk({ "backup.state": state({ rows: [failed, good], trouble: "folder" }), "backup.verify": { ...inside, log_here: "part" } });
    render(Backups);
    await waitFor(() => expect(document.querySelectorAll('[data-test="backup-row"]')).toHaveLength(2));
    const rows = [...document.querySelectorAll('[data-test="backup-row"]')].map((r) => r.textContent ?? "");
    expect(rows[0]).toContain("备份文件夹不能用");
    expect(rows[1]).toContain("核对过");
    expect(rows[1]).toContain("2.5 MB");
    at("backup-verify").click();
    await waitFor(() => expect(desk.of("backup.verify")).toEqual([{ file: "/b/2.wbdesk" }]));
  });

  it.each(["beyond", "apart"])("a good one whose log is not this desk's is told: %s", async (log_here) => {
    new TableDesk({ "backup.state": state(), "backup.verify": { ...inside, log_here } });
    render(Backups);
    await waitFor(() => expect(at("backup-verify")).toBeTruthy());
    at("backup-verify").click();
    await waitFor(() => expect(at("backup-log").textContent).toBe(word("backup_log", log_here)));
  });

  it("without a card nothing can be pressed but making one", async () => {
    new TableDesk({ "backup.state": state({ trouble: "no_card", card: null, last_good: null, rows: [] }) });
    render(Backups);
    await waitFor(() => expect(at("card-make")).toBeTruthy());
    expect((at("backup-now") as unknown as HTMLButtonElement).disabled).toBe(true);
    expect(at("backup-last").textContent).toBe("还没有");
  });

  it("a folder that is refused stays in the field with its reason", async () => {
    new TableDesk({ "backup.state": state(), "backup.set_folder": () => { throw refusal("invalid_input", { fields: [{ field: "folder", code: "bad_folder", detail: "x" }] }); } });
    render(Backups);
    await waitFor(() => expect(at("backup-folder")).toBeTruthy());
    at("backup-folder").click();
    await waitFor(() => expect(at("backup-folder-path")).toBeTruthy());
    await type("backup-folder-path", "x");
    at("backup-folder-save").click();
    await waitFor(() => expect(at("backup-folder-path-error").textContent).toBe(t("field.bad_folder", { detail: "x" })));
    expect(at("backup-folder-path").value).toBe("x");
  });
});

describe("the recovery card", () => {
  const asked = { ask: [3, 9, 14, 22], until: 42, replaces: false };
  it("is a picture, not words; the four that were asked for are sent in their order", async () => {
    let done = 0;
    const desk = new TableDesk({ "backup.card_begin": asked, "backup.card_confirm": state(), "backup.card_words": () => { throw refusal("not_allowed"); } });
    render(CardDialog, { replace: false, onclose: () => undefined, ondone: () => done++ });
    await waitFor(() => expect(at("card-picture").getAttribute("src")).toBe("/qr/card?42"));
    expect(desk.of("backup.card_begin")).toEqual([{ list: "zh", replace: false }]);
    expect(desk.of("backup.card_words"), "no script asks for the words").toEqual([]);
    at("card-written").click();
    await waitFor(() => expect(at("card-word-3")).toBeTruthy());
    expect(screen.queryByTestId("card-picture")).toBeNull();
    expect((at("card-confirm") as unknown as HTMLButtonElement).disabled, "all four").toBe(true);
    for (const [n, text] of ["山", "川", "日", "月"].entries()) await type(`card-word-${n}`, text);
    at("card-confirm").click();
    await waitFor(() => expect(done).toBe(1));
    expect(desk.of("backup.card_confirm")).toEqual([{ words: ["山", "川", "日", "月"] }]);
  });

  it("a wrong word is told at its field, and leaving forgets the card", async () => {
    const desk = new TableDesk({ "backup.card_begin": asked, "backup.card_forget": {}, "backup.card_confirm": () => { throw refusal("invalid_input", { fields: [{ field: "words[1]", code: "other_word", detail: "9" }] }); } });
    render(CardDialog, { replace: true, onclose: () => undefined, ondone: () => undefined });
    await waitFor(() => expect(at("card-written")).toBeTruthy());
    expect(document.body.textContent).toContain(t("backup.card_replaces"));
    at("card-written").click();
    await waitFor(() => expect(at("card-word-0")).toBeTruthy());
    for (const n of [0, 1, 2, 3]) await type(`card-word-${n}`, "错");
    at("card-confirm").click();
    await waitFor(() => expect(at("card-word-1-error").textContent).toBe(t("field.other_word", { detail: "9" })));
    at("card-dialog-no").click();
    await waitFor(() => expect(desk.of("backup.card_forget")).toHaveLength(1));
  });
});

describe("a restore", () => {
  it("shows what is inside before anything is done, then asks for it", async () => {
    let closed = 0;
    const desk = new TableDesk({
      "backup.files": { folder: "/b", files: [{ file: "/b/2.wbdesk", made_at: good.at, bytes: 9, card: "01" }] },
      "backup.look": inside,
      "backup.restore": { inside, equal: true, needs_authorising: ["青禾生活馆"] },
      "app.state": { version: "0.1.0", trial: false, first_run: false, me: null, people: [], pins: [], lock_minutes: 15, key_place: "os_store", folder: "/data", trial_password: "", backup_trouble: "", grants_end_in: null },
    });
    render(RestoreDialog, { onclose: () => closed++ });
    await waitFor(() => expect(at("restore-file").value, "the newest that lies beside the data folder").toBe("/b/2.wbdesk"));
    await type("restore-words", "山川日月");
    at("restore-look").click();
    await waitFor(() => expect(at("restore-preview").textContent).toContain("青禾生活馆"));
    expect(at("restore-preview").textContent).toContain("包裹 120");
    expect(desk.of("backup.restore"), "nothing was done yet").toEqual([]);
    await waitFor(() => expect((at("restore-do") as unknown as HTMLButtonElement).disabled).toBe(false));
    at("restore-do").click();
    await waitFor(() => expect(closed).toBe(1));
    expect(desk.of("backup.restore")).toEqual([{ file: "/b/2.wbdesk", words: "山川日月" }]);
    expect(session.told, "what is to be authorised again stays to be read until somebody logs in").toContain("青禾生活馆");
  });
});
