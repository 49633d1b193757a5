// TEMP-BINDING until ts-rs writes this file
import type { WireAddress } from "./WireAddress";
export type CourierView = { id: string, grant: string, shop_name: string, code: string, name: string, branch_name: string, branch_code: string, balance: number | null, senders: Array<WireAddress>, customer_codes: Array<string>, details_done: boolean, details_step: number, default: boolean, usable: boolean };
