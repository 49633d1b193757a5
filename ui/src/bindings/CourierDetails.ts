// TEMP-BINDING until ts-rs writes this file
export type CourierDetails = { courier: string, step: number, sender_name: string, sender_phone: string, sender_address: number, payer: string, payer_contact: string, payer_phone: string, customer_code: string, done: boolean };
