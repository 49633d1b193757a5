// TEMP-BINDING until ts-rs writes this file
export type WireGoods = { name: string, count: number };
