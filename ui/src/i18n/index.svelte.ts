import { zhCN, type Key } from "./zh-CN";

export type { Key } from "./zh-CN";
export type Language = "zh-CN" | "zh-TW" | "en";
type Values = Record<string, string | number>;
type Table = Record<Key, string>;

export const languages: readonly Language[] = ["zh-CN", "zh-TW", "en"];
/** A language that was not loaded yet speaks zh-CN. */
export const tables: Record<Language, Table> = { "zh-CN": zhCN, "zh-TW": zhCN, en: zhCN };
/** Nobody reads three languages at once: a start pays for the one it shows. */
const loaders: Record<Language, () => Promise<Table>> = {
  "zh-CN": () => Promise.resolve(zhCN),
  "zh-TW": () => import("./zh-TW").then((m) => m.zhTW),
  en: () => import("./en").then((m) => m.en),
};
const loaded: Language[] = ["zh-CN"];

const chosen = $state<{ language: Language }>({ language: "zh-CN" });
let wanted: Language = "zh-CN";

export function language(): Language {
  return chosen.language;
}

/** Brings a language's table in; at once where it is there. */
export async function loadLanguage(of: Language): Promise<void> {
  if (loaded.includes(of)) return;
  tables[of] = await loaders[of]();
  loaded.push(of);
}

/** Speaks `to`: at once where its table is there, else as soon as it is. */
export function setLanguage(to: Language): void {
  wanted = to;
  if (!loaded.includes(to)) {
    void loadLanguage(to).then(() => wanted === to && setLanguage(to));
    return;
  }
  chosen.language = to;
  if (typeof document !== "undefined") {
    document.documentElement.lang = to;
    document.title = t("app.name");
  }
}

/** `{name}` takes a value; `{n#label|labels}` takes the first word for 1 and the second for everything else. */
function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)(?:#([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return Number(value) === 1 ? one : (many ?? "");
  });
}

/** The text of a key in the language of the moment. */
export function t(key: Key, values: Values = {}): string {
  return fill(tables[chosen.language][key], values);
}

/** A word the desk sent (`family.word`), or the word itself where the window knows no better. */
export function word(family: Family, value: string, values: Values = {}): string {
  const key = `${family}.${value}`;
  return key in zhCN ? t(key as Key, values) : value;
}

/** Whether the window has words of its own for what the desk sent. */
export function knows(family: Family, value: string): boolean {
  return `${family}.${value}` in zhCN;
}

/** Keys that are looked up by a word from the desk; everything else is named in the source. */
export const families = [
  "lang",
  "what",
  "next",
  "closed",
  "sms",
  "sms_why",
  "first_use_way",
  "field",
  "help_topic",
  "help_lead",
  "help_step",
  "help_care",
  "verdict",
  "waybill",
  "print",
  "evidence",
  "refusal",
  "refusal_next",
  "attempt_state",
  "attempt_end",
  "attempt_reason",
  "grant",
  "renewal",
  "scope",
  "platform",
  "door",
  "post",
  "right",
  "right_group",
  "because",
  "weekday",
  "people_tab",
  "log_verdict",
  "printer_state",
  "printer_note",
  "stop",
  "trouble",
  "reason",
  "key_place",
  "action",
  "aside",
  "batch",
  "batch_trouble",
  "batch_next",
  "who",
  "doctor",
  "doctor_verdict",
  "doctor_do",
  "misfit",
  "stays",
  "sample",
  "flaw",
  "backup_trouble",
  "backup_next",
  "backup_alarm",
  "backup_log",
] as const;
export type Family = (typeof families)[number];

/** Several things in one breath. */
export function list(items: readonly string[]): string {
  return items.join(t("common.list_separator"));
}
