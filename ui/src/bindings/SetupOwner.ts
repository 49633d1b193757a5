// TEMP-BINDING until ts-rs writes this file
export type SetupOwner = { name: string, password: string };
