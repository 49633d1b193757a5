import { languages, setLanguage, type Language } from "../i18n/index.svelte";
import { volumes, type Volume } from "./sound";

export type Theme = "system" | "light" | "dark";
export const themes: readonly Theme[] = ["system", "light", "dark"];
export type TextSize = "100" | "125" | "150" | "200";
export const textSizes: readonly TextSize[] = ["100", "125", "150", "200"];

/** How this place looks and sounds: kept in the window's own storage, per computer, not in the desk. */
class Look {
  theme = $state<Theme>("system");
  text = $state<TextSize>("100");
  language = $state<Language>("zh-CN");
  sound = $state<Volume>("normal");

  load(): void {
    const kept = read();
    this.setTheme(themes.find((x) => x === kept.theme) ?? "system");
    this.setText(textSizes.find((x) => x === kept.text) ?? "100");
    this.setSound((Object.keys(volumes) as Volume[]).find((x) => x === kept.sound) ?? "normal");
    this.setLanguage(languages.find((x) => x === kept.language) ?? systemLanguage());
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
    this.#keep();
  }

  setText(text: TextSize): void {
    this.text = text;
    document.documentElement.dataset.text = text;
    this.#keep();
  }

  setLanguage(language: Language): void {
    this.language = language;
    setLanguage(language);
    this.#keep();
  }

  setSound(volume: Volume): void {
    this.sound = volume;
    this.#keep();
  }

  #keep(): void {
    try {
      localStorage.setItem("look", JSON.stringify({ theme: this.theme, text: this.text, language: this.language, sound: this.sound }));
    } catch {
      // A window without storage starts with the defaults; nothing of the desk's is lost.
    }
  }
}

function read(): Record<string, unknown> {
  try {
    return JSON.parse(localStorage.getItem("look") ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Simplified Chinese unless the system clearly speaks another of the three. */
function systemLanguage(): Language {
  const system = navigator.language;
  if (/^zh-(TW|HK|MO|Hant)/i.test(system)) return "zh-TW";
  return /^en/i.test(system) ? "en" : "zh-CN";
}

export const look = new Look();
