// Bugwire's live stream: comes back with jitter, resumes where it was, hands each event on once. Copy this file:
// no dependencies, no build; browsers, and every runtime with a global WebSocket. The protocol: docs/streaming.md.
// MIT License, copyright (c) 2026 The Bugwire authors.
const FIRST_WAIT = 500, LONGEST_WAIT = 30_000, BUSY_WAIT = 2_000, LONGEST_RETRY = 300_000;
const PING_EVERY = 10_000, ANSWER_WITHIN = 8_000, WELCOME_WITHIN = 15_000, SEEN = 5_000, MISSES = 3;

/**
 * @typedef {{id: string, type: string, filters?: object, format?: string, resume?: string, snapshot?: boolean}} Subscription
 * @typedef {{name: "connecting" | "live" | "waiting" | "offline" | "closed", latency?: number, since?: Date | null,
 *   until?: number, code?: number, reason?: string}} State  offline: do not come back with the same credential
 * @typedef {object} Callbacks  gap: read the list at `refetch` again. error: a message of ours was refused
 * @property {(event: {event_id: string | null, event_type: string, metadata: object}, sub: string) => void} [event]
 * @property {(items: object[], sub: string, whole: boolean) => void} [snapshot]
 * @property {(sub: string, reason: string, refetch: string | null) => void} [gap]
 * @property {(code: string, detail: string, sub: string | null) => void} [error]
 * @property {(state: State) => void} [state]
 * @property {() => void} [ready]  all first subscriptions are joined
 */

/** Milliseconds to the next attempt, null for never: full jitter below a doubling ceiling, after `retryMs`. */
export function backOff(code, tries, retryMs = 0, random = Math.random()) {
  const range = Math.floor(code / 100);
  if (range === 40) return null;
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (range === 42 ? 0 : tries));
  return Math.max(Math.min(retryMs, LONGEST_RETRY), range === 41 ? BUSY_WAIT : 0) + random * ceiling;
}

