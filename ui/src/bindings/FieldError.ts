// TEMP-BINDING until ts-rs writes this file
export type FieldError = { field: string, code: string, detail: string };
