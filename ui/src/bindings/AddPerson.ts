// TEMP-BINDING until ts-rs writes this file
export type AddPerson = { name: string, role: string, password: string };
