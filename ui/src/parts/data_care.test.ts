import { fireEvent, render, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { languages, setLanguage, t } from "../i18n/index.svelte";
import { session } from "../state/session.svelte";
import { me, parcel, refusal, TableDesk } from "../test/desk";
import Contacts from "./Contacts.svelte";
import DataCare from "./DataCare.svelte";

const state = { keep_days: 90, least_days: 7, most_days: 1095, due: 0, export_folder: "/x" };
const at = (name: string) => document.querySelector(`[data-test="${name}"]`) as HTMLInputElement;
const type = (name: string, value: string) => fireEvent.input(at(name), { target: { value } });

beforeEach(() => {
  setLanguage("zh-CN");
  session.me = me("manage_data", "export_data", "export_personal");
});

describe("people's data", () => {
  it.each(languages)("days that are refused stay in the field with their reason, in %s", async (language) => {
    setLanguage(language);
    const desk = new TableDesk({ "data.state": state, "data.set_keep": () => { throw refusal("invalid_input", { fields: [{ field: "days", code: "out_of_range", detail: "7–1095" }] }); } });
    render(DataCare);
    await waitFor(() => expect(at("data-days").value).toBe("90"));
    await type("data-days", "3");
    at("data-keep").click();
    await waitFor(() => expect(at("data-days-error").textContent).toBe(t("field.out_of_range", { detail: "7–1095" })));
    expect(desk.of("data.set_keep")).toEqual([{ days: 3 }]);
    expect(at("data-days").value).toBe("3");
  });

  it("is erased only after the phone was typed again, and what is left is asked for anew", async () => {
    const desk = new TableDesk({ "data.state": state, "data.find_person": { total: 2, rows: [parcel().row] }, "data.erase_person": { parcels: 1, under_way: 1, gone: true } });
    render(DataCare);
    await waitFor(() => expect(at("data-days").value).toBe("90"));
    await type("data-phone", "13812345678");
    at("data-find").click();
    await waitFor(() => expect(at("data-found").textContent).toContain(t("data.found", { n: 2 })));
    at("data-erase").click();
    await waitFor(() => expect(at("data-again")).toBeTruthy());
    expect((at("data-erase-do") as unknown as HTMLButtonElement).disabled).toBe(true);
    await type("data-again", "13812345678");
    at("data-erase-do").click();
    await waitFor(() => expect(desk.of("data.find_person")).toHaveLength(2));
    expect(desk.of("data.erase_person")).toEqual([{ phone: "13812345678", again: "13812345678" }]);
  });

  it("is exported masked unless a person ticks otherwise, and without the right there is no tick", async () => {
    const desk = new TableDesk({ "data.state": state, "data.export": { folder: "/x/1", rows: 3, masked: true } });
    const owner = render(DataCare);
    await waitFor(() => expect(at("data-export")).toBeTruthy());
    at("data-export").click();
    await waitFor(() => expect(at("data-exported").textContent).toContain("/x/1"));
    expect(desk.of("data.export")).toEqual([{ folder: "", unmasked: false }]);
    owner.unmount();
    session.me = me("manage_data", "export_data");
    render(DataCare);
    await waitFor(() => expect(at("data-export")).toBeTruthy());
    expect(at("data-clear")).toBeNull();
  });

  it("that is gone is said in the parcel, and nothing is offered to reveal", () => {
    session.me = me("reveal_personal");
    render(Contacts, { parcel: parcel({ purged: true }) });
    expect(at("contact-recipient").textContent).toContain(t("data.gone_long"));
    expect(at("reveal")).toBeNull();
  });
});
