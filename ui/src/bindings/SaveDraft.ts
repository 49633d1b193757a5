// TEMP-BINDING until ts-rs writes this file
export type SaveDraft = { draft: string };
