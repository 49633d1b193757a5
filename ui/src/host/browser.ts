import type { DeskEvent, Host } from "./host";

/** The same desk over HTTP, for looking at pages in a plain browser: `POST /desk/{name}`, events by asking. */
export const browser: Host = {
  async call(name, request) {
    const answer = await fetch(`/desk/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    const body: unknown = await answer.json();
    if (!answer.ok) throw body;
    return body;
  },
  listen(heard) {
    let after = 0;
    const ask = async () => {
      try {
        const answer = (await browser.call("events", { after })) as { last: number; events: DeskEvent[] };
        after = answer.last;
        answer.events.forEach(heard);
      } catch {
        // The next call of a page says it in words.
      }
    };
    const timer = setInterval(() => void ask(), 2000);
    return () => clearInterval(timer);
  },
  qr: (attempt) => `/qr/${attempt}`,
  personQr: (person) => `/qr/person-${person}`,
};
