// TEMP-BINDING until ts-rs writes this file
export type Me = { id: string, name: string, role: string, rights: Array<string> };
