import { listen, type DeskEvent } from "../host";

type Heard = (event: DeskEvent) => void;
const ears = new Set<Heard>();

/** Starts hearing the desk once for the whole window. */
export function startHearing(): () => void {
  return listen((event) => ears.forEach((heard) => heard(event)));
}

/** Hears events of some kinds; made for `$effect`, the answer stops hearing. */
export function onDesk(kinds: DeskEvent["kind"][], heard: Heard): () => void {
  const ear: Heard = (event) => {
    if (kinds.includes(event.kind)) heard(event);
  };
  ears.add(ear);
  return () => ears.delete(ear);
}
