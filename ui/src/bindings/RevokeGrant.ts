// TEMP-BINDING until ts-rs writes this file
export type RevokeGrant = { id: string, typed_name: string };
