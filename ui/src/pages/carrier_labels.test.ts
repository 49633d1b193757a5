import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { CarrierLabelReading, CarrierLabelView, PrintView } from "../host";
import { languages, setLanguage, t, word } from "../i18n/index.svelte";
import { carrierLabels } from "../state/carrier_labels.svelte";
import { session } from "../state/session.svelte";
import { me, refusal, TableDesk } from "../test/desk";
import CarrierLabels from "./CarrierLabels.svelte";

const picture = { png_base64: "AA==", width_dots: 8, height_dots: 8, dpi: 203, width_mm: 1, height_mm: 1 };
const NUMBERS = ["1Z1", "1Z2", "1Z3"];

function reading(page: number, more: Partial<CarrierLabelReading> = {}): CarrierLabelReading {
  const number = NUMBERS[page - 1] ?? "";
  return { kind: "PDF", page, pages: 3, width_mm: 100, height_mm: 150, cropped: false, turned: false, verdict: "not_compared", number, picture, symbols: [{ kind: "code_128", text: number }], ignored: [], known: null, ...more };
}
function label(id: string, tracking: string): CarrierLabelView {
  const job: PrintView = {
    id: `job-${id}`, parcel: "", carrier_label: id, number: tracking, copy: 0, mark: "", reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博", state: "sent", evidence: "bytes_accepted",
    trouble: "", bytes: 1, accepted: 1, template: "", created_at: 0, ended_at: null,
  };
  return { id, name: "labels.pdf", kind: "PDF", page: 1, pages: 3, tracking, checked: "matches", created_at: 0, by: "陈小禾", prints: [job], reprints_left: null, may_reprint: true };
}

function desk(more = {}) {
  const printed: CarrierLabelView[] = [];
  return new TableDesk({
    "printers.list": [],
    "carrier_labels.list": () => ({ rows: [...printed] }),
    "carrier_labels.read": (r: Record<string, unknown>) => reading(Number(r.page), r.tracking ? { verdict: r.tracking === NUMBERS[Number(r.page) - 1] ? "matches" : "other_number" } : {}),
    "carrier_labels.print": (r: Record<string, unknown>) => {
      const made = label(`l${String(r.page)}`, NUMBERS[Number(r.page) - 1] ?? "");
      printed.unshift(made);
      return made;
    },
    "carrier_labels.reprint": (r: Record<string, unknown>) => printed.find((l) => l.id === r.id),
    "prints.picture": picture,
    ...more,
  });
}
const file = (name = "labels.pdf") => new File(["%PDF-1.7"], name);
const handle = (name: string) => document.querySelector(`[data-test="${name}"]`);
const rows = (name: string) => document.querySelectorAll(`[data-test="${name}"]`);
async function put(...files: File[]) {
  await fireEvent.change(handle("carrier-file") as HTMLInputElement, { target: { files } });
}
const button = (name: string) => handle(name) as HTMLButtonElement;

beforeEach(() => {
  setLanguage("zh-CN");
  session.me = me("submit_order", "view_history", "reprint");
  carrierLabels.clear();
  carrierLabels.list.clear();
  carrierLabels.printer = "";
});

