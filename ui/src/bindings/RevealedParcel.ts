// TEMP-BINDING until ts-rs writes this file
import type { WireContact } from "./WireContact";
export type RevealedParcel = { sender: WireContact, recipient: WireContact };
