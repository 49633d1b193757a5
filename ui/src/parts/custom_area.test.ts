import { fireEvent, render, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { CustomAreaView } from "../host";
import { languages, setLanguage, t } from "../i18n/index.svelte";
import { refusal, TableDesk } from "../test/desk";
import CustomArea from "./CustomArea.svelte";

const general: CustomAreaView = { grant: "", shop_name: "", own: true, text: "谢谢惠顾", goods: false, remark: "", station: "A" };
const shop: CustomAreaView = { ...general, grant: "g1", shop_name: "青禾生活馆", own: false };
const handle = (name: string) => document.querySelector(`[data-test="${name}"]`) as HTMLInputElement;

beforeEach(() => setLanguage("zh-CN"));

describe("the custom area", () => {
  it("keeps what was changed, and nothing else", async () => {
    const desk = new TableDesk({ "custom_areas.list": [general, shop], "custom_areas.save": {} });
    render(CustomArea);
    await waitFor(() => expect(handle("custom-text").value).toBe("谢谢惠顾"));
    expect((handle("custom-save") as unknown as HTMLButtonElement).disabled, "nothing was changed").toBe(true);
    await fireEvent.input(handle("custom-station"), { target: { value: "B" } });
    handle("custom-save").click();
    await waitFor(() => expect(desk.of("custom_areas.save")).toEqual([{ grant: "", own: true, text: "谢谢惠顾", goods: false, remark: "", station: "B" }]));
  });

  it.each(languages)("says which field does not fit and keeps what was typed, in %s", async (language) => {
    setLanguage(language);
    new TableDesk({ "custom_areas.list": [general], "custom_areas.save": () => { throw refusal("invalid_input", { fields: [{ field: "text", code: "too_long", detail: "100" }] }); } });
    render(CustomArea);
    await waitFor(() => expect(handle("custom-text").value).toBe("谢谢惠顾"));
    await fireEvent.input(handle("custom-text"), { target: { value: "x".repeat(120) } });
    handle("custom-save").click();
    await waitFor(() => expect(handle("custom-text-error")?.textContent).toBe(t("field.too_long", { detail: "100" })));
    expect(handle("custom-text").value).toHaveLength(120);
  });
});
