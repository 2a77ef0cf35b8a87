import type { KnownType } from "../resources/declaration.ts";
import { digestOf, type Place } from "./everything-cursor.ts";
import { placed, type Placed } from "./export-version.ts";
import { badCursor } from "./history.ts";
import { nameOf } from "./items.ts";
import { compartment, currentOf, type Address } from "./keys.ts";
import type { Opener } from "./opener.ts";
import { addressIn, allOf } from "./overlay.ts";
import type { Store } from "./store.ts";
import type { Page } from "./table.ts";
import type { OpenWork } from "./work.ts";

/** Something on the way, and the place behind it. */
export interface Candidate extends Placed {
  readonly place: Pick<Place, "stretch" | "after">;
}

/** The way through all that is stored of one person: its compartments in key order, then what is linked from elsewhere. */
export interface Walk {
  readonly candidates: AsyncIterable<Candidate>;
  readonly digest: string;
  /** Behind the last stretch. */
  readonly end: number;
}

export interface Way {
  readonly patient: string;
  /** To read type by type; the whole range in one when undefined. */
  readonly types: readonly KnownType[] | undefined;
  /** Whether what lies elsewhere, linked from here, belongs to the answer. */
  readonly wants: (address: Address) => Promise<boolean>;
  /** Most items of one read; as many as come at once when undefined. */
  readonly limit: number | undefined;
}

const linkBatch = 100;

/** The first reads of the compartment, its key, its links and the other records of the person go out together. */
export const openWalk = async (
  { table }: Pick<Store, "table">,
  work: Pick<OpenWork, "samePerson">,
  opener: Opener,
  { patient, types, wants, limit }: Way,
  from: Place,
): Promise<Walk> => {
  const prefixes = types?.map(currentOf) ?? ["A#"];
  const query = (
    owner: string,
    stretch: number,
    after: string | undefined,
  ): Promise<Page> =>
    table.query({
      pk: compartment(owner),
      prefix: prefixes[stretch % prefixes.length] ?? "A#",
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    });
  const linksOf = (owner: string) =>
    allOf(table, { pk: compartment(owner), prefix: "L#" });

  const [members, first, ownLinks] = await Promise.all([
    work.samePerson(patient),
    from.stretch < prefixes.length
      ? query(patient, from.stretch, from.after)
      : undefined,
    linksOf(patient),
    opener.know([patient]),
  ]);
  const digest = digestOf([...members, ...prefixes]);
  if (from.way !== undefined && from.way !== digest) throw badCursor();
  await opener.know(members);
  const end = members.length * prefixes.length;

  async function* own(stretch: number): AsyncGenerator<Candidate> {
    const owner = members[Math.floor(stretch / prefixes.length)] ?? patient;
    if (opener.isErased({ patient: owner })) return;
    const isFirst = stretch === from.stretch;
    let page = isFirst && owner === patient ? first : undefined;
    let after = isFirst ? from.after : undefined;
    do {
      page ??= await query(owner, stretch, after);
      for (const item of page.items) {
        const found = placed(item);
        if (found !== undefined)
          yield { ...found, place: { stretch, after: item.sk } };
      }
      ({ after } = page);
      page = undefined;
    } while (after !== undefined);
  }

  async function* linked(): AsyncGenerator<Candidate> {
    const links = await Promise.all(
      members.map(async (owner) =>
        owner === patient ? ownLinks : linksOf(owner),
      ),
    );
    const places = new Map<string, Address>();
    for (const { sk } of links.flat()) {
      const [, type = "", id = ""] = sk.split("#");
      const address = addressIn(`${type}/${id}`);
      if (
        address !== undefined &&
        !members.includes(address.patient ?? "") &&
        (await wants(address))
      )
        places.set(nameOf(address), address);
    }
    const after = from.stretch === end ? (from.after ?? "") : "";
    const ahead = [...places]
      .filter(([name]) => name > after)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, address]) => address);
    for (let at = 0; at < ahead.length; at += linkBatch)
      for (const found of await opener.find(ahead.slice(at, at + linkBatch)))
        if (!opener.isErased(found.address))
          yield {
            ...found,
            place: { stretch: end, after: nameOf(found.address) },
          };
  }

  async function* candidates(): AsyncGenerator<Candidate> {
    for (let stretch = from.stretch; stretch < end; stretch += 1)
      yield* own(stretch);
    if (from.stretch <= end) yield* linked();
  }

  return { candidates: candidates(), digest, end: end + 1 };
};
