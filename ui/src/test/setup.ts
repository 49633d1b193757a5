import { cleanup } from "@testing-library/svelte";
import { afterEach, beforeEach } from "vitest";
import { languages, loadLanguage } from "../i18n/index.svelte";
import { look } from "../state/look.svelte";
import { nav } from "../state/nav.svelte";
import { session } from "../state/session.svelte";

await Promise.all(languages.map(loadLanguage));

beforeEach(() => {
  localStorage.clear();
  look.setLanguage("zh-CN");
  nav.go({ page: "station" });
});
afterEach(() => {
  cleanup();
  session.app = null;
  session.me = null;
  session.locked = false;
  session.error = null;
});
