import { mkdir, writeFile } from "node:fs/promises";
import { format } from "prettier";
import { capabilityPage } from "./generate/capability.ts";
import { dataModel } from "./generate/data-model.ts";
import { capabilityDocument, openApiDocument } from "./generate/interfaces.ts";
import { jurisdictionsPage } from "./generate/jurisdictions.ts";
import { preVisitPage } from "./generate/journey.ts";

/** The documents that nobody writes by hand, by path from here. */
const pages = {
  "data-model.md": dataModel,
  "journeys/pre-visit.md": preVisitPage,
  "openapi.json": openApiDocument,
  "capability-statement.json": capabilityDocument,
  "capability-statement.md": capabilityPage,
  "jurisdictions.md": jurisdictionsPage,
} as const satisfies Record<string, () => Promise<string>>;

export const generatedPages = (): Promise<
  readonly { readonly path: string; readonly text: string }[]
> =>
  Promise.all(
    Object.entries(pages).map(async ([path, make]) => ({
      path,
      text: await format(await make(), { filepath: path }),
    })),
  );

if (import.meta.main) {
  for (const { path, text } of await generatedPages()) {
    const file = new URL(path, import.meta.url);
    await mkdir(new URL(".", file), { recursive: true });
    await writeFile(file, text);
  }
}
