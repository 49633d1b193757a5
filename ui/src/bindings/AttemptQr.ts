// TEMP-BINDING until ts-rs writes this file
export type AttemptQr = { svg: string };
