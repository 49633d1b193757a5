// TEMP-BINDING until ts-rs writes this file
import type { PrintView } from "./PrintView";
export type PrintPage = { rows: Array<PrintView> };
