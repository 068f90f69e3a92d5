"use strict";
// One phone: a person's chat with the account, and everything they can do in it.

const { make } = Message;
const toast = (() => {
  let timer;
  return (words) => {
    const node = document.getElementById("toast");
    node.textContent = words;
    node.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { node.hidden = true; }, 3500);
  };
})();

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof Blob) { options.body = body; options.headers["Content-Type"] = body.type || "application/octet-stream"; }
  else if (body !== undefined) { options.body = JSON.stringify(body); options.headers["Content-Type"] = "application/json"; }
  const answer = await fetch(`/_sim/${path}`, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message ?? answer.status);
  return said;
}

function face(person) {
  const node = make("span", "face", [...person.name.replace("Staff: ", "").replace("Nurse ", "").replace("Dr. ", "")][0]);
  node.style.background = person.colour;
  return node;
}

function pick(accept, multiple = false) {
  return new Promise((done) => {
    const input = make("input");
    Object.assign(input, { type: "file", accept, multiple });
    input.addEventListener("change", () => done([...input.files]));
    input.click();
  });
}

class Phone {
  static SHEET = [
    ["🖼️", "Picture", (phone) => phone.sendPictures()],
    ["🎙️", "Voice", (phone) => phone.sendFile("audio/*", "audio")],
    ["📄", "File", (phone) => phone.sendFile("", "file")],
    ["📍", "Location", (phone) => phone.send({ type: "location", title: "My place", address: "Lumphini, Pathum Wan, Bangkok 10330", latitude: 13.7307, longitude: 100.5418 })],
    ...Object.entries(Message.STICKERS).map(([id, sign]) => [sign, "", (phone) => phone.send({ type: "sticker", packageId: "446", stickerId: id })]),
  ];

  constructor(person, home) {
    this.person = person;
    this.entries = new Map();
    this.rows = new Map();
    this.node = make("article", "phone");
    this.node.append(this.bar(), (this.log = make("div", "log")), (this.quick = make("div", "quick")), this.writer(), (this.sheet = this.attachments()), (this.menu = new Menu(this)).node);
    this.typing = this.dots();
    this.quick.hidden = this.sheet.hidden = true;
    this.quick.addEventListener("wheel", (event) => { this.quick.scrollLeft += event.deltaY; }, { passive: true });
    home.append(this.node);
    this.ready = this.load();
  }

  async load() {
    this.menu.load();
    for (const entry of await call("GET", `chat/${this.person.userId}`)) this.show(entry);
    if (!this.entries.size) this.log.append(make("div", "note", this.person.staff ? "Alerts arrive here" : "Say something, or add a friend"));
  }

  bar() {
    const bar = make("div", "bar");
    const who = make("div");
    who.append(make("b", "", this.person.name), make("small", "", this.person.staff ? "on call" : `${this.person.language} · chat with Namjai`));
    this.relation = make("button", "relation");
    this.relation.type = "button";
    this.relation.addEventListener("click", () => this.event({ type: this.person.friend ? "unfollow" : "follow", ...(this.person.friend ? {} : { follow: { isUnblocked: false } }) }));
    this.befriend(this.person.friend);
    bar.append(face(this.person), who, this.relation);
    return bar;
  }

  befriend(friend) {
    this.person.friend = friend;
    this.relation.textContent = friend ? "Block" : "Add friend";
  }

