// TEMP-BINDING until ts-rs writes this file
export type TestPrintDone = { outcome: string, evidence: string, reason: string };
