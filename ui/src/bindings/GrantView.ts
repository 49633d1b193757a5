// TEMP-BINDING until ts-rs writes this file
import type { CourierView } from "./CourierView";
export type GrantView = { id: string, platform: string, shop_id: string, shop_name: string, state: string, reason: string, scopes: Array<string>, expires_at: number | null, granted_by: string, granted_at: number, last_used_at: number | null, couriers: Array<CourierView>, couriers_loaded_at: number | null, revoke_page: string };
