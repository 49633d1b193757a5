import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { TemplateRow } from "../host";
import { setLanguage, t } from "../i18n/index.svelte";
import { session } from "../state/session.svelte";
import { templates } from "../state/templates.svelte";
import { me, refusal, TableDesk } from "../test/desk";
import Templates from "./Templates.svelte";

const row = (id: string, version: number): TemplateRow => ({ id, name: id, width_mm: 100, height_mm: 180, version, made_from: "", saved_at: 0, saved_by: "王店主" });
const picture = { png_base64: "AA==", width_dots: 8, height_dots: 8, dpi: 203, width_mm: 1, height_mm: 1 };
const BUILT_IN = "id = \"x\"\nname = \"标准\"\n";

function desk(more = {}) {
  return new TableDesk({
    "templates.list": [row("waybill-100x180", 0), row("own-1", 2)],
    "templates.show": (r: Record<string, unknown>) => ({ id: r.id, version: r.id === "own-1" ? 2 : 0, own: r.id === "own-1", name: "标准", text: BUILT_IN }),
    "templates.preview": (r: Record<string, unknown>) =>
      String(r.text).includes("oops") ? { picture: null, fault: { line: 3, column: 1, item: 0, key: "", field: "", code: "no_key", values: { key: "oops" }, reason: "in English" } } : { picture, fault: null },
    "templates.save": (r: Record<string, unknown>) => row(String(r.id) || "own-2", Number(r.after) + 1),
    ...more,
  });
}
const text = () => screen.getByRole("textbox") as HTMLTextAreaElement;

beforeEach(() => {
  setLanguage("zh-CN");
  session.me = me("view_history", "manage_templates");
  Object.assign(templates, { chosen: null, kept: null, drafts: {}, picture: null, fault: null, error: null });
  templates.act.error = null;
});

describe("the template page", () => {
  it("shows what is wrong at its line beside the last good picture, and keeps nothing of it", async () => {
    const d = desk();
    render(Templates);
    await waitFor(() => expect(text().value).toBe(BUILT_IN));
    await waitFor(() => expect(document.querySelector("img")).toBeTruthy());
    await fireEvent.input(text(), { target: { value: `${BUILT_IN}oops` } });
    const fault = await screen.findByText(/oops/, { selector: "p" });
    expect(fault.textContent).toBe("第 3 行：少了 oops：加上 oops = …。");
    setLanguage("en");
    await waitFor(() => expect(fault.textContent).toBe("line 3: oops is missing: add oops = …"));
    setLanguage("zh-TW");
    await waitFor(() => expect(fault.textContent).toBe("第 3 行：少了 oops：加上 oops = …。"));
    setLanguage("zh-CN");
    expect(document.querySelector("pre .wrong")?.textContent).toBe("3");
    expect(document.querySelector("img"), "the last good one stays").toBeTruthy();
    screen.getByRole("button", { name: t("templates.goto", { line: 3 }) }).click();
    expect([document.activeElement, text().selectionStart]).toEqual([text(), BUILT_IN.length]);
    expect(d.of("templates.save")).toHaveLength(0);
  });

  it("duplicates one of the program's under another name and saves it as a new one", async () => {
    const d = desk();
    render(Templates);
    (await screen.findByRole("button", { name: /waybill-100x180/ })).click();
    await waitFor(() => expect([text().readOnly, text().value]).toEqual([true, BUILT_IN]));
    screen.getByRole("button", { name: t("templates.duplicate") }).click();
    await waitFor(() => expect(text().value).toContain("副本"));
    expect(text().readOnly).toBe(false);
    screen.getByRole("button", { name: t("common.save") }).click();
    await waitFor(() => expect(d.of("templates.save")[0]).toMatchObject({ id: "", after: 0, made_from: "waybill-100x180" }));
    await waitFor(() => expect(templates.unsaved).toBe(false));
  });

  it("loses nothing typed when it is left, or when somebody else saved meanwhile", async () => {
    const d = desk({ "templates.save": () => { throw refusal("wrong_state", { detail: "saved_meanwhile" }); } });
    const page = render(Templates);
    await waitFor(() => expect(text().value).toBe(BUILT_IN));
    await fireEvent.input(text(), { target: { value: `${BUILT_IN}# mine` } });
    page.unmount();
    render(Templates);
    await waitFor(() => expect(text().value).toBe(`${BUILT_IN}# mine`));
    screen.getByRole("button", { name: t("common.save") }).click();
    expect(await screen.findByText(t("templates.saved_meanwhile"))).toBeTruthy();
    expect(text().value).toBe(`${BUILT_IN}# mine`);
    expect(d.of("templates.save")[0]).toMatchObject({ id: "own-1", after: 2 });
  });

  it("lets a clerk look and change nothing", async () => {
    session.me = me("view_history");
    desk();
    render(Templates);
    await waitFor(() => expect(text().readOnly).toBe(true));
    for (const name of [t("common.save"), t("templates.duplicate"), t("common.remove"), t("templates.import")]) expect(screen.queryByRole("button", { name })).toBeNull();
  });
});
