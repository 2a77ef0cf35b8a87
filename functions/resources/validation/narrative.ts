/** R4 2.4.0: the elements of HTML 4.0 chapters 7-11 and 15, links and images; nothing that runs, embeds or submits. */
const elements = new Set(
  (
    "a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q " +
    "s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
  ).split(" "),
);

const attributes = new Set(
  (
    "abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class clear color colspan compact coords dir face frame headers height " +
    "href hreflang hspace id lang longdesc name noshade nowrap rel rev rowspan rules scope shape size span src start style summary tabindex title type valign value vspace " +
    "width xml:lang xmlns"
  ).split(" "),
);

const token =
  /<!--(?:(?!--)[^])*-->|<(?<end>\/?)(?<name>[A-Za-z][A-Za-z0-9]*)(?<attributes>(?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|&(?:[A-Za-z][A-Za-z0-9]*|#\d+|#x[\dA-Fa-f]+);|(?<text>[^<&]+)/uy;
const attribute =
  /(?<name>[\w:-]+)\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)')/gu;

const isLink = (name: string): boolean =>
  ["href", "src", "cite", "longdesc"].includes(name);
const schemes = new Set(["http", "https", "mailto", "tel", "urn", "cid"]);

/** Browsers drop white space and read character references within a scheme. */
const isHarmless = (url: string): boolean => {
  const { scheme = "", colon } =
    /^(?<scheme>[^/?#:]*)(?<colon>:)?/u.exec(url.replace(/[\p{Cc}\s]/gu, ""))
      ?.groups ?? {};
  if (scheme.includes("&")) return false;
  return (
    colon === undefined ||
    schemes.has(scheme.toLowerCase()) ||
    /^data:image\/(?:png|jpeg|gif);/iu.test(url)
  );
};

const attributesAllowed = (text: string): boolean =>
  [...text.matchAll(attribute)].every(({ groups = {} }) => {
    const { name = "", double, single } = groups;
    const value = double ?? single ?? "";
    if (!attributes.has(name.toLowerCase())) return false;
    if (name === "style")
      return !/expression|url\s*\(|javascript|@import|\\/iu.test(value);
    return !isLink(name.toLowerCase()) || isHarmless(value);
  });

/** One well-formed `<div>` of harmless XHTML that says something. */
export const isNarrative = (text: string): boolean => {
  const open: string[] = [];
  let [says, roots] = [false, 0];
  token.lastIndex = 0;
  const source = text.trim();
  while (token.lastIndex < source.length) {
    const groups = token.exec(source)?.groups;
    if (!groups) return false;
    const { name, end, empty, text: characters, attributes: given } = groups;
    if (name === undefined) {
      if (open.length === 0) return false;
      says ||= characters === undefined ? true : /\S/u.test(characters);
      continue;
    }
    if (!elements.has(name) || !attributesAllowed(given ?? "")) return false;
    if (open.length === 0 && (end !== "" || name !== "div" || (roots += 1) > 1))
      return false;
    says ||= name === "img";
    if (end !== "") {
      if (open.pop() !== name) return false;
    } else if (empty === "") open.push(name);
  }
  return open.length === 0 && roots === 1 && says;
};
