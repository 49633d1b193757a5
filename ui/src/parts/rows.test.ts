import { render, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { BatchItemView, BatchView, ParcelRow } from "../host";
import { STEP } from "../state/reveal.svelte";
import { parcel } from "../test/desk";
import BatchRows from "./BatchRows.svelte";
import ReadyRows from "./ReadyRows.svelte";

const drawn = (name: string) => document.querySelectorAll(`[data-test="${name}"]`).length;

describe("a list of a thousand", () => {
  it("is drawn step by step, all of it in the end", async () => {
    const item = (seq: number): Partial<BatchItemView> => ({ seq, parcel: `p${seq}`, aside: "", number: "", reference: "", goods: "", recipient_name: "林", recipient_area: "", print_state: "", waybill_state: "" });
    const batch = { name: "B0001", items: Array.from({ length: 350 }, (_, n) => item(n + 1)) } as unknown as BatchView;
    render(BatchRows, { batch, chosen: "", onchoose: () => undefined });
    expect(drawn("batch-row")).toBe(STEP);
    await waitFor(() => expect(drawn("batch-row")).toBe(350));
  });

  it("goes for orders that wait, too", async () => {
    const rows: ParcelRow[] = Array.from({ length: 250 }, (_, n) => parcel({ id: `p${n}` }).row);
    render(ReadyRows, { rows, chosen: "", ticked: new Set<string>(), checked: [], onchoose: () => undefined, ontoggle: () => undefined, onall: () => undefined });
    expect(drawn("ready-row")).toBe(STEP);
    await waitFor(() => expect(drawn("ready-row")).toBe(250));
  });
});
