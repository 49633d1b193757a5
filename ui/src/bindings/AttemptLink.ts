// TEMP-BINDING until ts-rs writes this file
export type AttemptLink = { link: string };
