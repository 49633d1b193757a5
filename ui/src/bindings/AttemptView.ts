// TEMP-BINDING until ts-rs writes this file
export type AttemptView = { id: string, platform: string, way: string, state: string, reason: string, hint: string, asked_by: string, created_at: number, expires_at: number, seconds_left: number, doors: Array<string>, shop_name: string, shop_id: string, renews: boolean, grant: string, browser_opened: boolean };
