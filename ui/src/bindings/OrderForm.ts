// TEMP-BINDING until ts-rs writes this file
import type { CourierView } from "./CourierView";
import type { PrinterView } from "./PrinterView";
import type { TemplateView } from "./TemplateView";
import type { WireContact } from "./WireContact";
export type OrderForm = { sender: WireContact, couriers: Array<CourierView>, default_courier: string, templates: Array<TemplateView>, printers: Array<PrinterView>, default_printer: string, draft: string };
