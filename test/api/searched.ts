import type { Bundle } from "@medplum/fhirtypes";
import type { Ask, Server } from "./server.ts";

export type Query = Readonly<Record<string, string | readonly string[]>>;

/** A search that must succeed. */
export const searchedBy =
  ({ ask }: Pick<Server, "ask">) =>
  async (path: string, query: Query, more: Ask = {}): Promise<Bundle> => {
    const { status, body, text } = await ask<Bundle>("GET", path, {
      ...more,
      query,
    });
    if (status !== 200) throw new Error(text);
    return body;
  };

/** The same search by POST. */
export const postedBy =
  ({ ask }: Pick<Server, "ask">) =>
  async (path: string, query: Query, more: Ask = {}): Promise<Bundle> => {
    const form = new URLSearchParams(
      Object.entries(query).flatMap(([name, values]) =>
        [values].flat().map((value): [string, string] => [name, value]),
      ),
    );
    const { status, body, text } = await ask<Bundle>(
      "POST",
      `${path}/_search`,
      {
        ...more,
        body: form.toString(),
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
      },
    );
    if (status !== 200) throw new Error(text);
    return body;
  };

export const idsIn = (
  { entry = [] }: Bundle,
  mode = "match",
): readonly (string | undefined)[] =>
  entry
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource }) => resource?.id);

export const linkIn = (
  { link = [] }: Bundle,
  name: string,
): URL | undefined => {
  const url = link.find(({ relation }) => relation === name)?.url;
  return url === undefined ? undefined : new URL(url);
};

/** Every page of a search, from link to link. */
export const pagesBy =
  (server: Pick<Server, "ask">) =>
  async (path: string, query: Query): Promise<readonly Bundle[]> => {
    const pages: Bundle[] = [];
    let next: Query | undefined = query;
    while (next !== undefined) {
      const page: Bundle = await searchedBy(server)(path, next);
      pages.push(page);
      const url: URL | undefined = linkIn(page, "next");
      next =
        url === undefined ? undefined : Object.fromEntries(url.searchParams);
      if (pages.length > 500) throw new Error("the pages do not end");
    }
    return pages;
  };
