// TEMP-BINDING until ts-rs writes this file
export type LogVerdict = { rows: number, whole: boolean, first_bad: number | null, head: string };
