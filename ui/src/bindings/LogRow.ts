// TEMP-BINDING until ts-rs writes this file
export type LogRow = { seq: number, at: number, person: string, station: string, action: string, object: string, detail: string };
