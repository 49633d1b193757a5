import { mount } from "svelte";
import App from "./App.svelte";
import { loadLanguage } from "./i18n/index.svelte";
import { look } from "./state/look.svelte";
import "./styles/tokens.css";
import "./styles/base.css";

look.load();
const target = document.getElementById("app");
// The first thing on the screen is in the person's language.
if (target) void loadLanguage(look.language).finally(() => mount(App, { target }));
