// TEMP-BINDING until ts-rs writes this file
export type Login = { name: string, password: string };
