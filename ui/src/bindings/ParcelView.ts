// TEMP-BINDING until ts-rs writes this file
import type { ParcelRow } from "./ParcelRow";
import type { PrintView } from "./PrintView";
import type { TrailLine } from "./TrailLine";
import type { WaybillView } from "./WaybillView";
import type { WireContact } from "./WireContact";
import type { WireGoods } from "./WireGoods";
export type ParcelView = { row: ParcelRow, sender: WireContact, recipient: WireContact, goods: Array<WireGoods>, remark: string, template: string, waybills: Array<WaybillView>, prints: Array<PrintView>, trail: Array<TrailLine>, may_cancel: boolean, may_reprint: boolean, may_retry: boolean };
