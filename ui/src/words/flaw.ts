import { knows, t, word } from "../i18n/index.svelte";
import type { FieldError, TemplateFault } from "../host";

/** Cause and mend. A code of a later desk is told in the desk's English. */
export function flawWords(fault: Pick<TemplateFault, "code" | "values" | "reason">): string {
  return knows("flaw", fault.code) ? word("flaw", fault.code, fault.values) : fault.reason;
}

/** Where in the text: line, item and key, as far as they are known; else nothing. */
export function faultPlace(fault: Pick<TemplateFault, "line" | "item" | "key">): string {
  const parts = [];
  if (fault.line > 0) parts.push(t("flaw_at.line", { line: fault.line }));
  if (fault.item > 0) parts.push(t("flaw_at.item", { item: fault.item }));
  if (fault.key !== "") parts.push(fault.key);
  return parts.join(t("common.list_separator"));
}

/** Place and sentence of what is wrong with a template, or with the datum of a sample on it. */
export function faultWords(fault: TemplateFault): string {
  const where = fault.field === "" ? faultPlace(fault) : t("flaw_at.datum", { field: fault.field });
  return where === "" ? flawWords(fault) : t("flaw_at.says", { where, what: flawWords(fault) });
}

/** What is wrong with one field of a form. The field itself stands beside it, so a datum is not named again. */
export function wrongField(error: FieldError): string {
  if (error.fault) return faultWords({ ...error.fault, field: "" });
  return word("field", error.code, { detail: error.detail });
}
