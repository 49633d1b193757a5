import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { DoctorReport, NewRule, RuleView } from "../host";
import { languages, setLanguage, t, tables } from "../i18n/index.svelte";
import { courier, orderForm, refusal, TableDesk } from "../test/desk";
import DoctorDialog from "./DoctorDialog.svelte";
import PrinterRules from "./PrinterRules.svelte";

const printer = orderForm().printers[0]!;
const line = (what: string, verdict: string, code: string, detail = "") => ({ what, verdict, code, detail, message: "", hint: "" });
const report = (...lines: DoctorReport["lines"]): DoctorReport => ({ printer, lines, calibrates: true });

/** Everything the desk may find, as its source names it. */
const found = [
  line("reach", "good", "reached", "tcp://1"), line("reach", "wrong", "unreachable", "timed out"), line("state", "good", "ready"), line("state", "good", "printing"),
  line("state", "cannot_tell", "cannot_tell"), line("state", "wrong", "stopped", "paper_out head_open"), line("family", "good", "component"), line("family", "warn", "unknown", "tspl"),
  line("family", "good", "known", "TSC"), line("head", "cannot_tell", "unknown"), line("head", "wrong", "too_wide", "800 576"), line("head", "good", "wide_enough", "832"),
  line("stock", "wrong", "no_sensor", "mark"), line("template", "wrong", "none", "30 20"), line("template", "good", "fits", "t"), line("template", "warn", "smaller", "t"),
  line("measured", "cannot_tell", "never"), line("measured", "good", "fits", "180 180"), line("measured", "wrong", "differs", "130 180"), line("last", "cannot_tell", "none"),
  line("last", "warn", "doubtful"), line("last", "good", "sent"), line("last", "good", "confirmed"), line("last", "good", "sending"), line("busy", "warn", "batch", "B0412"),
];

describe.each(languages)("the printer doctor in %s", (language) => {
  it("has a sentence for everything the desk may find", async () => {
    setLanguage(language);
    for (const one of found) {
      new TableDesk({ "printers.doctor": report(one) });
      const shown = render(DoctorDialog, { printer, onclose: () => undefined, onchanged: () => undefined });
      const item = (await screen.findAllByRole("listitem", { hidden: true }))[0]!;
      const key = `doctor.${one.what}_${one.code}`;
      expect(key in tables[language], key).toBe(true);
      expect(item.textContent, key).not.toMatch(/\{\w+\}|undefined/);
      if (one.verdict === "wrong") expect(`doctor_do.${one.what}_${one.code}` in tables[language], `what to do about ${key}`).toBe(true);
      shown.unmount();
    }
  });
});

describe("adjusting", () => {
  it("keeps every press of an arrow, and what was pressed while one was being kept", async () => {
    setLanguage("zh-CN");
    const desk = new TableDesk({
      "printers.doctor": report(),
      "printers.adjust": (r: Record<string, unknown>) => new Promise((done) => setTimeout(() => done({ ...printer, ...r }), 5)),
    });
    render(DoctorDialog, { printer, onclose: () => undefined, onchanged: () => undefined });
    const right = screen.getByRole("button", { name: t("doctoring.right"), hidden: true });
    right.click();
    right.click();
    await fireEvent.keyDown(right, { key: "ArrowUp" });
    screen.getByRole("button", { name: t("doctoring.darker"), hidden: true }).click();
    await waitFor(() => expect(desk.of("printers.adjust").at(-1)).toEqual({ id: "pr1", offset_x: 10, offset_y: -5, darkness: 9 }));
    expect(desk.of("printers.adjust").length, "not one call a press").toBeLessThan(4);
  });

  it("says what was measured and that nothing is printed on another roll", async () => {
    new TableDesk({ "printers.doctor": report(), "printers.calibrate": { outcome: "sent", reason: "", measured_mm: 130.1, fits: false } });
    render(DoctorDialog, { printer, onclose: () => undefined, onchanged: () => undefined });
    (await screen.findByRole("button", { name: t("doctoring.calibrate"), hidden: true })).click();
    expect(await screen.findByText(t("doctoring.measured_other", { mm: 130, set: 180 }))).toBeTruthy();
  });
});

describe("printer rules", () => {
  const rule = (n: number): RuleView => ({ courier_code: n === 1 ? "ZTO" : "", template: "", station: "", printer: "pr1", printer_name: "佳博", stand_in: "", stand_in_name: "" });
  const desk = (more = {}) => new TableDesk({ "rules.list": [rule(1), rule(2)], "rules.save": {}, "orders.form": orderForm(), "accounts.list": [{ couriers: [courier()] }], ...more });

  it("are moved and removed as a whole list, and tried with the reason", async () => {
    setLanguage("zh-CN");
    const d = desk({ "rules.try": { printer: "pr1", printer_name: "佳博", rule: 2, why: [{ rule: 1, because: "courier" }, { rule: 2, because: "" }], instead_of: "", trouble: "", stays: "not_needed", station: "window" } });
    render(PrinterRules, { printers: [printer] });
    const rows = await screen.findAllByRole("row");
    expect(rows[1]?.textContent).toContain("中通快递");
    within(rows[2]!).getByRole("button", { name: t("rules.up", { n: 2 }) }).click();
    await waitFor(() => expect(d.of("rules.save")).toHaveLength(1));
    expect((d.of("rules.save")[0]?.rules as NewRule[]).map((r) => r.courier_code)).toEqual(["", "ZTO"]);
    screen.getByRole("button", { name: t("rules.try") }).click();
    const said = await screen.findByText(t("rules.misfit", { n: 1, why: t("misfit.courier") }));
    expect(said.parentElement?.textContent).toContain(t("stays.not_needed"));
  });

  it("keep what was typed when the desk says no, at its field", async () => {
    const d = desk({ "rules.save": () => { throw refusal("invalid_input", { fields: [{ field: "rules[2].station", code: "too_long", detail: "60" }] }); } });
    render(PrinterRules, { printers: [printer] });
    await screen.findAllByRole("row");
    screen.getByRole("button", { name: t("rules.add") }).click();
    const station = await screen.findByRole("textbox", { hidden: true });
    await fireEvent.input(station, { target: { value: "库".repeat(61) } });
    screen.getByRole("button", { name: t("common.save"), hidden: true }).click();
    await waitFor(() => expect(d.of("rules.save")).toHaveLength(1));
    expect(await screen.findByText(/太长了，最多 60/)).toBeTruthy();
    expect((station as HTMLInputElement).value).toHaveLength(61);
  });
});
