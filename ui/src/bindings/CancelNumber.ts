// TEMP-BINDING until ts-rs writes this file
export type CancelNumber = { parcel: string };
