// TEMP-BINDING until ts-rs writes this file
export type TrailLine = { at: number, who: string, action: string, detail: string };