  writer() {
    const form = make("form", "write");
    const more = make("button", "", "＋");
    Object.assign(more, { type: "button", title: "More" });
    more.addEventListener("click", () => { this.sheet.hidden = !this.sheet.hidden; this.toEnd(); });
    this.input = make("textarea");
    Object.assign(this.input, { rows: 1, placeholder: "Aa", ariaLabel: `Message as ${this.person.name}` });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    });
    const go = make("button", "", "➤");
    go.title = "Send";
    form.append(more, this.input, go);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      this.input.value = "";
      if (text) this.send({ type: "text", text });
    });
    return form;
  }

  attachments() {
    const sheet = make("div", "sheet");
    for (const [sign, label, act] of Phone.SHEET) {
      const button = make("button", "", label);
      button.type = "button";
      button.prepend(make("span", "", sign));
      button.addEventListener("click", () => { sheet.hidden = true; act(this); });
      sheet.append(button);
    }
    return sheet;
  }

  dots() {
    const row = make("div", "row bot");
    const dots = make("div", "said dots");
    dots.append(make("i"), make("i"), make("i"));
    row.append(this.botFace(), dots);
    return row;
  }

  botFace() {
    return make("span", "face bot", "🌿");
  }

  // What the person does

  async attempt(work) {
    try { return await work(); } catch (problem) { toast(problem.message); return null; }
  }

  send(message) {
    return this.attempt(() => call("POST", "send", { user: this.person.userId, message }));
  }

  event(event, shown = "") {
    return this.attempt(() => call("POST", "event", { user: this.person.userId, event, shown }));
  }

  async sendFile(accept, type) {
    const [file] = await pick(accept);
    if (!file) return;
    const made = await this.attempt(() => call("POST", `upload?kind=${type}`, file));
    if (!made) return;
    const rest = type === "audio" ? { duration: made.duration } : type === "file" ? { fileName: file.name, fileSize: file.size } : {};
    await this.send({ type, id: made.messageId, ...rest });
  }

  // Several at once are one set, as when they are ticked together in the gallery.
  async sendPictures() {
    const files = await pick("image/*", true);
    const made = await this.attempt(() => Promise.all(files.map((file) => call("POST", "upload?kind=image", file))));
    if (!made?.length) return;
    const messages = made.map(({ messageId }) => ({ type: "image", id: messageId }));
    await this.attempt(() => call("POST", "send", { user: this.person.userId, messages }));
  }

  tap(action) {
    const acts = {
      message: () => this.send({ type: "text", text: action.text }),
      postback: () => this.event({ type: "postback", postback: { data: action.data } }, action.displayText ?? action.text ?? ""),
      uri: () => (/^https?:/i.test(action.uri) ? window.open(action.uri, "_blank", "noopener") : toast(`The phone would open ${action.uri}`)),
      clipboard: () => { navigator.clipboard?.writeText(action.clipboardText); toast("Copied"); },
      datetimepicker: () => this.pickTime(action),
      location: () => Phone.SHEET[3][2](this),
      camera: () => this.sendFile("image/*", "image"),
      cameraRoll: () => this.sendPictures(),
      richmenuswitch: () => this.attempt(() => call("POST", `menu/${this.person.userId}/switch`, { alias: action.richMenuAliasId, data: action.data })),
    };
    (acts[action.type] ?? (() => toast(`No such action: ${action.type}`)))();
  }

  pickTime(action) {
    const forms = { date: "2026-01-31", time: "21:30", datetime: "2026-01-31T21:30" };
    const value = window.prompt(`${action.label ?? "Choose"} (${action.mode})`, action.initial ?? forms[action.mode]);
    if (value) this.event({ type: "postback", postback: { data: action.data, params: { [action.mode]: value } } });
  }

  options(event, entry) {
    event.preventDefault();
    document.querySelector(".menu")?.remove();
    const menu = make("div", "menu");
    const item = (label, act) => {
      const button = make("button", "", label);
      button.addEventListener("click", () => { menu.remove(); act(); });
      menu.append(button);
    };
    if (entry.from === "user" && entry.id) item("Unsend", () => this.event({ type: "unsend", unsend: { messageId: entry.id } }));
    if (entry.message.text) item("Copy", () => navigator.clipboard?.writeText(entry.message.text));
    if (!menu.children.length) return;
    Object.assign(menu.style, { left: `${event.clientX}px`, top: `${event.clientY}px` });
    document.body.append(menu);
    setTimeout(() => document.addEventListener("click", () => menu.remove(), { once: true }), 0);
  }

  // What the person sees

  show(entry) {
    if (entry.from === "system" && entry.message.type === "unsend") return; // the unsent line itself says so
    if (!this.entries.size) this.log.replaceChildren();
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120 || !this.entries.has(entry.n);
    this.entries.set(entry.n, entry);
    const row = this.row(entry);
    const before = this.rows.get(entry.n);
    this.rows.set(entry.n, row);
    if (before) before.replaceWith(row);
    else { this.log.append(row); this.stopTyping(entry); this.offer(entry); }
    if (entry.from === "system" && ["follow", "unfollow"].includes(entry.message.type)) this.befriend(entry.message.type === "follow");
    if (near) this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  row(entry) {
    const { message } = entry;
    if (entry.from === "system") return make("div", "note", Phone.NOTES[message.type] ?? message.type);
    if (message.type === "unsent") return make("div", "note", "You unsent a message");
    const row = make("div", `row ${entry.from} ${Message.wide(message) ? "wide" : ""}`);
    const what = make("div", "what");
    if (message.sender?.name) what.append(make("div", "sender", message.sender.name));
    what.append(Message.render(message, (action) => this.tap(action)));
    row.append(what, this.meta(entry));
    if (entry.from === "bot") row.prepend(this.botFace());
    what.addEventListener("contextmenu", (event) => this.options(event, entry));
    return row;
  }

  meta(entry) {
    const clock = new Date(entry.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    const node = make("span", "meta");
    if (entry.from === "bot") { node.textContent = clock; node.title = `sent by ${entry.via}`; return node; }
    const answered = entry.status !== undefined && entry.status !== null;
    const good = entry.status >= 200 && entry.status < 300;
    node.append(answered ? (good ? (entry.read ? "Read" : `✓ ${Math.round(entry.ms)} ms`) : `✗ ${entry.status || "no answer"}`) : "…", make("br"), clock);
    node.classList.toggle("bad", answered && !good);
    return node;
  }

  offer(entry) {
    const items = entry.from === "bot" ? entry.message.quickReply?.items : undefined;
    this.quick.replaceChildren();
    this.quick.hidden = !items?.length;
    this.quick.scrollLeft = 0;
    for (const { action } of items ?? []) {
      const button = make("button", "", action.label ?? action.type);
      button.type = "button";
      button.addEventListener("click", () => { this.quick.hidden = true; this.tap(action); });
      this.quick.append(button);
    }
  }

  startTyping(ms) {
    clearTimeout(this.typingTimer);
    this.typing.remove();
    if (ms <= 0) return;
    this.log.append(this.typing);
    this.toEnd();
    this.typingTimer = setTimeout(() => this.typing.remove(), ms);
  }

  stopTyping(entry) {
    if (entry.from === "bot") this.startTyping(0);
    else if (this.typing.isConnected) this.log.append(this.typing);
  }

  markRead() {
    for (const entry of this.entries.values())
      if (entry.from === "user" && !entry.read) { entry.read = true; this.show(entry); }
  }
}
Phone.NOTES = { follow: "Friend added", unfollow: "Account blocked", join: "Account joined", leave: "Account left" };
