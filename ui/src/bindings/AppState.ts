// TEMP-BINDING until ts-rs writes this file
import type { Me } from "./Me";
export type AppState = { version: string, trial: boolean, first_run: boolean, me: Me | null, people: Array<string>, key_place: string, folder: string };
