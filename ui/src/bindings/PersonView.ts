// TEMP-BINDING until ts-rs writes this file
export type PersonView = { id: string, name: string, role: string, created_at: number, last_login_at: number | null };