describe("labels that carriers made", () => {
  it("shows every page of a file, and prints those that are read in their order at one press", async () => {
    const d = desk();
    render(CarrierLabels, { label: "" });
    await put(file());
    await waitFor(() => expect(rows("carrier-page")).toHaveLength(3));
    await waitFor(() => expect(carrierLabels.good).toHaveLength(3));
    expect(atob(String(d.of("carrier_labels.read")[0]?.file_base64))).toBe("%PDF-1.7");
    button("carrier-print-all").click();
    await waitFor(() => expect(rows("carrier-page")).toHaveLength(0));
    expect(d.of("carrier_labels.print").map((r) => r.page)).toEqual([1, 2, 3]);
    await waitFor(() => expect(rows("carrier-printed")).toHaveLength(3));
    expect(new Set(d.of("carrier_labels.print").map((r) => r.submit_key)).size, "one key a press").toBe(3);
  });

  it("compares a number that is typed or scanned before it may be printed", async () => {
    desk();
    render(CarrierLabels, { label: "" });
    await put(file());
    await waitFor(() => expect(carrierLabels.good).toHaveLength(3));
    await fireEvent.input(handle("carrier-tracking") as HTMLInputElement, { target: { value: "1Z2" } });
    expect(button("carrier-print").disabled, "not compared yet").toBe(true);
    await fireEvent.submit(handle("carrier-tracking")!.closest("form")!);
    await waitFor(() => expect(handle("carrier-verdict")?.textContent).toBe(word("verdict", "other_number")));
    expect(button("carrier-print").disabled).toBe(true);
    await fireEvent.input(handle("carrier-tracking") as HTMLInputElement, { target: { value: "1Z1" } });
    await fireEvent.submit(handle("carrier-tracking")!.closest("form")!);
    await waitFor(() => expect(handle("carrier-verdict")?.textContent).toBe(word("verdict", "matches")));
    expect(button("carrier-print").disabled).toBe(false);
  });

  it("prints what cannot be read only when somebody says so, and what was printed before not at all", async () => {
    const known = label("old", "1Z1");
    const d = desk({
      "carrier_labels.list": { rows: [known] },
      "carrier_labels.read": (r: Record<string, unknown>) => (r.page === 1 ? reading(1, { pages: 2, known }) : reading(2, { pages: 2, verdict: "unreadable", number: "", symbols: [] })),
    });
    render(CarrierLabels, { label: "" });
    await put(file());
    await waitFor(() => expect(rows("carrier-page")).toHaveLength(2));
    expect(button("carrier-print").disabled).toBe(true);
    expect(handle("carrier-known")?.textContent).toContain("陈小禾");
    (rows("carrier-page")[1] as HTMLElement).click();
    await waitFor(() => expect(handle("carrier-unread")).toBeTruthy());
    expect(button("carrier-print").disabled).toBe(true);
    await fireEvent.click(handle("carrier-unread")!);
    await waitFor(() => expect(button("carrier-print").disabled).toBe(false));
    button("carrier-print").click();
    await waitFor(() => expect(d.of("carrier_labels.print")[0]).toMatchObject({ page: 2, unread: true }));
  });

  it("asks with the same press when nobody knows whether it went", async () => {
    let tries = 0;
    const d = desk({
      "carrier_labels.print": () => {
        if (++tries === 1) throw refusal("internal");
        return label("l1", "1Z1");
      },
    });
    render(CarrierLabels, { label: "" });
    await put(file());
    await waitFor(() => expect(carrierLabels.good).toHaveLength(3));
    button("carrier-print").click();
    await waitFor(() => expect(handle("carrier-print-error")).toBeTruthy());
    button("carrier-print").click();
    await waitFor(() => expect(rows("carrier-page")).toHaveLength(2));
    const [one, two] = d.of("carrier_labels.print");
    expect(one?.submit_key).toBe(two?.submit_key);
  });

  it.each(languages)("says what is wrong with a file and keeps the others, in %s", async (language) => {
    setLanguage(language);
    desk({
      "carrier_labels.read": () => {
        throw refusal("carrier_label_refused", { fields: [{ field: "file", code: "encrypted", detail: "" }] });
      },
    });
    render(CarrierLabels, { label: "" });
    const large = file("huge.pdf");
    Object.defineProperty(large, "size", { value: 11 * 1024 * 1024 });
    await put(large, file("locked.pdf"));
    await waitFor(() => expect(handle("carrier-error")?.textContent).toContain(t("field.encrypted")));
    expect(screen.getByText(t("carrier_labels.too_large", { name: "huge.pdf", mb: 10 }))).toBeTruthy();
    expect(rows("carrier-page")).toHaveLength(1);
  });

  it("makes a printed one again with a reason", async () => {
    const d = desk({ "carrier_labels.list": { rows: [label("l9", "1Z9")] }, "carrier_labels.reprint": label("l9", "1Z9") });
    render(CarrierLabels, { label: "l9" });
    await waitFor(() => expect(handle("carrier-detail")).toBeTruthy());
    button("carrier-reprint").click();
    await waitFor(() => expect(handle("reprint-text")?.textContent).toBe(t("reprint.text_carrier")));
    await fireEvent.click(handle("reprint-blurred")!);
    await waitFor(() => expect(button("reprint-do").disabled).toBe(false));
    button("reprint-do").click();
    await waitFor(() => expect(d.of("carrier_labels.reprint")[0]).toMatchObject({ id: "l9", reason: "blurred" }));
  });
});
