// TEMP-BINDING until ts-rs writes this file
export type WireAddress = { province: string, city: string, district: string, town: string, detail: string };
