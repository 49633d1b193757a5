import { useHost, type DeskEvent } from "../host";
import type { ApiError, Code, CourierView, Me, OrderForm, ParcelView, WireAddress } from "../host";
import type { Right } from "../state/session.svelte";

export type Asked = { name: string; request: Record<string, unknown> };
type Answer = unknown;
type Answers = Record<string, Answer | ((request: Record<string, unknown>) => Answer)>;

/** A host that answers from a table and remembers what it was asked. */
export class TableDesk {
  asked: Asked[] = [];
  heard: ((event: DeskEvent) => void)[] = [];
  answers: Answers;

  constructor(answers: Answers) {
    this.answers = answers;
    useHost({
      call: async (name, request) => {
        this.asked.push({ name, request: request as Record<string, unknown> });
        const answer = this.answers[name];
        if (answer === undefined) throw refusal("not_found");
        return typeof answer === "function" ? ((await answer(request as Record<string, unknown>)) as unknown) : answer;
      },
      listen: (heard) => {
        this.heard.push(heard);
        return () => undefined;
      },
      qr: (attempt) => `/qr/${attempt}`,
      personQr: (person) => `/qr/person-${person}`,
    });
  }

  of(name: string): Record<string, unknown>[] {
    return this.asked.filter((a) => a.name === name).map((a) => a.request);
  }
}

export function refusal(code: Code, more: Partial<ApiError> = {}): ApiError {
  return { code, message: code, hint: "", detail: "", fields: [], ...more };
}

export function me(...rights: Right[]): Me {
  return { id: "p1", name: "陈小禾", post: "clerk", post_name: "", rights, standing: "certified", certify_by: 0, password_due: false, has_pin: false, has_totp: false };
}

export const address: WireAddress = { province: "浙江省", city: "杭州市", district: "余杭区", town: "良渚街道", detail: "勾运路 88 号" };

export function courier(more: Partial<CourierView> = {}): CourierView {
  return {
    id: "c1", grant: "g1", shop_name: "青禾生活馆", code: "ZTO", name: "中通快递", branch_name: "余杭三部", branch_code: "571", balance: 412,
    senders: [address], customer_codes: [], details_done: true, details_step: 3, default: true, usable: true, ...more,
  };
}

export function orderForm(more: Partial<OrderForm> = {}): OrderForm {
  return {
    sender: { name: "青禾生活馆", phone: "0571-88663391", address }, couriers: [courier()], default_courier: "c1",
    templates: [{ id: "t", name: "标准", width_mm: 100, height_mm: 180 }],
    printers: [{ id: "pr1", name: "佳博", address: "tcp://127.0.0.1:9100", language: "tspl", dpi: 203, width_mm: 100, height_mm: 180, gap_mm: 2, media_kind: "gap", offset_x: 0, offset_y: 0, family: "", speed: 4, darkness: 8, default: true }],
    default_printer: "pr1", rules: false, draft: "", ...more,
  };
}

export function parcel(row: Partial<ParcelView["row"]> = {}, more: Partial<ParcelView> = {}): ParcelView {
  return {
    row: {
      id: "parcel-1", seq: 1, created_at: 0, created_by: "陈小禾", recipient_name: "喆*", recipient_area: "四川省 成都市", goods: "茶具 ×1", courier_code: "ZTO", courier_name: "中通快递",
      shop_name: "青禾生活馆", number: "73120045998106", waybill_state: "issued", print_state: "sent", evidence: "bytes_accepted", attention: "", reference: "", stop: "", purged: false, ...row,
    },
    sender: { name: "青*馆", phone: "057*", address }, recipient: { name: "喆*", phone: "138******20", address }, goods: [{ name: "茶具", count: 1 }], remark: "", template: "t",
    waybills: [], prints: [], trail: [], may_cancel: true, may_reprint: true, reprints_left: null, may_retry: false, ...more,
  };
}
