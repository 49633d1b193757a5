// TEMP-BINDING until ts-rs writes this file
export type DecideUnknown = { waybill: string, note: string };
