import type { Node } from "./state.ts";

const relative =
  /^(?<type>[A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/u;
const absolute =
  /^https?:\/\/\S+?\/(?<type>[A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/u;
const opaque = /^(?:#.*|[a-z][a-z0-9+.-]*:\S+)$/u;

/** What is wrong with a literal reference or the type that it claims. */
export const referenceFinding = (
  { reference, type }: Node,
  targets: ReadonlySet<string> | undefined,
): { readonly element: string; readonly text: string } | undefined => {
  const allowed = (name: string | undefined): boolean =>
    name === undefined || !targets || targets.has(name);
  const names = targets ? [...targets].join(", ") : "";
  if (typeof reference === "string") {
    const match = relative.exec(reference) ?? absolute.exec(reference);
    if (!match && !opaque.test(reference))
      return {
        element: "reference",
        text: "must be Type/id, an absolute URL, a URN or #id",
      };
    if (!allowed(match?.groups?.type))
      return { element: "reference", text: `must refer to ${names}` };
    if (
      match &&
      typeof type === "string" &&
      type !== match.groups?.type &&
      !type.includes("/")
    )
      return {
        element: "type",
        text: "must be the type that the reference names",
      };
  }
  return typeof type === "string" && !type.includes("/") && !allowed(type)
    ? { element: "type", text: `must be one of ${names}` }
    : undefined;
};
