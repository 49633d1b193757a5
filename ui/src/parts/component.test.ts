import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { PrinterView, WaybillView } from "../host";
import { languages, setLanguage, tables } from "../i18n/index.svelte";
import { session } from "../state/session.svelte";
import { me, orderForm, parcel, TableDesk } from "../test/desk";
import { isComponent } from "../words/printer";
import PrinterForm from "./PrinterForm.svelte";
import PrinterRow from "./PrinterRow.svelte";
import ReprintDialog from "./ReprintDialog.svelte";
import TroubleNote from "./TroubleNote.svelte";

/** Labels that the platform sealed, and the printers of its component. */
const plain = orderForm().printers[0] as PrinterView;
const second: PrinterView = { ...plain, id: "pr2", name: "二号机", default: false };
const component: PrinterView = { ...plain, id: "pr3", name: "菜鸟组件", address: "cainiao://127.0.0.1:13528/面单机", default: false };
const sealed: WaybillView = {
  id: "w1", attempt: 1, state: "issued", number: "JT1", courier_code: "JT", courier_name: "极兔速递", shop_name: "青禾茶器", account: "a", reason: "", hint: "", asked: 0, next_ask_at: null,
  print_data: "encrypted", component: "cainiao", created_at: 0, ended_at: 0,
};
const handle = (name: string) => document.querySelector(`[data-test="${name}"]`);
const words = (option: Element) => option.textContent;

describe("a component's printer", () => {
  it("is known by its address", () => {
    expect([" CAINIAO://127.0.0.1:13528/x", "cainiao://", "tcp://cainiao:9100", ""].map(isComponent)).toEqual([true, true, false, false]);
  });

  it("has no settings of ours in its form, and is saved with its address", async () => {
    setLanguage("zh-CN");
    const desk = new TableDesk({ "printers.families": [], "printers.queues": [], "printers.save": component });
    render(PrinterForm, { printer: null, first: false, onclose: () => undefined, onsaved: () => undefined });
    expect(handle("printer-language")).not.toBeNull();
    expect(handle("printer-component")).toBeNull();
    await fireEvent.input(handle("printer-name") as Element, { target: { value: "菜鸟组件" } });
    await fireEvent.input(handle("printer-address") as Element, { target: { value: component.address } });
    for (const gone of ["language", "family", "dpi", "media", "gap", "offset-x", "offset-y", "speed", "darkness"]) expect(handle(`printer-${gone}`), gone).toBeNull();
    expect(handle("printer-width"), "orders are laid out for a size").not.toBeNull();
    expect(handle("printer-component")?.textContent).toBe(tables["zh-CN"]["printers.component_note"]);
    await fireEvent.submit(document.querySelector("form") as Element);
    await waitFor(() => expect(desk.of("printers.save")).toHaveLength(1));
    expect(desk.of("printers.save")[0]).toMatchObject({ name: "菜鸟组件", address: component.address, language: "tspl", dpi: 203, default: false });
  });

  it("offers no test label, which it would refuse", () => {
    session.me = me("manage_printers");
    new TableDesk({ "printers.state": { id: "pr3", state: "ready", stops: [], reason: "" } });
    render(PrinterRow, { printer: component, onedit: () => undefined, onchanged: () => undefined });
    expect(handle("printer-test")).toBeNull();
    expect(handle("printer-check")).not.toBeNull();
  });
});

describe.each(languages)("a reprint, in %s", (language) => {
  it("of a sealed label goes to components only, and says that the paper is not marked", async () => {
    setLanguage(language);
    new TableDesk({ "printers.list": [plain, second, component, { ...component, id: "pr4", name: "另一台" }] });
    render(ReprintDialog, { parcel: parcel({}, { waybills: [sealed] }), onclose: () => undefined, ondone: () => undefined });
    expect(handle("reprint-text")?.textContent).toBe(tables[language]["reprint.text_component"]);
    await waitFor(() => expect([...document.querySelectorAll("option")].slice(1).map(words)).toEqual(["菜鸟组件", "另一台"]));
  });

  it("of a plain label goes everywhere else", async () => {
    setLanguage(language);
    new TableDesk({ "printers.list": [plain, second, component] });
    render(ReprintDialog, { parcel: parcel({}, { waybills: [{ ...sealed, print_data: "plain", component: "" }] }), onclose: () => undefined, ondone: () => undefined });
    expect(handle("reprint-text")?.textContent).toBe(tables[language]["reprint.text"]);
    await waitFor(() => expect([...document.querySelectorAll("option")].slice(1).map(words)).toEqual(["佳博", "二号机"]));
  });

  it("is what a sealed label waits for once a component is set up; before, the note says what to set up", () => {
    setLanguage(language);
    session.me = me("reprint");
    new TableDesk({});
    const show = (attention: string, print_state: string, may_reprint: boolean) =>
      render(TroubleNote, { parcel: parcel({ attention, print_state }, { waybills: [sealed], may_reprint }), onchanged: () => undefined, onreprint: () => undefined, onretry: () => undefined });
    let { unmount } = show("component", "", false);
    expect(screen.getByText(/cainiao:\/\/127\.0\.0\.1:13528\//)).not.toBeNull();
    expect(handle("trouble-reprint")).toBeNull();
    unmount();
    ({ unmount } = show("failed", "", true));
    expect(handle("trouble-reprint")).not.toBeNull();
    unmount();
    show("", "sent", true);
    expect(handle("trouble"), "sent is a normal end").toBeNull();
  });
});
