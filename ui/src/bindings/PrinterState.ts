// TEMP-BINDING until ts-rs writes this file
export type PrinterState = { id: string, state: string, stops: Array<string>, reason: string };
