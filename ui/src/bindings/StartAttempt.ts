// TEMP-BINDING until ts-rs writes this file
export type StartAttempt = { platform: string, way: string, renew: string };