export class Stream {
  #url; #on; #how; #misses = 0; #subs = new Map(); #readers = new Set();
  #socket = null; #attempt = null; #goodbye = null; #welcome = false; #ended = false; #ready = false;
  #tries = 0; #since = null; #canHurry = false; #isForgiven = false; #timers = new Map(); #page = null;
  /** @param {string} url @param {Callbacks} [on] @param {{ticket?: () => Promise<string>, fallback?: () => object}} [how] */
  constructor(url, on = {}, how = {}) { this.#url = url; this.#on = on; this.#how = how; }

  /** Opens the stream; when there is one already, anew and at once. */
  async connect() {
    this.#drop();
    this.#watchPage();
    const attempt = this.#attempt = {};
    this.#ended = false;
    this.#on.state?.({ name: "connecting", since: this.#since });
    this.#after("welcome", WELCOME_WITHIN, () => this.#lost(1006));
    let ticket;
    try { ticket = await this.#how.ticket?.(); } catch { return attempt === this.#attempt && this.#lost(1006); }
    if (attempt === this.#attempt) this.#open(ticket ? ["bugwire.v1", `ticket.${ticket}`] : ["bugwire.v1"]);
  }

  /** Ends it for good; `connect` begins again. */
  close() { this.#end({ name: "closed" }); }

  /** @param {Subscription} ask  one with the same id is replaced; with `resume` it begins after that token */
  subscribe(ask) {
    this.#subs.set(ask.id, { ask, token: ask.resume, seen: new Set(), isJoined: false });
    if (this.#welcome) this.#join([this.#subs.get(ask.id)]);
  }
  unsubscribe(id) { if (this.#subs.delete(id) && this.#welcome) this.#send({ op: "unsubscribe", id }); }

  /** The token to resume a subscription with, to be kept over a reload of the page. */
  token(id) { return this.#subs.get(id)?.token; }

  /** `for await (const [event, sub] of stream)`: what comes from then on, until the stream ends for good. */
  async *[Symbol.asyncIterator]() {
    const reader = { waiting: [], wake: () => {} };
    this.#readers.add(reader);
    try {
      while (reader.waiting.length || !this.#ended) {
        if (reader.waiting.length) yield reader.waiting.shift();
        else await new Promise((wake) => { reader.wake = wake; });
      }
    } finally { this.#readers.delete(reader); }
  }

  #open(protocols) {
    const isInTheWay = this.#how.fallback && this.#misses >= MISSES;
    this.#socket = isInTheWay ? this.#how.fallback() : new WebSocket(this.#url, protocols);
    this.#socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    this.#socket.onclose = ({ code }) => this.#lost(code);
  }

  #take(message) {
    this.#stop("silence");  // whatever it says, it lives
    const sub = this.#subs.get(message.sub ?? message.id);
    switch (message.op) {
      case "welcome": return this.#welcomed();
      case "ping": return this.#send({ op: "pong" });
      case "pong": return this.#on.state?.({ name: "live", latency: Math.round(performance.now() - message.t) });
      case "goodbye": this.#goodbye = message; return undefined;
      case "error": return this.#refused(message, sub);
      case "subscribed": return sub && this.#joined(sub, message);
      // Before `subscribed` comes only what is left of an older subscription with the same id.
      case "event": return sub?.isJoined && this.#event(sub, message);
      case "gap": return sub?.isJoined && this.#gap(sub, message);
      case "snapshot": return sub?.isJoined && this.#snapshot(sub, message);
    }
  }

  #welcomed() {
    this.#stop("welcome");
    this.#welcome = true;
    this.#misses = this.#socket instanceof WebSocket ? -Infinity : MISSES - 1;  // where one got through, others do
    this.#since = null;
    this.#join([...this.#subs.values()]);
    this.#ping();
    this.#after("steady", PING_EVERY, () => { this.#tries = 0; });
  }

  #join(subs) {
    for (const sub of subs) sub.isJoined = false;
    const subscriptions = subs.map(({ ask, token }) => ({ ...ask, resume: token }));
    if (subs.length) this.#send({ op: "subscribe", subscriptions });
  }

  #joined(sub, { resume }) {
    sub.isJoined = true;
    if (!sub.ask.snapshot) sub.token ??= resume;  // an older one stays until what it is for came; a snapshot brings one
    if (this.#ready || ![...this.#subs.values()].every((one) => one.isJoined)) return;
    this.#ready = true;
    this.#on.ready?.();
  }

  #event(sub, { resume, event }) {
    sub.token = resume;
    if (event.event_id && sub.seen.has(event.event_id)) return;
    if (event.event_id) sub.seen.add(event.event_id);
    if (sub.seen.size > SEEN) sub.seen.delete(sub.seen.values().next().value);
    for (const reader of this.#readers) { reader.waiting.push([event, sub.ask.id]); reader.wake(); }
    this.#on.event?.(event, sub.ask.id);
  }

  #gap(sub, { resume, reason, refetch }) {
    sub.token = sub.ask.snapshot && reason !== "too_slow" ? undefined : resume;
    if (reason === "too_slow") return this.#join([sub]);  // the server still has all of it
    this.#on.gap?.(sub.ask.id, reason, refetch ?? null);
  }

  #snapshot(sub, { resume, items, whole }) {
    sub.token = resume;
    this.#on.snapshot?.(items, sub.ask.id, whole);
  }

  #refused({ code, detail, id }, sub) {
    const isAway = code === "unavailable";
    (this.#on.error ?? console.warn)(code, detail, id ?? null);
    if (sub && !sub.isJoined && !isAway) this.#subs.delete(id);  // it would be refused again
    const rest = () => [...this.#subs.values()].filter((one) => !one.isJoined);  // one refused refuses all of a message
    if (sub || isAway) this.#after("join", isAway ? backOff(4100, 2) : 0, () => this.#join(rest()));
  }

  #ping() {
    this.#send({ op: "ping", t: performance.now() });
    this.#after("silence", ANSWER_WITHIN, () => this.#lost(1006));
    this.#after("ping", PING_EVERY, () => this.#ping());
  }

  #lost(given) {
    const { code = given, reason, retry_ms: retryMs } = this.#goodbye ?? {};
    this.#misses += this.#welcome ? 0 : 1;
    this.#drop();
    this.#since ??= new Date();
    this.#isForgiven = code === 4001 && this.#how.ticket && !this.#isForgiven;  // one ticket may grow old on its way
    const wait = backOff(this.#isForgiven ? 1006 : code, this.#tries++, retryMs), why = { since: this.#since, code, reason };
    if (wait === null) return this.#end({ name: "offline", ...why });
    this.#canHurry = retryMs === undefined && (code < 4100 || code > 4199);
    this.#on.state?.({ name: "waiting", until: Date.now() + wait, ...why });
    this.#after("back", wait, () => this.connect());
  }

  // The network is back, or the page is looked at again: timers may have slept.
  #hurry = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.#canHurry) this.connect();
    else if (this.#welcome) this.#ping();
  };

  #watchPage() {
    const { signal } = this.#page ??= new AbortController();  // the same listener is never added twice
    globalThis.addEventListener?.("online", this.#hurry, { signal });
    globalThis.document?.addEventListener("visibilitychange", this.#hurry, { signal });
  }

  #end(state) {
    this.#drop();
    this.#page = this.#page?.abort();
    this.#ended = true;
    for (const reader of this.#readers) reader.wake();
    this.#on.state?.(state);
  }

  #drop() {
    for (const name of this.#timers.keys()) this.#stop(name);
    if (this.#socket) { this.#socket.onmessage = this.#socket.onclose = null; this.#socket.close(); }
    this.#socket = this.#attempt = this.#goodbye = null; this.#welcome = this.#canHurry = false;
  }

  #after(name, wait, then) { this.#stop(name); this.#timers.set(name, setTimeout(then, wait)); }
  #stop(name) { clearTimeout(this.#timers.get(name)); }
  #send(message) { if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message)); }
}
