"use strict";
// Every kind of message as an element, from the bot's objects and from what people send.

const Message = (() => {
  const STICKERS = { 1988: "🌱", 1989: "😊", 1990: "😢", 1991: "😡", 1992: "🙏", 1993: "💪", 1994: "😴", 1995: "❤️" };

  function make(tag, className = "", content = "") {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (content) node.textContent = content;
    return node;
  }

  function withLinks(text) {
    const node = make("div", "said");
    let last = 0;
    for (const found of text.matchAll(/https?:\/\/[^\s<>"']+/g)) {
      node.append(text.slice(last, found.index));
      const link = make("a", "", found[0]);
      Object.assign(link, { href: found[0], target: "_blank", rel: "noreferrer noopener" });
      node.append(link);
      last = found.index + found[0].length;
    }
    node.append(text.slice(last));
    return node;
  }

  const missing = (icon, words) => {
    const node = make("div", "missing");
    node.append(make("span", "sticker", icon), make("span", "", words));
    return node;
  };

  function picture(url, words = "Picture") {
    const node = make("img", "picture");
    Object.assign(node, { src: url, alt: words, loading: "lazy", referrerPolicy: "no-referrer" });
    node.addEventListener("error", () => node.replaceWith(missing("🖼️", words)));
    return node;
  }

  const own = (message) =>
    message.contentProvider?.originalContentUrl ?? message.originalContentUrl ?? `/_sim/content/${encodeURIComponent(message.id)}`;

  function sound(tag, message) {
    const node = make(tag);
    Object.assign(node, { controls: true, preload: "metadata", src: own(message) });
    const words = tag === "audio" ? "Voice" : "Video";
    node.addEventListener("error", () => node.replaceWith(missing(tag === "audio" ? "🎙️" : "🎬", `${words}, ${Math.round((message.duration ?? 0) / 1000)} s`)));
    return node;
  }

  function place(message) {
    const node = make("div", "place");
    const words = [message.title, message.address].filter(Boolean).join("\n") || `${message.latitude}, ${message.longitude}`;
    node.append(make("i", "", "📍"), make("p", "", words));
    return node;
  }

  function sticker(message) {
    const node = make("div", "sticker", STICKERS[message.stickerId] ?? "🍀");
    node.append(make("small", "", `sticker ${message.packageId}/${message.stickerId}`));
    return node;
  }

  function actions(list, tap) {
    const node = make("div", "acts");
    for (const action of list ?? []) {
      const button = make("button", "", action.label ?? "");
      button.type = "button";
      button.addEventListener("click", () => tap(action));
      node.append(button);
    }
    return node;
  }

  function card(part, look, tap) {
    const node = make("div", "tpl");
    const image = part.thumbnailImageUrl ?? part.imageUrl;
    if (image) {
      const shown = make("div", `pic ${look.imageAspectRatio === "square" || part.imageUrl ? "square" : ""}`);
      shown.style.backgroundImage = Flex.webUrl(image);
      node.append(shown);
    }
    if (part.text) {
      const words = make("div", "words");
      if (part.title) words.append(make("b", "", part.title));
      words.append(part.text);
      node.append(words);
    }
    node.append(actions(part.actions ?? [part.action], tap));
    return node;
  }

  function template(message, tap) {
    const shape = message.template;
    if (shape.columns) {
      const node = make("div", "bubbles");
      node.append(...shape.columns.map((column) => card(column, shape, tap)));
      return node;
    }
    const node = card(shape, shape, tap);
    node.classList.toggle("pair", shape.type === "confirm");
    return node;
  }

  const filled = (message) =>
    message.text.replace(/\{\{|\}\}|\{(\w+)\}/g, (all, key) => {
      if (!key) return all[0];
      return message.substitution?.[key]?.type === "mention" ? "@someone" : "🙂";
    });

  const KINDS = {
    text: (message) => withLinks(message.text ?? ""),
    textV2: (message) => withLinks(filled(message)),
    sticker,
    image: (message) => picture(message.previewImageUrl ?? own(message)),
    video: (message) => sound("video", message),
    audio: (message) => sound("audio", message),
    file: (message) => make("div", "said", `📄 ${message.fileName ?? "file"}`),
    location: place,
    template,
    flex: (message, tap) => Flex.container(message.contents, tap),
    imagemap: (message) => missing("🗺️", message.altText),
    coupon: (message) => missing("🎟️", message.couponId),
    postback: (message) =>
      message.displayText ? make("div", "said", message.displayText) : make("div", "note", `tapped: ${message.data}`),
  };
  const WIDE = new Set(["flex", "template"]);

  return {
    STICKERS,
    make,
    render: (message, tap) => KINDS[message.type]?.(message, tap) ?? make("div", "said", `[${message.type}]`),
    wide: (message) => WIDE.has(message.type),
  };
})();
