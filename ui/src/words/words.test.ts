import { describe, expect, it } from "vitest";
import { counts, isDone, parcelState } from "./parcel";
import { asideDetail } from "./batch";
import { faultWords, wrongField } from "./flaw";
import { balance, grantState } from "./grant";
import { setLanguage } from "../i18n/index.svelte";
import { endsScan, isScan, outcomeOf, repaired } from "./scan";

const row = (waybill_state: string, print_state = "", attention = "") => ({ waybill_state, print_state, attention, stop: "" });

describe("a parcel's one state", () => {
  it.each([
    [row("ready"), "idle", "待取号"],
    [row("in_flight"), "idle", "正在取号"],
    [row("unknown"), "doubt", "结果未知"],
    [row("needs_person"), "doubt", "请您判断"],
    [row("rejected"), "stop", "取号被拒"],
    [row("cancelling", "sent"), "wait", "正在取消"],
    [row("cancelled", "confirmed"), "idle", "单号已取消"],
    [row("issued"), "idle", "待打印"],
    [row("issued", "", "component"), "wait", "须用平台组件"],
    [row("issued", "queued", "failed"), "wait", "打印机连不上"],
    [row("issued", "", "failed"), "stop", "没有打印"],
    [row("issued", "sent"), "sent", "已送打印机"],
    [row("issued", "confirmed"), "ok", "已确认打出"],
    [row("issued", "doubtful"), "wait", "可能没打完"],
    [row("issued", "failed"), "stop", "没有打印"],
  ])("%j is %s: %s", (parcel, kind, text) => {
    expect(parcelState(parcel)).toEqual({ kind, text });
  });

  it("never calls a sent label printed, nor an unknown number failed or good", () => {
    expect(parcelState(row("issued", "sent")).text).not.toMatch(/已打|打出/);
    expect(["ok", "stop"]).not.toContain(parcelState(row("unknown")).kind);
  });

  it("counts done labels and leaves out kinds nobody has", () => {
    const rows = [row("issued", "sent"), row("issued", "confirmed"), row("cancelled", "confirmed"), row("unknown")];
    expect(rows.filter(isDone)).toHaveLength(2);
    expect(counts(rows).map((c) => [c.kind, c.n])).toEqual([["ok", 1], ["sent", 1], ["doubt", 1], ["idle", 1]]);
  });
});

describe("a grant's state", () => {
  it("warns where the desk reminds, not because an end is near that renews itself", () => {
    expect(grantState({ state: "active", remind: 0, days_left: 6 }).kind).toBe("ok");
    expect(grantState({ state: "active", remind: 7, days_left: 6 })).toEqual({ kind: "wait", text: "剩 6 天" });
    expect(grantState({ state: "active", remind: 0, days_left: null }).kind).toBe("ok");
    expect(grantState({ state: "needs_renewal", remind: 0, days_left: 0 }).kind).toBe("stop");
  });
  it("calls a balance low below fifty", () => {
    expect(balance(18)).toEqual({ low: true, share: 0.036 });
    expect(balance(4000)).toEqual({ low: false, share: 1 });
  });
});

describe("the scan field", () => {
  it("mends full-width forms, spaces and control characters", () => {
    expect(repaired(" ７３１２\u30000045\t9981：06\r")).toBe("731200459981:06");
  });
  it("ends on Enter, and on Tab only when a scanner typed it", () => {
    expect(endsScan("Enter", 5000)).toBe(true);
    expect(endsScan("Tab", 12)).toBe(true);
    expect(endsScan("Tab", 400)).toBe(false);
  });
  it("knows a scanner by its speed: a number that a person types is looked for, never confirmed", () => {
    expect(isScan("73980783095124", 12)).toBe(true);
    expect(isScan("73980783095124", 61)).toBe(false);
    expect(isScan("林", 0)).toBe(false);
  });
  it.each([
    [undefined, "stop"],
    [row("issued", "sent"), "go"],
    [row("issued", "doubtful"), "go"],
    [row("issued", "confirmed"), "twice"],
    [row("issued", "sending"), "wait"],
    [row("issued", "queued", "failed"), "wait"],
    [row("issued", "failed"), "stop"],
    [row("issued", "", "component"), "wait"],
    [row("unknown"), "wait"],
    [row("cancelling", "sent"), "stop"],
    [row("cancelled", "confirmed"), "stop"],
    [row("rejected"), "stop"],
    [{ ...row("issued", "confirmed"), stop: "refund" }, "stop"],
  ])("says of %j: %s", (parcel, outcome) => {
    expect(outcomeOf(parcel)).toBe(outcome);
  });
});

describe("what stops a label", () => {
  const fault = { line: 7, column: 3, item: 2, key: "box", field: "", code: "list_length", values: { found: "3", count: "4" }, reason: "in English" };

  it("is told with its place, in the language of the moment", () => {
    expect(faultWords(fault)).toBe("第 7 行、第 2 项、box：写了 3 个数字：要写 4 个。");
    setLanguage("en");
    expect(faultWords(fault)).toBe("line 7, item 2, box: The list has 3 numbers: write 4.");
    expect(faultWords({ ...fault, line: 0, item: 0, key: "", field: "remark", code: "missing_glyph", values: { letter: "U+200B" } })).toBe(
      "remark of the sample: The label's font has no U+200B: use another character.",
    );
    setLanguage("zh-CN");
  });

  it("stands at its field without naming it again, and falls back to the desk's English", () => {
    const at = (more: object) => wrongField({ field: "waybill_no", code: "bad_symbol", detail: "in English", fault: { ...fault, line: 0, item: 0, key: "", field: "waybill_no", ...more } });
    expect(at({ code: "itf_letter", values: { letter: "A (U+0041)" } })).toBe("ITF 里不能有 A (U+0041)：只用数字。");
    expect(at({ code: "of_a_later_desk" })).toBe("in English");
    expect(wrongField({ field: "remark", code: "does_not_fit", detail: "" })).toBe("太长，面单上放不下");
  });

  it("is read back from what a batch kept when it put a parcel aside", () => {
    const kept = JSON.stringify({ ...fault, values: { found: "a; b {", count: "4" } }).replaceAll(";", "\\u003b");
    const detail = `template bad_template_text ${kept}; recipient.phone bad_phone 3`;
    expect(asideDetail({ aside: "fields", detail })).toBe(`第 7 行、第 2 项、box：写了 a; b { 个数字：要写 4 个。 ${wrongField({ field: "", code: "bad_phone", detail: "3" })}`);
    expect(asideDetail({ aside: "fields", detail: "template bad_template_text {broken" })).toContain("{broken");
  });
});
