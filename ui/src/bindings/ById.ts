// TEMP-BINDING until ts-rs writes this file
export type ById = { id: string };
