"use strict";
// Flex messages as elements. Values become styles only after they look like a length, a keyword or a colour.

const Flex = (() => {
  const SPACE = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
  const LETTER = { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 };
  const PICTURE = { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 };
  const BORDER = { none: 0, light: 0.5, normal: 1, medium: 2, "semi-bold": 3, bold: 4 };
  const BUBBLE = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 386 };
  const FLEX_POINTS = { start: "flex-start", end: "flex-end", center: "center", top: "flex-start", bottom: "flex-end" };

  const length = (value, table = SPACE) =>
    value in table ? `${table[value]}px` : /^-?[\d.]+(px|%)$/.test(value ?? "") ? value : "";
  const colour = (value) => (/^#[0-9a-f]{6}([0-9a-f]{2})?$/i.test(value ?? "") ? value : "");
  const webUrl = (value) => (/^https:\/\//i.test(value ?? "") ? `url("${encodeURI(decodeURI(value)).replace(/["\\]/g, "")}")` : "");
  const ratio = (value) => (/^[\d.]+:[\d.]+$/.test(value ?? "") ? value.replace(":", " / ") : "1 / 1");

  function element(kind, part, parent, tap) {
    const node = document.createElement("div");
    node.className = `fx fx-${kind}`;
    place(node, part, parent);
    if (part.action && tap && kind !== "button") {
      node.classList.add("tap");
      node.addEventListener("click", (event) => { event.stopPropagation(); tap(part.action); });
    }
    return node;
  }

  function place(node, part, parent) {
    const style = node.style;
    const vertical = !parent || parent.layout === "vertical";
    const share = part.flex ?? (vertical || part.type === "icon" || part.width || part.type === "separator" ? 0 : 1);
    style.flex = share > 0 ? `${share} 1 0` : "0 0 auto";
    if (vertical && share === 0) style.flex = "none";
    const gap = part.margin ?? (parent && parent.contents[0] !== part ? parent.spacing : undefined);
    if (gap !== undefined && part.position !== "absolute") style[vertical ? "marginTop" : "marginLeft"] = length(gap);
    if (part.position === "absolute") style.position = "absolute";
    for (const [name, side] of [["offsetTop", "top"], ["offsetBottom", "bottom"], ["offsetStart", "left"], ["offsetEnd", "right"]])
      if (part[name]) style[side] = length(part[name]);
    if (part.gravity && !vertical) style.alignSelf = FLEX_POINTS[part.gravity];
  }

  function letters(node, part) {
    node.style.fontSize = length(part.size ?? "", LETTER);
    node.style.color = colour(part.color);
    if (part.weight === "bold") node.style.fontWeight = 700;
    if (part.style === "italic") node.style.fontStyle = "italic";
    if (part.decoration && part.decoration !== "none") node.style.textDecoration = part.decoration;
  }

  function text(part, parent, tap) {
    const node = element("text", part, parent, tap);
    letters(node, part);
    if (!part.size) node.style.fontSize = "16px";
    node.style.textAlign = part.align ?? "";
    if (part.lineSpacing) node.style.lineHeight = `calc(1.4em + ${length(part.lineSpacing)})`;
    node.classList.toggle("wrap", Boolean(part.wrap));
    if (part.wrap && part.maxLines > 0)
      Object.assign(node.style, { display: "-webkit-box", webkitBoxOrient: "vertical", webkitLineClamp: part.maxLines });
    if (!part.contents?.length) node.textContent = part.text ?? "";
    for (const span of part.contents ?? []) {
      const piece = document.createElement("span");
      piece.textContent = span.text ?? "";
      letters(piece, span);
      node.append(piece);
    }
    return node;
  }

  function box(part, parent, tap) {
    const node = element("box", part, parent, tap);
    const style = node.style;
    node.classList.add(part.layout);
    style.backgroundColor = colour(part.backgroundColor);
    const shade = part.background;
    if (shade?.type === "linearGradient" && colour(shade.startColor) && colour(shade.endColor)) {
      const middle = colour(shade.centerColor) ? `${shade.centerColor} ${length(shade.centerPosition ?? "50%")}, ` : "";
      style.backgroundImage = `linear-gradient(${parseFloat(shade.angle) || 0}deg, ${shade.startColor}, ${middle}${shade.endColor})`;
    }
    if (part.borderWidth || part.borderColor)
      style.border = `${length(part.borderWidth ?? "normal", BORDER)} solid ${colour(part.borderColor) || "#d4d6da"}`;
    if (part.cornerRadius) style.borderRadius = length(part.cornerRadius);
    for (const name of ["width", "maxWidth", "height", "maxHeight"]) if (part[name]) style[name] = length(part[name]);
    for (const [name, side] of [["paddingAll", "padding"], ["paddingTop", "paddingTop"], ["paddingBottom", "paddingBottom"],
      ["paddingStart", "paddingLeft"], ["paddingEnd", "paddingRight"]])
      if (part[name]) style[side] = length(part[name]);
    style.justifyContent = part.justifyContent ?? "";
    if (part.alignItems) style.alignItems = part.alignItems;
    for (const child of part.contents ?? []) node.append(component(child, part, tap));
    return node;
  }

  function button(part, parent, tap) {
    const node = element("button-place", part, parent, tap);
    const inner = document.createElement("button");
    inner.type = "button";
    inner.className = `fx-button ${part.style ?? "link"} ${part.height ?? "md"}`;
    inner.textContent = part.action?.label ?? "";
    const tint = colour(part.color);
    if (tint) inner.style[part.style && part.style !== "link" ? "backgroundColor" : "color"] = tint;
    inner.addEventListener("click", (event) => { event.stopPropagation(); tap(part.action); });
    node.append(inner);
    return node;
  }

  function image(part, parent, tap) {
    const node = element("image", part, parent, tap);
    const picture = document.createElement("div");
    node.style.justifyContent = FLEX_POINTS[part.align ?? "center"];
    picture.style.width = part.size === "full" ? "100%" : length(part.size ?? "md", PICTURE);
    picture.style.aspectRatio = ratio(part.aspectRatio);
    picture.style.backgroundColor = colour(part.backgroundColor) || "#e3e9ee";
    picture.style.backgroundImage = webUrl(part.url ?? part.previewUrl);
    if (part.aspectMode !== "cover") picture.style.backgroundSize = "contain";
    node.append(picture);
    return node;
  }

  function icon(part, parent, tap) {
    const node = element("icon", part, parent, tap);
    const side = length(part.size ?? "md", LETTER);
    Object.assign(node.style, { height: side, width: side, backgroundImage: webUrl(part.url) });
    return node;
  }

  function separator(part, parent) {
    const node = element("separator", part, parent);
    if (colour(part.color)) node.style.backgroundColor = part.color;
    return node;
  }

  const COMPONENTS = {
    text, box, button, image, icon, separator,
    video: (part, parent, tap) => image({ ...part, url: part.previewUrl, size: "full" }, parent, tap),
    filler: (part, parent) => element("filler", { flex: 1, ...part }, parent),
  };
  const component = (part, parent, tap) =>
    COMPONENTS[part.type]?.(part, parent, tap) ?? document.createTextNode(`[${part.type}]`);

  function bubble(part, tap) {
    const node = document.createElement("div");
    node.className = "bubble";
    node.style.width = `${BUBBLE[part.size] ?? BUBBLE.mega}px`;
    node.dir = part.direction ?? "ltr";
    const small = part.size === "nano" || part.size === "micro";
    for (const block of ["header", "hero", "body", "footer"]) {
      const content = part[block];
      if (!content) continue;
      const look = part.styles?.[block] ?? {};
      if (look.separator) node.append(separator({ color: look.separatorColor }));
      const child = component(content.type === "image" && !content.size ? { ...content, size: "md" } : content, null, tap);
      const inset = block === "footer" || small ? 10 : block === "hero" ? 0 : 20;
      if (!content.paddingAll && content.type === "box") {
        const own = child.style;
        for (const side of ["paddingTop", "paddingBottom", "paddingLeft", "paddingRight"]) if (!own[side]) own[side] = `${inset}px`;
        if (block === "body" && part.header && !small && !content.paddingTop) own.paddingTop = "14px";
      }
      if (colour(look.backgroundColor)) child.style.backgroundColor = look.backgroundColor;
      if (block === "body") child.classList.add("grow");
      node.append(child);
    }
    if (part.action) { node.classList.add("tap"); node.addEventListener("click", () => tap(part.action)); }
    return node;
  }

  function container(part, tap) {
    if (part.type !== "carousel") return bubble(part, tap);
    const node = document.createElement("div");
    node.className = "bubbles";
    node.append(...part.contents.map((each) => bubble(each, tap)));
    return node;
  }

  return { container, webUrl };
})();
