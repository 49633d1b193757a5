// TEMP-BINDING until ts-rs writes this file
export type ListParcels = { before: number | null, limit: number, filter: string, search: string };
