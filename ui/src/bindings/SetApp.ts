// TEMP-BINDING until ts-rs writes this file
export type SetApp = { platform: string, key: string, secret: string, callback: string };
