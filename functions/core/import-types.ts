import { declarations } from "../resources/all.ts";
import type { KnownType } from "../resources/declaration.ts";

/** All but Subscription: whoever wants to be told of changes asks for it. */
export type ImportedType = Exclude<KnownType, "Subscription">;

export const importedTypes = Object.keys(declarations).filter(
  (type): type is ImportedType => type !== "Subscription",
);
