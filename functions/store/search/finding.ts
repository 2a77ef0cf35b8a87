import { Fault } from "../../core/fault.ts";
import type { Filter } from "../../resources/search/query.ts";
import type { Kept, Stored } from "../records.ts";
import { candidatesOf, type Search } from "./candidates.ts";
import { found } from "./found.ts";
import { ofSamePerson } from "./same-person.ts";

const most = 200;

/** All that a filter finds, to go on from there. Throws 400 when that is too much. */
export const finding = async (
  search: Search,
  asked: Filter,
): Promise<readonly Stored<Kept>[]> => {
  const filter = await ofSamePerson(search, asked);
  const candidates = await candidatesOf(search, filter, finding);
  const results: Stored<Kept>[] = [];
  if (candidates.kind === "patients") throw tooWide(filter);
  for await (const { matches } of found(search, filter, candidates)) {
    results.push(...matches.map(({ resource }) => resource));
    if (results.length > most) throw tooWide(filter);
  }
  return results;
};

const tooWide = ({ type }: Filter): Fault =>
  new Fault(
    "SearchTooWide",
    400,
    `More than ${most} resources of type ${type} answer to the chain. Narrow it.`,
    { code: "too-costly", expression: [type] },
  );
