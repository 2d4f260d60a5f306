// The dashboard: a page of bugs kept true by the stream.

import { EventSocket } from "./stream-sse.js";
import { Stream } from "./stream.js";

const LIMIT = 50, FEED = 30, LOAD_AGAIN = 5_000;
const MOVES = {
  new: ["triaged", "in_progress", "resolved", "closed"], triaged: ["in_progress", "resolved", "closed"],
  in_progress: ["triaged", "resolved", "closed"], resolved: ["closed", "reopened"], closed: ["reopened"],
  reopened: ["triaged", "in_progress", "resolved", "closed"],
};
const SHAPES = { critical: "M8 0 16 8 8 16 0 8Z", high: "M8 1 16 15H0Z", medium: "M1 1H15V15H1Z", low: "M8 2a6 6 0 1 0 .01 0Z" };
const WORDS = { new_bug: "reported", edit: "edited", deletion: "deleted", assignment: "assigned" };
const $ = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="bugwire-${name}"]`).content;
const words = (name) => name.replaceAll("_", " ");

const bugs = new Map();      // id -> bug, as shown
const waiting = new Map();   // id -> bug, behind the pill
const held = [];             // events that came while a page was being read
const totals = new Map();    // project -> its figures of errors
let loading = 0, busy = false, loaded = false;

// Elements are made, never parsed: a title is text whatever it contains.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function severity(level) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[level] ?? SHAPES.low);
  svg.append(path);
  return make("span", { class: "severity", "data-level": level }, svg, level);
}

function statusMenu(bug) {
  const menu = make("select", { "aria-label": `Status of ${bug.reference}` });
  for (const name of [bug.status, ...(MOVES[bug.status] ?? [])]) menu.append(make("option", { value: name }, words(name)));
  menu.addEventListener("change", () => move(bug, menu));
  return menu;
}

function row(bug) {
  const age = make("time", { datetime: bug.created_at, title: new Date(bug.created_at).toLocaleString() }, ago(bug.created_at));
  const tr = make("tr", { "data-id": bug.id },
    make("td", {}, severity(bug.severity)),
    make("td", {}, make("span", { class: "title" }, bug.title), make("span", { class: "reference" }, bug.reference)),
    make("td", {}, statusMenu(bug)),
    make("td", {}, age));
  return tr;
}

function ago(moment) {
  const seconds = Math.max(0, (Date.now() - new Date(moment)) / 1000);
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return "now";
}

function notice(...parts) {
  $("notice").replaceChildren(...parts);
  $("notice").hidden = parts.length === 0;
}

function filters() {
  const chosen = new URLSearchParams(location.search);
  return Object.fromEntries(["status", "severity"].filter((name) => chosen.get(name)).map((name) => [name, chosen.get(name)]));
}

const fits = (bug) => Object.entries(filters()).every(([name, value]) => bug[name] === value);

function draw() {
  $("rows").replaceChildren(...[...bugs.values()].map(row));
  $("rows").setAttribute("aria-busy", "false");
  const filtered = Object.keys(filters()).length > 0;
  $("empty").hidden = bugs.size > 0;
  $("empty").textContent = filtered ? "No bug fits these filters." : "No bugs yet. The first one will appear here by itself.";
  pill();
}

function pill() {
  $("pill").hidden = waiting.size === 0;
  $("pill").textContent = `${waiting.size} new`;
}

async function call(path, options = {}) {
  const response = await fetch(path, { credentials: "same-origin", ...options });
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) location.assign(loginPage());
  if (!response.ok) throw new Error(body.detail ?? `The server answered ${response.status}.`);
  return body;
}

async function load() {
  const mine = ++loading;
  busy = true;
  const query = new URLSearchParams({ limit: LIMIT, ...filters() });
  try {
    const { results } = await call(`/api/v1/bugs/?${query}`);
    if (mine !== loading) return;
    bugs.clear();
    waiting.clear();
    for (const bug of results) bugs.set(bug.id, bug);
    loaded = true;
    notice();
    draw();
  } catch (error) {
    $("rows").setAttribute("aria-busy", "false");
    notice(`The bugs could not be loaded. ${error.message}`);
    if (mine === loading) setTimeout(() => mine === loading && load(), LOAD_AGAIN * (0.5 + Math.random()));
  }
  if (mine === loading) {
    busy = false;
    held.splice(0).forEach(apply);
  }
}

async function move(bug, menu) {
  menu.disabled = true;
  try {
    await call(`/api/v1/bugs/${bug.id}/status/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": meta("csrf") },
      body: JSON.stringify({ to: menu.value }),
    });
    update({ ...bug, status: menu.value });
    notice();
  } catch (error) {
    menu.value = bug.status;
    notice(`${bug.reference} stays ${words(bug.status)}. ${error.message}`);
  }
  menu.disabled = false;
}

function update(bug, gone = false) {
  const shown = bugs.get(bug.id);
  if (!shown || (bug.version ?? Infinity) < (shown.version ?? 0)) return;
  bugs.set(bug.id, bug);
  const old = document.querySelector(`tr[data-id="${CSS.escape(bug.id)}"]`);
  const focused = old?.contains(document.activeElement);
  const fresh = row(bug);
  fresh.classList.add("changed");
  fresh.classList.toggle("gone", gone || !fits(bug));
  if (gone) fresh.querySelector("select").disabled = true;
  old?.replaceWith(fresh);
  if (focused) fresh.querySelector("select").focus();
}

