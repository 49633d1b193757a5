// TEMP-BINDING until ts-rs writes this file
import type { WireContact } from "./WireContact";
export type RetryParcel = { parcel: string, submit_key: string, recipient: WireContact | null, courier: string };
