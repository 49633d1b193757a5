import { render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { PrintView } from "../host";
import { languages, setLanguage, t } from "../i18n/index.svelte";
import { session } from "../state/session.svelte";
import { me, orderForm, parcel, refusal, TableDesk } from "../test/desk";
import PrinterDay from "./PrinterDay.svelte";
import ReprintDialog from "./ReprintDialog.svelte";

const print = (n: number, copy = 0): PrintView => ({
  id: `print-${n}`, parcel: `parcel-${n}`, carrier_label: "", number: `7312004599810${n}`, copy, mark: "", reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博", state: "sent", evidence: "bytes_accepted",
  trouble: "", bytes: 1, accepted: 1, template: "t", created_at: 0, ended_at: null,
});
const printer = orderForm().printers[0]!;

describe("the day at a printer", () => {
  it("counts by courier and outcome, and shows the last three labels as pictures that lead to their orders", async () => {
    const rows = [print(4, 1), print(3), print(2), print(1)];
    const desk = new TableDesk({
      "prints.today": [{ courier_code: "ZTO", courier_name: "中通快递", sent: 41, confirmed: 38, attention: 2 }],
      "printers.labels": { rows },
      "prints.picture": (r: Record<string, unknown>) => ({ png_base64: btoa(String(r.id)), width_dots: 8, height_dots: 8, dpi: 203, width_mm: 1, height_mm: 1 }),
    });
    const chosen: string[] = [];
    render(PrinterDay, { printer, chosen: "", onchoose: (p) => chosen.push(p) });
    await waitFor(() => expect(screen.getAllByRole("button")).toHaveLength(3));
    expect(screen.getByRole("row", { name: "中通快递 41 38 2" })).toBeTruthy();
    await waitFor(() => expect(document.querySelectorAll("img")).toHaveLength(3));
    expect(desk.of("prints.picture").map((r) => r.id), "only what is shown is drawn").toEqual(["print-4", "print-3", "print-2"]);
    const first = screen.getAllByRole("button")[0]!;
    expect(first.getAttribute("aria-label")).toContain("补打 1");
    first.click();
    expect(chosen).toEqual(["parcel-4"]);
  });

  it("says that there is nothing yet, and what went wrong", async () => {
    new TableDesk({ "prints.today": [], "printers.labels": { rows: [] } });
    const empty = render(PrinterDay, { printer: null, chosen: "", onchoose: () => undefined });
    await screen.findByText(t("day.none"));
    empty.unmount();
    new TableDesk({ "prints.today": () => { throw refusal("internal"); } });
    render(PrinterDay, { printer, chosen: "", onchoose: () => undefined });
    expect(await screen.findByRole("alert")).toBeTruthy();
  });
});

describe.each(languages)("reprinting in %s", (language) => {
  it("stops where the desk says that the right to reprint ends", async () => {
    setLanguage(language);
    new TableDesk({ "printers.list": [printer] });
    const number = "73120045998101";
    const three = (left: number | null) => parcel({ number }, { reprints_left: left, prints: [0, 1, 2, 3].map((copy) => ({ ...print(1, copy), number })) });
    session.me = me("reprint");
    const clerk = render(ReprintDialog, { parcel: three(0), onclose: () => undefined, ondone: () => undefined });
    expect(screen.getByText(t("reprint.used_up", { n: 3 }))).toBeTruthy();
    clerk.unmount();
    render(ReprintDialog, { parcel: three(null), onclose: () => undefined, ondone: () => undefined });
    expect(screen.queryByText(t("reprint.used_up", { n: 3 }))).toBeNull();
  });
});
