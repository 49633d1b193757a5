import type { Key } from "../i18n/index.svelte";

/** What a key can be asked to do. */
export type Command =
  | "station"
  | "order"
  | "submit"
  | "keep"
  | "pause"
  | "all_out"
  | "reprint"
  | "lock"
  | "scan"
  | "back"
  | "services"
  | "history"
  | "people"
  | "settings"
  | "carrier_labels"
  | "help"
  | "card"
  | "up"
  | "down";

type Binding = {
  command: Command;
  /** As printed on buttons and on the card. */
  shown: string;
  label: Key;
  match: (e: KeyboardEvent) => boolean;
  /** Works while a text field has the focus. */
  inText: boolean;
};

const plain = (key: string) => (e: KeyboardEvent) => e.key === key && !e.ctrlKey && !e.altKey && !e.metaKey;
const ctrl = (key: string) => (e: KeyboardEvent) => e.key === key && (e.ctrlKey || e.metaKey) && !e.altKey;

/** The one keyboard map: handlers, buttons and the help card all read it. */
export const keymap: readonly Binding[] = [
  { command: "station", shown: "F1", label: "keys.station", match: plain("F1"), inText: true },
  { command: "order", shown: "F2", label: "keys.order", match: plain("F2"), inText: true },
  { command: "keep", shown: "F3", label: "keys.keep", match: plain("F3"), inText: true },
  { command: "submit", shown: "F4", label: "keys.submit", match: plain("F4"), inText: true },
  { command: "submit", shown: "Ctrl Enter", label: "keys.submit", match: ctrl("Enter"), inText: true },
  { command: "pause", shown: "F6", label: "keys.pause", match: plain("F6"), inText: true },
  { command: "all_out", shown: "F7", label: "keys.all_out", match: plain("F7"), inText: true },
  { command: "reprint", shown: "F8", label: "keys.reprint", match: plain("F8"), inText: true },
  { command: "lock", shown: "F9", label: "keys.lock", match: plain("F9"), inText: true },
  { command: "scan", shown: "/", label: "keys.scan", match: plain("/"), inText: false },
  { command: "up", shown: "↑", label: "keys.up", match: plain("ArrowUp"), inText: false },
  { command: "down", shown: "↓", label: "keys.down", match: plain("ArrowDown"), inText: false },
  { command: "back", shown: "Esc", label: "keys.back", match: plain("Escape"), inText: true },
  { command: "services", shown: "Ctrl 3", label: "keys.services", match: ctrl("3"), inText: true },
  { command: "history", shown: "Ctrl 4", label: "keys.history", match: ctrl("4"), inText: true },
  { command: "people", shown: "Ctrl 5", label: "keys.people", match: ctrl("5"), inText: true },
  { command: "settings", shown: "Ctrl 6", label: "keys.settings", match: ctrl("6"), inText: true },
  { command: "carrier_labels", shown: "Ctrl 7", label: "keys.carrier_labels", match: ctrl("7"), inText: true },
  { command: "help", shown: "Ctrl 8", label: "keys.help", match: ctrl("8"), inText: true },
  { command: "card", shown: "Ctrl /", label: "keys.card", match: ctrl("/"), inText: true },
];

/** The key printed on a button. */
export function shown(command: Command): string {
  return keymap.find((b) => b.command === command)?.shown ?? "";
}

type Handler = () => void;
const handlers = new Map<Command, Handler[]>();

/** Takes a command while a part is on screen; the last to ask is the first to hear. The answer gives it back. */
export function onKey(command: Command, handler: Handler): () => void {
  const stack = handlers.get(command) ?? [];
  stack.push(handler);
  handlers.set(command, stack);
  return () => {
    const at = stack.lastIndexOf(handler);
    if (at >= 0) stack.splice(at, 1);
  };
}

function inTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** Goes to the window's keydown. Keys of an input method being composed are its own (Chinese input). */
export function pressed(event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  const binding = keymap.find((b) => b.match(event));
  if (!binding) return;
  if (!binding.inText && inTextField(event.target)) return;
  // An open dialog owns the keyboard; Escape closes it by the platform's own rule.
  if (document.querySelector("dialog[open]")) return;
  const handler = handlers.get(binding.command)?.at(-1);
  if (!handler) return;
  event.preventDefault();
  if (!event.repeat || binding.command === "up" || binding.command === "down") handler();
}
