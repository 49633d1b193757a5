// TEMP-BINDING until ts-rs writes this file
export type PrintView = { id: string, parcel: string, number: string, copy: number, reason: string, by: string, printer: string, printer_name: string, state: string, evidence: string, trouble: string, bytes: number, accepted: number, template: string, created_at: number, ended_at: number | null };
