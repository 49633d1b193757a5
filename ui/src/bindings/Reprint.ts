// TEMP-BINDING until ts-rs writes this file
export type Reprint = { parcel: string, reason: string, note: string, printer: string, submit_key: string };
