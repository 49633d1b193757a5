// TEMP-BINDING until ts-rs writes this file
export type ParcelRow = { id: string, seq: number, created_at: number, created_by: string, recipient_name: string, recipient_area: string, goods: string, courier_code: string, courier_name: string, shop_name: string, number: string, waybill_state: string, print_state: string, evidence: string, attention: string };
