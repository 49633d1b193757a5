// TEMP-BINDING until ts-rs writes this file
export type PasteAnswer = { id: string, text: string };
