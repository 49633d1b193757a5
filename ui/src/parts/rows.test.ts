import { fireEvent, render, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { BatchItemView, BatchView, ParcelRow } from "../host";
import { DRAWN } from "../state/near_view.svelte";
import { parcel } from "../test/desk";
import BatchRows from "./BatchRows.svelte";
import ReadyRows from "./ReadyRows.svelte";

const drawn = (name: string) => document.querySelectorAll(`[data-test="${name}"]`).length;

/** A list in a layout: rows of 40 px, `up` px of it above the top of its box. */
function lay(up: number) {
  const box = (top: number, height: number) => ({ top, bottom: top + height, height }) as DOMRect;
  const list = document.querySelector("ul")!;
  const before = () => Number.parseFloat(list.style.paddingBlock || "0");
  list.parentElement!.getBoundingClientRect = () => box(100, 800);
  list.getBoundingClientRect = () => box(100 - up, 40_000);
  const top = 100 - up + before();
  list.firstElementChild!.getBoundingClientRect = () => box(top, 40);
  list.lastElementChild!.getBoundingClientRect = () => box(top + 40 * (list.childElementCount - 1), 40);
}

const item = (seq: number): Partial<BatchItemView> => ({ seq, parcel: `p${seq}`, aside: "", number: "", reference: "", goods: "", recipient_name: "林", recipient_area: "", print_state: "", waybill_state: "" });

describe("a list of a thousand", () => {
  it("draws what is near the eye, with the room of the others, and follows it", async () => {
    const batch = { name: "B0001", items: Array.from({ length: 1000 }, (_, n) => item(n + 1)) } as unknown as BatchView;
    render(BatchRows, { batch, chosen: "", onchoose: () => undefined });
    const first = () => document.querySelector('[data-test="batch-row"]')?.getAttribute("data-id");
    expect(drawn("batch-row")).toBe(DRAWN);
    expect(first()).toBe("p1");
    lay(20_000);
    await fireEvent.scroll(document.querySelector("ul")!);
    await waitFor(() => expect(first()).not.toBe("p1"));
    expect(drawn("batch-row")).toBe(DRAWN);
    // Row 501 is at the top of the box.
    const ids = [...document.querySelectorAll('[data-test="batch-row"]')].map((r) => Number(r.getAttribute("data-id")?.slice(1)));
    expect(ids[0]!).toBeLessThan(480);
    expect(ids.at(-1)!).toBeGreaterThan(540);
    expect(document.querySelector("li")?.getAttribute("aria-posinset")).toBe(String(ids[0]));
    lay(1e9);
    await fireEvent.scroll(document.querySelector("ul")!);
    await waitFor(() => expect(document.querySelectorAll('[data-id="p1000"]').length).toBe(1));
  });

  it("goes for orders that wait, too, and numbers them as they lie", () => {
    const rows: ParcelRow[] = Array.from({ length: 250 }, (_, n) => parcel({ id: `p${n}` }).row);
    render(ReadyRows, { rows, chosen: "", ticked: new Set<string>(), checked: [], onchoose: () => undefined, ontoggle: () => undefined, onall: () => undefined });
    expect(drawn("ready-row")).toBe(DRAWN);
    expect(document.querySelector(".seq")?.textContent).toBe("001");
  });
});
