// TEMP-BINDING until ts-rs writes this file
import type { WireContact } from "./WireContact";
import type { WireGoods } from "./WireGoods";
export type SubmitOrder = { submit_key: string, sender: WireContact, recipient: WireContact, goods: Array<WireGoods>, remark: string, weight_g: number | null, courier: string, printer: string, template: string };
