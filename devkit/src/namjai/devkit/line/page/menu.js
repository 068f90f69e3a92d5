"use strict";
// The rich menu under a chat: one picture, with areas that can be tapped, folded away by its bar.

class Menu {
  constructor(phone) {
    this.phone = phone;
    this.node = make("div", "rich");
    this.bar = make("button", "rich-bar");
    this.bar.type = "button";
    this.sheet = make("div", "rich-sheet");
    this.bar.addEventListener("click", () => this.open(this.sheet.hidden));
    phone.input.addEventListener("focus", () => this.open(false)); // as LINE does: the keyboard takes its place
    this.node.append(this.bar, this.sheet);
    this.node.hidden = true;
  }

  async load() {
    const menu = await this.phone.attempt(() => call("GET", `menu/${this.phone.person.userId}`));
    this.node.hidden = !menu;
    if (!menu || menu.richMenuId === this.shown) return;
    const [alias = ""] = menu.aliases;
    const family = alias.split("-")[0]; // main-th is main in Thai: who had folded it keeps it folded
    const folded = this.shown && this.sheet.hidden && family === this.family;
    Object.assign(this, { shown: menu.richMenuId, words: menu.chatBarText, family });
    this.node.dataset.alias = alias;
    this.sheet.style.aspectRatio = `${menu.size.width} / ${menu.size.height}`;
    this.sheet.replaceChildren(this.picture(menu), ...menu.areas.map((area) => this.area(area, menu.size)));
    this.open(menu.selected && !this.phone.person.staff && !folded);
  }

  picture(menu) {
    const picture = make("img");
    // The id makes the address new, so that no old picture is shown under new areas.
    Object.assign(picture, { src: `/_sim/menu/${this.phone.person.userId}/picture?of=${menu.richMenuId}`, alt: "", draggable: false });
    return picture;
  }

  area({ bounds, action }, size) {
    const button = make("button");
    Object.assign(button, { type: "button", title: action.label ?? action.type, ariaLabel: action.label ?? action.type });
    const share = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(button.style, {
      left: share(bounds.x, size.width), width: share(bounds.width, size.width),
      top: share(bounds.y, size.height), height: share(bounds.height, size.height),
    });
    button.addEventListener("click", () => this.phone.tap(action));
    return button;
  }

  open(wanted) {
    this.sheet.hidden = !wanted;
    this.bar.textContent = `${this.words} ${wanted ? "▾" : "▴"}`;
    this.bar.ariaExpanded = String(wanted);
    this.phone.toEnd();
  }
}
