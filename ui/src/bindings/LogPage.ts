// TEMP-BINDING until ts-rs writes this file
import type { LogRow } from "./LogRow";
export type LogPage = { rows: Array<LogRow>, next: number | null };
