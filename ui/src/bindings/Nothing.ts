// TEMP-BINDING until ts-rs writes this file
export type Nothing = Record<string, never>;
