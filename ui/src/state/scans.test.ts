import { describe, expect, it } from "vitest";
import type { ParcelView } from "../host";
import { parcel, refusal, TableDesk } from "../test/desk";
import { Scans } from "./scans.svelte";

type Request = Record<string, unknown>;

/** A desk with one parcel a number; a confirmed label stays confirmed. */
function deskWith(...all: ParcelView[]): TableDesk {
  return new TableDesk({
    "orders.list": (r: Request) => ({ rows: all.map((p) => p.row).filter((row) => row.number.startsWith(String(r.search))), next: null }),
    "orders.show": (r: Request) => all.find((p) => p.row.id === r.id),
    "prints.confirm": (r: Request) => {
      const of = all.find((p) => p.prints.some((job) => job.id === r.id));
      if (!of) throw refusal("not_found");
      of.row = { ...of.row, print_state: "confirmed" };
      return of.prints[0];
    },
  });
}

function printed(id: string, number: string, state: string): ParcelView {
  const job = {
    id: `job-${id}`, parcel: id, carrier_label: "", number, copy: 0, reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博", state, evidence: "bytes_accepted", trouble: "", bytes: 1, accepted: 1, template: "t",
    created_at: 0, ended_at: 0,
  };
  return parcel({ id, number, print_state: state }, { prints: [job] });
}

describe("scans", () => {
  it("count each label once, however close they follow", async () => {
    const desk = deskWith(printed("a", "7311200451", "sent"), printed("b", "7311200452", "doubtful"));
    const scans = new Scans();
    await Promise.all([scans.scan("7311200451"), scans.scan("7311200452")]);
    expect(desk.of("prints.confirm")).toEqual([{ id: "job-a" }, { id: "job-b" }]);
    expect(scans.last?.outcome).toBe("go");
    await scans.scan("7311200451");
    expect(scans.last?.outcome).toBe("twice");
    expect(desk.of("prints.confirm"), "the second look at a label confirms nothing").toHaveLength(2);
  });

  it("stop at what is unknown or taken back, and go on only when a person has seen it", async () => {
    const desk = deskWith(printed("a", "7311200451", "sent"));
    const scans = new Scans();
    await scans.scan("73112004");
    expect([scans.last?.outcome, scans.last?.number, scans.locked], "half a number is nobody's").toEqual(["stop", "73112004", true]);
    await scans.scan("7311200451");
    expect(scans.last?.number, "the stop stays before the eyes").toBe("73112004");
    expect(desk.of("prints.confirm")).toEqual([]);
    scans.release();
    await scans.scan("7311200451");
    expect(desk.of("prints.confirm")).toEqual([{ id: "job-a" }]);
  });

  it("stop with the desk's own words when it could not be asked", async () => {
    new TableDesk({ "orders.list": () => { throw refusal("internal"); } });
    const scans = new Scans();
    await scans.scan("7311200451");
    expect([scans.last?.outcome, scans.last?.error?.code]).toEqual(["stop", "internal"]);
  });
});
