import { mount } from "svelte";
import App from "./App.svelte";
import { look } from "./state/look.svelte";
import "./styles/tokens.css";
import "./styles/base.css";

look.load();
const target = document.getElementById("app");
if (target) mount(App, { target });
