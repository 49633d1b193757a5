// TEMP-BINDING until ts-rs writes this file
export type WaybillView = { id: string, attempt: number, state: string, number: string, courier_code: string, courier_name: string, shop_name: string, account: string, reason: string, hint: string, asked: number, next_ask_at: number | null, print_data: string, component: string, created_at: number, ended_at: number | null };
