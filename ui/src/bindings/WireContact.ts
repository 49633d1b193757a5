// TEMP-BINDING until ts-rs writes this file
import type { WireAddress } from "./WireAddress";
export type WireContact = { name: string, phone: string, address: WireAddress };
