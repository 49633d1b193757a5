// TEMP-BINDING until ts-rs writes this file
export type ListLog = { before: number | null, limit: number };
