"use strict";
// The page around the phones: people, live updates, faults, calls.

const FAULTS = [
  ["Reply fails with 500", "nothing is sent", { path: "*/message/reply", status: 500 }],
  ["Reply is delivered, but its answer is lost", "the connection is cut afterwards", { path: "*/message/reply", reset: true, after: true }],
  ["Push fails with 503", "nothing is sent", { path: "*/message/push", status: 503 }],
  ["Everything is 3 s slow", "", { path: "/v2/*", delay_ms: 3000 }],
  ["Connections are cut", "before anything happens", { path: "/v2/*", reset: true }],
  ["Access token revoked", "401 for every call", { path: "/v2/*", invalid_token: true }],
  ["Monthly limit reached", "429 for every push", { path: "*/message/push", quota: true }],
  ["Rate limit hit", "429 for everything", { path: "/v2/*", status: 429 }],
  ["Content still being prepared", "202 for pictures and voices", { path: "*/content", status: 202 }],
  ["Mail server refuses", "451, try again later", { path: "smtp", status: 451 }],
];
const CALLS_SHOWN_MAX = 80;
const phones = new Map();
const byId = (id) => document.getElementById(id);
let people = [];
let main = null;

function listPeople() {
  const list = byId("people");
  list.replaceChildren();
  for (const person of people.filter((each) => !each.staff)) {
    const button = make("button", person === main?.person ? "on" : person.unseen ? "new" : "");
    button.type = "button";
    const words = make("span");
    words.append(make("b", "", person.name), make("small", "", person.about));
    button.append(face(person), words);
    button.addEventListener("click", () => choose(person));
    list.append(button);
  }
}

function choose(person) {
  if (main) phones.delete(main.person.userId);
  byId("main-phone").replaceChildren();
  main = new Phone(person, byId("main-phone"));
  phones.set(person.userId, main);
  person.unseen = false;
  listPeople();
  history.replaceState(null, "", person.address ?? `#${person.key}`);
}

const tint = (name) => `hsl(${([...name].reduce((sum, sign) => sum + sign.codePointAt(0), 0) * 47) % 360} 38% 42%)`;

// Somebody who is not in the list: by the field below it, or by an address such as #id=U…&name=Mali&language=th.
function stranger(id, name, language) {
  const nobody = { key: id, userId: id, name: `Person ${id.slice(1, 5)}`, language: "en", about: "", colour: "#6b7280", staff: false, friend: false };
  const met = people.find((each) => each.userId === id) ?? nobody;
  return name ? { ...met, name, language: language ?? met.language, colour: tint(name) } : met;
}

function addressed() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const id = asked.get("id") ?? "";
  if (!/^U[0-9a-f]{32}$/.test(id)) return people.find((each) => each.key === location.hash.slice(1)) ?? people[0];
  return { ...stranger(id, asked.get("name"), asked.get("language")), address: location.hash };
}

function count(id, n, words, bad) {
  const node = byId(id);
  node.textContent = `${n} ${words}`;
  node.className = `chip ${bad ? "bad" : ""}`;
}

function showCall(said) {
  const item = make("li", said.findings.length || said.status >= 400 || !said.status ? "bad" : "");
  item.append(make("b", "", said.status || "cut"), said.path, ...said.findings.map((finding) => make("small", "", finding)));
  if (said.fault) item.append(make("small", "", "a fault is switched on"));
  byId("call-list").prepend(item);
  while (byId("call-list").children.length > CALLS_SHOWN_MAX) byId("call-list").lastChild.remove();
}

function showWebhook({ status: answered, ms }) {
  if (answered === undefined || answered === null) return;
  const good = answered >= 200 && answered < 300;
  byId("webhook").textContent = `webhook ${answered || "no answer"} · ${Math.round(ms)} ms`;
  byId("webhook").className = `chip ${good ? "good" : "bad"}`;
}

