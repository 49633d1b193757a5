import { fireEvent, render } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { languages, setLanguage, t, tables } from "../i18n/index.svelte";
import { ticks } from "../state/ticks.svelte";
import { topics } from "../words/help";
import Help from "./Help.svelte";

const all = (name: string) => [...document.querySelectorAll<HTMLElement>(`[data-test="${name}"]`)];
const topic = (id: string) => document.querySelector<HTMLElement>(`[data-test="help-topic"][data-id="${id}"]`) as HTMLElement;

beforeEach(() => {
  setLanguage("zh-CN");
  for (const x of topics) ticks.clear(x.id);
});

describe("the help page", () => {
  it("has exactly the steps and cautions that each topic says, in each language", () => {
    for (const language of languages)
      for (const family of ["help_step", "help_care"]) {
        const written = Object.keys(tables[language]).filter((k) => k.startsWith(`${family}.`));
        const wanted = topics.flatMap((x) => Array.from({ length: family === "help_step" ? x.steps : x.cautions }, (_, i) => `${family}.${x.id}_${i + 1}`));
        expect(written.sort(), `${language} ${family}`).toEqual(wanted.sort());
      }
  });

  it("remembers what is ticked for each topic, counts what is left, and begins again", async () => {
    const { unmount } = render(Help);
    await fireEvent.click(topic("pdd_staff"));
    expect(all("help-step")).toHaveLength(8);
    const [first, second] = all("help-step") as HTMLInputElement[];
    await fireEvent.click(first as HTMLElement);
    await fireEvent.click(second as HTMLElement);
    expect(all("help-left")[0]?.textContent).toBe(t("help.left", { n: 6 }));
    await fireEvent.click(topic("revoke"));
    expect(all("help-left")[0]?.textContent, "another topic has its own").toBe(t("help.left", { n: 4 }));
    unmount();
    render(Help);
    await fireEvent.click(topic("pdd_staff"));
    expect((all("help-step") as HTMLInputElement[]).map((e) => e.checked)).toEqual([true, true, ...Array<boolean>(6).fill(false)]);
    expect(JSON.parse(localStorage.getItem("help-ticks") ?? "[]"), "also for the next window").toEqual(["pdd_staff_1", "pdd_staff_2"]);
    await fireEvent.click(all("help-again")[0] as HTMLElement);
    expect(all("help-left")[0]?.textContent).toBe(t("help.left", { n: 8 }));
    expect(all("help-again")).toHaveLength(0);
  });
});
