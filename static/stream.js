// A client for the live stream: reconnects with jitter, resumes where it was, hands each event on once.

const FIRST_WAIT = 500, LONGEST_WAIT = 20_000, PING_EVERY = 10_000, ANSWER_WITHIN = 8_000, SEEN = 5_000;
const HOPELESS = (code) => code >= 4000 && code < 4100;

/** on: {event(event, sub), state({name, latency?, until?, since?, code?}), gap(sub), ready()} */
export class Stream {
  #url; #on; #subs = new Map(); #tokens = new Map(); #seen = new Set();
  #socket; #tries = 0; #since = null; #timers = []; #silence; #ready = false;

  constructor(url, on) { this.#url = url; this.#on = on; }

  connect() {
    this.#socket?.close();
    this.#clear();
    this.#on.state({ name: "connecting", since: this.#since });
    const socket = this.#socket = new WebSocket(this.#url, ["bugwire.v1"]);
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
    this.#timers.push(setTimeout(() => socket.readyState === WebSocket.CONNECTING && socket.close(), ANSWER_WITHIN));
  }

  subscribe(subscription) {
    if (this.#subs.has(subscription.id)) this.#tokens.delete(subscription.id);
    this.#subs.set(subscription.id, subscription);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#send({ op: "subscribe", ...subscription });
  }

  #take(message) {
    const { op, sub, id, resume } = message;
    if (op === "welcome") this.#welcomed();
    else if (op === "event") this.#event(message);
    else if (op === "subscribed") this.#subscribed(id, resume);
    else if (op === "gap") { this.#tokens.set(sub, resume); this.#on.gap?.(sub); }
    else if (op === "ping") this.#send({ op: "pong" });
    else if (op === "pong") this.#answered(message.t);
    else if (op === "error") console.warn("stream:", message.code, message.detail);
  }

  #welcomed() {
    this.#tries = 0;
    this.#since = null;
    const subscriptions = [...this.#subs.values()].map((one) => ({ ...one, resume: this.#tokens.get(one.id) }));
    if (subscriptions.length) this.#send({ op: "subscribe", subscriptions });
    this.#ping();
    this.#timers.push(setInterval(() => this.#ping(), PING_EVERY));
  }

  #subscribed(id, resume) {
    if (!this.#tokens.has(id)) this.#tokens.set(id, resume);
    if (this.#ready || this.#tokens.size < this.#subs.size) return;
    this.#ready = true;
    this.#on.ready?.();
  }

  #event({ sub, resume, event }) {
    this.#tokens.set(sub, resume);
    const key = `${sub} ${event.event_id}`;
    if (event.event_id && this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#seen.size > SEEN) this.#seen.delete(this.#seen.values().next().value);
    this.#on.event(event, sub);
  }

  #ping() {
    clearTimeout(this.#silence);
    this.#send({ op: "ping", t: Math.round(performance.now()) });
    const socket = this.#socket;
    this.#silence = setTimeout(() => { if (socket === this.#socket) { socket.onclose = null; socket.close(); this.#lost(1006); } }, ANSWER_WITHIN);
    this.#timers.push(this.#silence);
  }

  #answered(sent) {
    clearTimeout(this.#silence);
    this.#on.state({ name: "live", latency: Math.max(0, Math.round(performance.now() - sent)) });
  }

  #lost(code) {
    this.#clear();
    this.#since ??= new Date();
    if (HOPELESS(code)) return this.#on.state({ name: "offline", since: this.#since, code });
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++) * (code >= 4100 && code < 4200 ? 4 : 1);
    const wait = ceiling * (0.5 + Math.random() / 2);
    this.#on.state({ name: "waiting", until: Date.now() + wait, since: this.#since });
    this.#timers.push(setTimeout(() => this.connect(), wait));
  }

  #send(message) { if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message)); }
  #clear() { for (const timer of this.#timers.splice(0)) { clearTimeout(timer); clearInterval(timer); } }
}