async function status() {
  const now = await call("GET", "status");
  count("calls", now.calls, "calls");
  count("findings", now.callsWithFindings, "findings", now.callsWithFindings > 0);
  byId("mails").textContent = now.mails || "";
  byId("redelivery").checked = now.redelivery;
  showFaults(now.faults);
  return now;
}

function showFaults(rules) {
  const same = (rule, on) => Object.entries(rule).every(([name, value]) => on[name] === value) && Boolean(rule.after) === Boolean(on.after);
  for (const [index, [, , rule]] of FAULTS.entries())
    byId(`fault-${index}`).checked = rules.some((on) => same(rule, on));
}

function setFaults() {
  const rules = FAULTS.filter((_, index) => byId(`fault-${index}`).checked).map(([, , rule]) => rule);
  call("PUT", "faults", { rules, redelivery: byId("redelivery").checked }).catch((problem) => toast(problem.message));
}

function listFaults() {
  for (const [index, [name, about]] of FAULTS.entries()) {
    const label = make("label", "fault");
    const box = make("input");
    Object.assign(box, { type: "checkbox", id: `fault-${index}` });
    const words = make("span", "", name);
    words.append(make("small", "", about));
    label.append(box, words);
    byId("fault-list").append(label);
  }
  byId("drawer-faults").addEventListener("change", setFaults);
}

const HEARD = {
  async entry({ chat, entry }) {
    const phone = phones.get(chat);
    if (phone) { await phone.ready; phone.show(entry); }
    let person = people.find((each) => each.userId === chat);
    if (!person && chat.startsWith("U")) { people = keepUnseen(await call("GET", "people")); person = people.find((each) => each.userId === chat); }
    if (person && !phone && entry.from === "bot") { person.unseen = true; listPeople(); }
    showWebhook(entry);
  },
  loading: ({ chat, ms }) => phones.get(chat)?.startTyping(ms),
  menu({ chat }) {
    for (const phone of phones.values()) if (!chat || phone.person.userId === chat) phone.menu.load();
  },
  read: ({ chat }) => phones.get(chat)?.markRead(),
  call(said) {
    showCall(said);
    clearTimeout(HEARD.soon);
    HEARD.soon = setTimeout(status, 300);
  },
  mail({ subject }) { toast(`Mail: ${subject}`); status(); },
  reload: () => location.reload(),
};

function keepUnseen(fresh) {
  const before = new Map(people.map((person) => [person.userId, person]));
  return fresh.map((person) => before.get(person.userId) ?? person);
}

function listen() {
  const stream = new EventSource("/_sim/stream");
  let lost = false;
  for (const [kind, heard] of Object.entries(HEARD))
    if (typeof heard === "function") stream.addEventListener(kind, (event) => heard(JSON.parse(event.data)));
  stream.addEventListener("error", () => { lost = true; byId("webhook").textContent = "simulator is away"; byId("webhook").className = "chip bad"; });
  stream.addEventListener("open", () => { if (lost) location.reload(); });
}

for (const button of document.querySelectorAll("[data-drawer]"))
  button.addEventListener("click", () => {
    for (const drawer of document.querySelectorAll(".drawer")) drawer.hidden = drawer.id !== button.dataset.drawer || !drawer.hidden;
  });
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => { button.closest(".drawer").hidden = true; });
byId("stranger").addEventListener("submit", (event) => {
  event.preventDefault();
  choose(stranger(event.target.elements.id.value));
});

(async () => {
  listFaults();
  people = await call("GET", "people");
  for (const person of people.filter((each) => each.staff)) phones.set(person.userId, new Phone(person, byId("staff-phones")));
  choose(addressed());
  await main.ready;
  for (const entry of main.entries.values()) showWebhook(entry);
  listen();
  const { calls } = await status();
  for (const said of await call("GET", `calls?since=${Math.max(0, calls - CALLS_SHOWN_MAX)}`)) showCall(said);
})().catch((problem) => toast(problem.message));
