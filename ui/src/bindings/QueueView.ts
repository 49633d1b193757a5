// TEMP-BINDING until ts-rs writes this file
export type QueueView = { name: string, info: string, device: string, address: string };
