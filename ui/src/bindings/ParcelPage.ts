// TEMP-BINDING until ts-rs writes this file
import type { ParcelRow } from "./ParcelRow";
export type ParcelPage = { rows: Array<ParcelRow>, next: number | null };
