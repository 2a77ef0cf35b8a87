import { readdir } from "node:fs/promises";
import {
  organization,
  type Organization,
} from "../functions/core/organization.ts";

const room = new URL("../organizations/", import.meta.url);

/**
 * Every organization that has a file in `organizations/`, by file name.
 * Throws with the wrong field's name when a file is wrong, and when two files have one slug.
 */
export const readOrganizations = async (
  directory = room,
): Promise<readonly Organization[]> => {
  const files = (await readdir(directory))
    .filter((name) => name.endsWith(".ts"))
    .sort();
  const found = await Promise.all(
    files.map((file) => readOrganization(new URL(file, directory))),
  );
  const slugs = found.map(({ settings }) => settings.slug);
  const twice = slugs.find((slug, index) => slugs.indexOf(slug) !== index);
  if (twice !== undefined)
    throw new Error(`two files in organizations/ have the slug ${twice}`);
  return found;
};

const readOrganization = async (file: URL): Promise<Organization> => {
  const module = (await import(file.href)) as Record<
    string,
    Parameters<typeof organization>[0]
  >;
  const [candidate, ...others] = Object.values(module);
  if (candidate === undefined || others.length > 0) {
    throw new Error(
      `${file.pathname}: must export one organization({ … }) and nothing else`,
    );
  }
  return organization(candidate);
};
