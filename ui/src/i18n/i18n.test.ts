import { describe, expect, it } from "vitest";
import { FLAWS } from "../bindings/Flaws";
import { families, languages, setLanguage, t, tables, word } from "./index.svelte";
import { zhCN, type Key } from "./zh-CN";

const sources = import.meta.glob<string>(["/src/**/*.svelte", "/src/**/*.ts", "!/src/**/*.test.ts", "!/src/i18n/zh-*.ts", "!/src/i18n/en.ts", "!/src/test/**", "!/src/bindings/**"], { query: "?raw", import: "default", eager: true });
const text = Object.values(sources).join("\n");
const keys = Object.keys(zhCN) as Key[];
const isOfFamily = (key: string) => families.some((f) => key.startsWith(`${f}.`));
const holes = (s: string) => [...new Set([...s.matchAll(/\{(\w+)[#}]/g)].map((m) => m[1]))].sort();

describe("the words of the window", () => {
  it("are the same keys in all three languages, none empty", () => {
    for (const language of languages) {
      expect(Object.keys(tables[language]).sort(), `${language} has the keys of zh-CN and no others`).toEqual([...keys].sort());
      for (const key of keys) expect(tables[language][key].trim(), `${language} ${key} is written`).not.toBe("");
    }
  });

  it("take the same values in all three languages", () => {
    for (const key of keys)
      for (const language of languages) expect(holes(tables[language][key]), `${language} ${key}`).toEqual(holes(zhCN[key]));
  });

  it("are all used, or belong to a family the desk names", () => {
    const unused = keys.filter((key) => !isOfFamily(key) && !text.includes(`"${key}"`));
    expect(unused, "a word nobody shows is a word nobody checks").toEqual([]);
  });

  it("are not named in the source without being in the table", () => {
    const named = [...text.matchAll(/\bt\("([a-z_]+\.[\w.-]+)"/g)].map((m) => m[1] ?? "");
    expect(named.length, "the search finds the words at all").toBeGreaterThan(200);
    expect(named.filter((key) => !(key in zhCN))).toEqual([]);
  });

  it("stand nowhere but in the tables: no Chinese text in a component", () => {
    for (const [file, source] of Object.entries(sources)) {
      if (!file.endsWith(".svelte")) continue;
      const bare = source.replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace('aria-label="语言 · 語言 · Language"', "");
      expect(bare.match(/[\u4e00-\u9fff]+/g) ?? [], file).toEqual([]);
    }
  });

  it("have a sentence with the right values for all that can be wrong with a template, and for nothing else", () => {
    const codes = Object.keys(FLAWS);
    expect(codes.length, "the list is there at all").toBeGreaterThan(50);
    const told = keys.filter((key) => key.startsWith("flaw.")).map((key) => key.slice("flaw.".length));
    expect(told.sort(), "a new flaw has no words, or a word has no flaw").toEqual(codes.sort());
    for (const [code, values] of Object.entries(FLAWS))
      for (const language of languages) expect(holes(tables[language][`flaw.${code}` as Key]), `${language} flaw.${code}`).toEqual([...values].sort());
  });

  it("have no simplified character in the traditional table, but for what is printed or clicked as it is", () => {
    const simplified = /[们这说请单号记录设务开关还账户网络时间码实际选张错误读写东业严产亲从价会传体转换优师备]/;
    const mixed = keys.filter((k) => !k.startsWith("lang.") && simplified.test(tables["zh-TW"][k].replace(/「[^」]*」/g, "")));
    expect(mixed).toEqual([]);
  });
});

describe("t and word", () => {
  it("fill in values, choose the plural and fall back to the desk's own word", () => {
    setLanguage("en");
    expect(t("accounts.days_left", { n: 1 })).toBe("1 day left");
    expect(t("accounts.days_left", { n: 6 })).toBe("6 days left");
    expect(word("waybill", "unknown")).toBe("Unknown");
    expect(word("waybill", "something_new")).toBe("something_new");
  });

  it("never interpret what was put in", () => {
    setLanguage("en");
    expect(t("accounts.suspended_note", { shop: "{n#a|b} <b>" })).toBe("“{n#a|b} <b>” is suspended, at once.");
  });
});