function arrived(bug) {
  if (bugs.has(bug.id) || !fits(bug)) return;
  if (bugs.size === 0 || (scrollY < 40 && !document.querySelector("#rows :focus, #rows tr:hover"))) {
    const kept = [[bug.id, bug], ...bugs];
    bugs.clear();
    for (const [id, one] of kept.slice(0, LIMIT)) bugs.set(id, one);
    draw();
    $("rows").firstElementChild.classList.add("changed");
  } else {
    waiting.set(bug.id, bug);
    pill();
  }
}

function tell(event) {
  const { metadata: { bug, status }, changes, event_type: type, timestamp } = event;
  const moved = changes.status ?? changes.severity;
  const what = moved ? `${words(moved.from)} → ${words(moved.to)}` : WORDS[type] ?? words(type);
  const name = bug?.reference ?? bugs.get(event.bug_id)?.reference ?? "A bug";
  const time = make("time", { datetime: timestamp }, new Date(timestamp).toLocaleTimeString());
  $("feed").prepend(make("li", {}, time, make("strong", {}, name), ` ${what}`, make("br"), bug?.title ?? ""));
  while ($("feed").childElementCount > FEED) $("feed").lastElementChild.remove();
  $("feed-empty").hidden = true;
}

function counted(document) {
  totals.set(document.project_id, document.figures.totals);
  const sum = (name) => [...totals.values()].reduce((whole, one) => whole + one[name], 0);
  const count = sum("errors_24h"), spiking = sum("spiking_groups");
  $("errors").textContent = `${count.toLocaleString()} error${count === 1 ? "" : "s"} in 24 h${spiking ? ` · ${spiking} spiking` : ""}`;
  $("errors").dataset.spiking = spiking > 0;
}

function happened(event, sub) {
  if (sub === "errors") return counted(event.metadata);
  tell(event);
  if (busy) held.push(event);
  else apply(event);
}

function apply(event) {
  const { bug: document, version } = event.metadata;
  const bug = document && { ...document, version };
  if (event.event_type === "new_bug" && bug) arrived(bug);
  else if (event.event_type === "deletion") {
    waiting.delete(event.bug_id);
    pill();
    if (bugs.has(event.bug_id)) update({ ...bugs.get(event.bug_id), version }, true);
  } else if (bug && waiting.has(bug.id)) waiting.set(bug.id, bug);
  else if (bug) update(bug);
}

let state = { name: "connecting" };
const isSignedOut = () => state.code === 4001 || state.code === 4010;
const loginPage = () => `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

function stateChanged(next) {
  showState(next);
  if (state.name === "offline" && isSignedOut()) {
    notice("What you see is no longer live: your session ended. ", make("a", { href: loginPage() }, "Sign in again"));
  }
}

function showState(next = state) {
  state = next;
  const clock = (moment) => moment.toLocaleTimeString();
  const seconds = Math.max(0, Math.ceil((state.until - Date.now()) / 1000));
  const texts = {
    live: () => `live · ${state.latency} ms`,
    waiting: () => `offline since ${clock(state.since)} · ${state.code === 4200 ? "the server restarts, back" : "reconnecting"} in ${seconds} s`,
    offline: () => `offline since ${clock(state.since)} · ${isSignedOut() ? "please sign in again" : "not allowed"}`,
    connecting: () => (state.since ? `offline since ${clock(state.since)} · connecting` : "connecting"),
  };
  const text = texts[state.name]();
  $("connection").dataset.state = state.name;
  if ($("connection-text").textContent !== text) $("connection-text").textContent = text;
}

function streamUrl(path = "/ws/v1/stream") {
  const url = new URL(meta("stream"));
  // The session cookie belongs to the host name that the page was opened under.
  if (["127.0.0.1", "localhost"].includes(url.hostname)) url.hostname = location.hostname;
  url.pathname = url.pathname.replace(/\/$/, "") + path;
  return url.href;
}

for (const menu of $("filters").elements) {
  menu.value = filters()[menu.name] ?? "";
  menu.addEventListener("change", () => {
    const query = new URLSearchParams([...new FormData($("filters"))].filter(([, value]) => value));
    history.pushState(null, "", query.size ? `?${query}` : location.pathname);
    load();
  });
}
$("filters").addEventListener("submit", (event) => event.preventDefault());
addEventListener("popstate", () => {
  for (const menu of $("filters").elements) menu.value = filters()[menu.name] ?? "";
  load();
});
$("pill").addEventListener("click", () => {
  const kept = [...[...waiting].reverse(), ...bugs].slice(0, LIMIT);
  waiting.clear();
  bugs.clear();
  for (const [id, bug] of kept) bugs.set(id, bug);
  draw();
  scrollTo({ top: 0 });
  document.querySelector("#rows select")?.focus();
});

const stream = new Stream(streamUrl(), {
  event: happened, state: stateChanged, ready: load,
  gap: (sub) => sub === "errors" || load(),  // its figures come by themselves
  snapshot: (items) => items.forEach(counted),
}, { fallback: () => new EventSocket(streamUrl("/api/v1/stream/").replace(/^ws/, "http")) });
stream.subscribe({ id: "new", type: "new_bugs", format: "detailed" });
stream.subscribe({ id: "changes", type: "bug_updates", format: "detailed" });
stream.subscribe({ id: "errors", type: "analytics", metrics_type: "errors", format: "compact", snapshot: true });
// The page is read after the stream is joined, so nothing falls between the two; without a stream, after a moment.
stream.connect();
setTimeout(() => loaded || busy || load(), 800);
setInterval(showState, 1000);
setInterval(() => { for (const time of document.querySelectorAll("#rows time")) time.textContent = ago(time.dateTime); }, 30_000);
