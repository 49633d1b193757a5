import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { DeskEvent, Host } from "./host";

/** The window's door: one command, one event. */
export const tauri: Host = {
  call: (name, request) => invoke("desk", { name, request }),
  listen(heard) {
    const stop = listen<DeskEvent>("desk-event", (e) => heard(e.payload));
    return () => void stop.then((f) => f());
  },
  qr: (attempt) => convertFileSrc(attempt, "waybill-qr"),
  personQr: (person) => convertFileSrc(`person-${person}`, "waybill-qr"),
};
