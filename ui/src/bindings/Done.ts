// TEMP-BINDING until ts-rs writes this file
export type Done = Record<string, never>;
