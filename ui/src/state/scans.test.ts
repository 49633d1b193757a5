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
    id: `job-${id}`, parcel: id, carrier_label: "", number, copy: 0, mark: "", reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博", state, evidence: "bytes_accepted", trouble: "", bytes: 1, accepted: 1, template: "t",
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

  it("let only the last copy of a reprinted label leave, told by the square beside its mark", async () => {
    const labels = printed("a", "7311200451", "sent");
    const again = { ...labels.prints[0]!, id: "job-a1", copy: 1, mark: "7311200451/1" };
    labels.prints = [{ ...labels.prints[0]!, state: "confirmed" }, again];
    const desk = deskWith(labels);
    const scans = new Scans();
    await scans.scan("7311200451");
    expect([scans.last?.outcome, scans.last?.copy], "both labels bear the number").toEqual(["wait", "which"]);
    await scans.scan("7311200451/0");
    expect([scans.last?.outcome, scans.last?.copy, scans.locked]).toEqual(["stop", "old", true]);
    scans.release();
    expect(desk.of("prints.confirm")).toEqual([]);
    await scans.scan("7311200451/1");
    expect([scans.last?.outcome, scans.last?.copy]).toEqual(["go", undefined]);
    expect(desk.of("prints.confirm")).toEqual([{ id: "job-a1" }]);
  });

  it("take a copy without a square by its number: the platform's own labels have no place for one", async () => {
    const labels = printed("a", "7311200451", "sent");
    labels.prints = [labels.prints[0]!, { ...labels.prints[0]!, id: "job-a1", copy: 1 }];
    const desk = deskWith(labels);
    const scans = new Scans();
    await scans.scan("7311200451");
    expect(scans.last?.outcome).toBe("go");
    expect(desk.of("prints.confirm")).toEqual([{ id: "job-a1" }]);
  });

  it("stop with the desk's own words when it could not be asked", async () => {
    new TableDesk({ "orders.list": () => { throw refusal("internal"); } });
    const scans = new Scans();
    await scans.scan("7311200451");
    expect([scans.last?.outcome, scans.last?.error?.code]).toEqual(["stop", "internal"]);
  });
});
