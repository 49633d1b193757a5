import { describe, expect, it, vi } from "vitest";
import { orderForm, parcel, refusal, TableDesk } from "../test/desk";
import { Order, REST_MS, SAVE_MS, valueAt } from "./order.svelte";

async function typedOrder(answers: ConstructorParameters<typeof TableDesk>[0]) {
  const desk = new TableDesk({ "orders.form": orderForm(), "orders.save_draft": {}, "orders.preview": () => { throw refusal("invalid_input"); }, ...answers });
  const order = new Order();
  await order.load();
  Object.assign(order.typed.recipient, { name: "喆丽", phone: "13812346720" });
  order.typed.recipient.address.detail = "天府大道 666 号";
  order.typed.goods[0]!.name = "茶具";
  return { desk, order };
}
const keysOf = (desk: TableDesk) => desk.of("orders.submit").map((r) => r.submit_key);

describe("an order being typed", () => {
  it("is submitted once when the button is pressed twice at once", async () => {
    const { desk, order } = await typedOrder({ "orders.submit": () => new Promise((r) => setTimeout(() => r(parcel()), 5)) });
    await Promise.all([order.submit(), order.submit(), order.submit()]);
    expect(desk.of("orders.submit"), "one press under way shuts the door").toHaveLength(1);
  });

  it("keeps one submit key through retries of the same press, whatever failed", async () => {
    let n = 0;
    const { desk, order } = await typedOrder({
      "orders.submit": () => {
        n += 1;
        if (n < 3) throw n === 1 ? new Error("the line to the desk broke") : refusal("platform_unreachable");
        return parcel();
      },
    });
    for (let i = 0; i < 3; i++) await order.submit();
    expect(new Set(keysOf(desk)).size, "the desk must be able to see that it is one press").toBe(1);
  });

  it("takes a new key for other content and for the next order", async () => {
    const { desk, order } = await typedOrder({ "orders.submit": (r: Record<string, unknown>) => { if (r.remark === "") throw refusal("invalid_input"); return parcel(); } });
    await order.submit();
    order.typed.remark = "易碎";
    await order.submit();
    Object.assign(order.typed, { remark: "第二单" });
    await order.submit();
    expect(new Set(keysOf(desk)).size).toBe(3);
  });

  it("uses the same key again after the window was closed in the middle of a press", async () => {
    let draft = "";
    const { desk, order } = await typedOrder({
      "orders.save_draft": (r: Record<string, unknown>) => { draft = String(r.draft); return {}; },
      "orders.submit": () => { throw new Error("the window is gone"); },
    });
    await order.submit();
    const again = new Order();
    desk.answers["orders.form"] = orderForm({ draft });
    desk.answers["orders.submit"] = parcel();
    await again.load();
    expect(again.typed.recipient.name, "what was typed is back").toBe("喆丽");
    await again.submit();
    expect(new Set(keysOf(desk)).size, "it is still the same press").toBe(1);
  });

  it("keeps everything typed when the desk refuses, and marks the fields until they change", async () => {
    const { order } = await typedOrder({ "orders.submit": () => { throw refusal("invalid_input", { fields: [{ field: "recipient.phone", code: "bad_phone", detail: "" }, { field: "goods[0].name", code: "missing_glyph", detail: "🫖" }] }); } });
    const before = JSON.stringify(order.typed);
    await order.submit();
    expect(JSON.stringify(order.typed)).toBe(before);
    expect(order.errors.map((e) => e.field)).toEqual(["recipient.phone", "goods[0].name"]);
    order.typed.recipient.phone = "13800138000";
    expect(order.errors.map((e) => e.field), "only the mended field is quiet").toEqual(["goods[0].name"]);
  });

  it("is cleared for the next one after a number was taken, but sender and courier stay", async () => {
    const { order } = await typedOrder({ "orders.submit": parcel() });
    order.typed.courier = "c1";
    await order.submit();
    expect(order.typed.recipient.name).toBe("");
    expect([order.typed.sender.name, order.typed.courier]).toEqual(["青禾生活馆", "c1"]);
    expect(order.result?.row.number).toBe("73120045998106");
  });

  it("is cleared when the outcome is unknown too: that parcel is never asked for a second time", async () => {
    const { desk, order } = await typedOrder({ "orders.submit": parcel({ waybill_state: "unknown", number: "", print_state: "" }) });
    await order.submit();
    expect(order.typed.recipient.name).toBe("");
    expect(desk.of("orders.submit")).toHaveLength(1);
  });

  it("stays after a refusal, and the next press tries the same parcel again", async () => {
    const { desk, order } = await typedOrder({ "orders.submit": parcel({ waybill_state: "rejected", number: "", print_state: "" }), "orders.retry": parcel() });
    await order.submit();
    expect(order.typed.recipient.name, "nothing typed is lost").toBe("喆丽");
    order.typed.recipient.address.detail = "天府大道 888 号";
    await order.submit();
    expect(desk.of("orders.submit")).toHaveLength(1);
    expect(desk.of("orders.retry")[0]).toMatchObject({ parcel: "parcel-1", recipient: { address: { detail: "天府大道 888 号" } } });
  });

  it("saves what is typed a moment after the last key, once", async () => {
    vi.useFakeTimers();
    try {
      const { desk, order } = await typedOrder({});
      for (const remark of ["易", "易碎", "易碎，轻放"]) {
        order.typed.remark = remark;
        order.touched();
        await vi.advanceTimersByTimeAsync(SAVE_MS / 2);
      }
      await vi.advanceTimersByTimeAsync(SAVE_MS);
      expect(desk.of("orders.save_draft")).toHaveLength(1);
      expect(String(desk.of("orders.save_draft")[0]?.draft)).toContain("易碎，轻放");
      expect(order.saved).toBe("saved");
    } finally {
      vi.useRealTimers();
    }
  });

  it("draws each keystroke at once, the newest after the one under way, and tells what is wrong only at rest", async () => {
    vi.useFakeTimers();
    try {
      let good = true;
      const { desk, order } = await typedOrder({
        "orders.preview": (r: Record<string, unknown>) =>
          new Promise((done, failed) => setTimeout(() => (good ? done({ png_base64: String(r.remark) }) : failed(refusal("label_impossible"))), 20)),
      });
      for (const remark of ["易", "易碎", "易碎，", "易碎，轻放"]) {
        order.typed.remark = remark;
        order.touched();
        await vi.advanceTimersByTimeAsync(1);
      }
      expect(desk.of("orders.preview"), "the first without a wait, none beside it").toHaveLength(1);
      await vi.advanceTimersByTimeAsync(45);
      expect(desk.of("orders.preview").map((r) => r.remark), "then the newest, not those between").toEqual(["易", "易碎，轻放"]);
      expect(order.preview?.png_base64).toBe("易碎，轻放");
      good = false;
      order.typed.remark = "易碎🫖";
      order.touched();
      await vi.advanceTimersByTimeAsync(REST_MS);
      expect(order.previewError, "not under the hand").toBeNull();
      await vi.advanceTimersByTimeAsync(21);
      expect(order.previewError?.code).toBe("label_impossible");
      expect(order.preview?.png_base64, "the last good one stays").toBe("易碎，轻放");
    } finally {
      vi.useRealTimers();
    }
  });

  it("survives a draft nobody can read", async () => {
    new TableDesk({ "orders.form": orderForm({ draft: "{not json" }) });
    const order = new Order();
    await order.load();
    expect(order.typed.sender.name).toBe("青禾生活馆");
  });

  it("lets an untouched sender follow the default courier, and a typed one stay", async () => {
    const { desk, order } = await typedOrder({});
    desk.answers["orders.form"] = orderForm({ sender: { ...orderForm().sender, name: "新寄件人" } });
    await order.load();
    expect(order.typed.sender.name).toBe("新寄件人");
    order.typed.sender.name = "手写的";
    desk.answers["orders.form"] = orderForm();
    await order.load();
    expect(order.typed.sender.name).toBe("手写的");
  });
});

describe("valueAt", () => {
  it("reads the desk's paths", () => {
    const body = { recipient: { address: { detail: "x" } }, goods: [{ name: "a" }, { name: "b" }] };
    expect([valueAt(body, "recipient.address.detail"), valueAt(body, "goods[1].name"), valueAt(body, "goods[7].name")]).toEqual(["x", "b", undefined]);
  });
});
