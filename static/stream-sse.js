// Where WebSockets do not get through: Bugwire's stream as server-sent events, spoken to like a socket by stream.js.
//   new Stream(url, on, { fallback: () => new EventSocket("https://bugwire.example.com/api/v1/stream/") })
// It signs in with the session cookie. MIT License, copyright (c) 2026 The Bugwire authors.

const OPS = ["message", "subscribed", "gap", "snapshot", "goodbye", "error"];

export class EventSocket {
  readyState = 1; onmessage = null; onclose = null;
  #url; #sources = new Map(); #ping = null;

  constructor(url) { this.#url = url; queueMicrotask(() => this.#say({ op: "welcome" })); }

  send(text) {
    const { op, id, t, subscriptions = [] } = JSON.parse(text);
    if (op === "unsubscribe") this.#leave(id);
    if (op === "ping") { this.#ping = t; this.#answer(); }
    for (const one of subscriptions) this.#join(one);
  }

  close() { for (const id of this.#sources.keys()) this.#leave(id); }

  #join({ id, filters = {}, resume, ...more }) {
    this.#leave(id);
    const asked = Object.entries({ ...more, ...filters });
    const values = asked.flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const source = new EventSource(`${this.#url}?${new URLSearchParams(values)}`, { withCredentials: true });
    let token = resume;
    this.#sources.set(id, source);
    source.onopen = () => this.#answer();
    for (const name of OPS) source.addEventListener(name, ({ data }) => {
      if (data) this.#say({ ...JSON.parse(data), sub: id, id });
      else if (source.readyState === EventSource.CLOSED) this.onclose?.({ code: 1006 });
      // A browser resumes from the event it had last; what another connection had before, it cannot say.
      if (name !== "subscribed" || !token) return;
      this.#say({ op: "gap", sub: id, resume: JSON.parse(data).resume, reason: "new_transport" });
      token = null;
    });
  }

  #leave(id) { this.#sources.get(id)?.close(); this.#sources.delete(id); }
  #say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }

  // Only while all are open: who gets no answer to a ping leaves.
  #answer() {
    if (this.#ping === null || [...this.#sources.values()].some((one) => one.readyState !== EventSource.OPEN)) return;
    this.#say({ op: "pong", t: this.#ping });
    this.#ping = null;
  }
}
