import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import { nameless } from "../../functions/resources/nameless.ts";
import { about, containedAt, homeless, relinked, wayTo } from "./adapting.ts";
import { referencesIn, type Example } from "./corpus.ts";
import {
  differences,
  isObject,
  readExactly,
  writeExactly,
  type Difference,
  type Json,
} from "./exact.ts";
import { defective, forbidden } from "./judgements.ts";

/** Sends a request, of the clinic's record system or of the patient named, and answers its status and text, whatever they are. */
export type Send = (
  method: "GET" | "POST" | "PUT",
  path: string,
  more?: { readonly body?: string; readonly patient?: string },
) => Promise<{ readonly status: number; readonly text: string }>;

/** What was done to an example so that this server can keep it. */
export type Adaptation =
  "references" | "forbidden" | "standInPatient" | "ownPatient" | "status";

export interface Loaded {
  readonly example: Example;
  /** `Type/id` there; undefined when it was refused. */
  readonly name?: string;
  /** As it was sent last. */
  readonly sent: Json;
  readonly adapted: ReadonlySet<Adaptation>;
  readonly status: number;
  /** The expressions of the refusal. */
  readonly places: readonly string[];
  /** What came back otherwise; undefined when it was refused. */
  readonly changed?: readonly Difference[];
  /** What went wrong on the way, in words. */
  readonly faults: readonly string[];
}

/** Posts all examples, those first that others refer to and Consents last, and reads each back. */
export const load = async (
  send: Send,
  examples: readonly Example[],
  width = 1,
): Promise<readonly Loaded[]> => {
  const names = new Map<string, string>();
  const results: Loaded[] = [];
  const standIn = await made(send, "Patient", {
    resourceType: "Patient",
    active: true,
  });
  const waiting = new Set(examples);
  while (waiting.size > 0) {
    const ready = nextOf(waiting).slice(0, width);
    const done = await Promise.all(
      ready.map((example) => loadOne(send, example, { names, standIn })),
    );
    for (const result of done) {
      waiting.delete(result.example);
      if (result.name !== undefined)
        names.set(result.example.name, result.name);
      results.push(result);
    }
  }
  return results;
};

/** Those that refer to nothing that is still to come; of a circle, the one that waits for least. */
const nextOf = (waiting: ReadonlySet<Example>): readonly Example[] => {
  const names = new Set([...waiting].map(({ name }) => name));
  const open = ({ name, resource }: Example): number =>
    new Set(
      referencesIn(resource).filter((each) => each !== name && names.has(each)),
    ).size;
  const counted = [...waiting].map((example) => ({
    example,
    count:
      open(example) +
      (waitsForPatient(example, names) ? 1000 : 0) +
      (isOfConsent(example) ? 10_000 : 0),
  }));
  const least = Math.min(...counted.map(({ count }) => count));
  const ready = counted.filter(({ count }) => count === least);
  return (least === 0 ? ready : ready.slice(0, 1)).map(
    ({ example }) => example,
  );
};

/** The patient with whom it is filed: the id begins so. */
const homeIn = (text: string): string | undefined => {
  const { id = "", resourceType } = JSON.parse(text) as Resource;
  return id.length > 26 || resourceType === "Patient"
    ? id.slice(0, 26)
    : undefined;
};

/** A Consent may close the record to the clinic's system, and then what tells of it, too: the patient reads them. */
const isOfConsent = ({ type, resource }: Example): boolean =>
  type === "Consent" ||
  referencesIn(resource).some((name) => name.startsWith("Consent/"));

const waitsForPatient = (
  { type, resource }: Example,
  names: ReadonlySet<string>,
): boolean =>
  type !== "Patient" &&
  referencesIn(resource).some(
    (name) => name.startsWith("Patient/") && names.has(name),
  );

const loadOne = async (
  send: Send,
  example: Example,
  { names, standIn }: { names: ReadonlyMap<string, string>; standIn: string },
): Promise<Loaded> => {
  const { id: _, ...original } = example.resource;
  const adapted = new Set<Adaptation>();
  const faults: string[] = [];
  let resource = relinked(original, names) as Json;
  if (writeExactly(resource) !== writeExactly(original))
    adapted.add("references");

  const rule = forbidden[example.file];
  if (rule !== undefined) {
    const { status, places } = await refusal(send, example, resource);
    if (status !== 422 || !places.some((place) => rule.place.test(place)))
      faults.push(`a rule of ours: ${String(status)} ${places.join(", ")}`);
    adapted.add("forbidden");
    resource = rule.without(resource);
  }

  const element = homeless(example, resource);
  if (element !== undefined && !Object.hasOwn(defective, example.file)) {
    const { status, places } = await refusal(send, example, resource);
    const named = places.some((place) =>
      place.startsWith(`${example.type}.${element}`),
    );
    if (status !== 422 || !named)
      faults.push(`without a patient: ${String(status)} ${places.join(", ")}`);
    const own = containedAt(resource, element);
    if (own?.resourceType === "Patient") {
      const { id: _id, ...patient } = own;
      adapted.add("ownPatient");
      resource = about(resource, element, await made(send, "Patient", patient));
    } else {
      adapted.add("standInPatient");
      resource = about(resource, element, standIn);
    }
  }

  const [first = resource, ...later] = wayTo(example, resource);
  if (later.length > 0) {
    adapted.add("status");
    const { status, places } = await refusal(send, example, resource);
    if (status !== 422 || !places.some((place) => /[sS]tatus$/u.test(place)))
      faults.push(`its status: ${String(status)} ${places.join(", ")}`);
  }
  const answer = await send("POST", `/${example.type}`, {
    body: writeExactly(first),
  });
  const { status } = answer;
  if (status !== 201)
    return {
      example,
      sent: first,
      adapted,
      status,
      places: placesIn(answer.text),
      faults,
    };
  const { id } = JSON.parse(answer.text) as { id: string };
  const name = `${example.type}/${id}`;
  for (const step of later) {
    const moved = await send("PUT", `/${name}`, {
      body: writeExactly({ ...step, id }),
    });
    if (moved.status !== 200)
      faults.push(`a move: ${String(moved.status)} ${moved.text}`);
  }
  const sent = later.at(-1) ?? first;
  const [patient = ""] = id.split("-");
  const back = await send(
    "GET",
    `/${name}`,
    isOfConsent(example) ? { patient } : {},
  );
  if (back.status !== 200) faults.push(`read: ${String(back.status)}`);
  return {
    ...{ example, name, sent, adapted, status, places: [], faults },
    changed: differences(
      comparable(nameless(sent, homeIn(back.text))),
      comparable(readExactly(back.text)),
    ),
  };
};

/** Without its id and what every write sets anew. */
const comparable = (resource: unknown): unknown => {
  if (!isObject(resource)) return resource;
  const { id: _, meta, ...rest } = resource;
  if (!isObject(meta)) return rest;
  const { versionId: _version, lastUpdated: _time, ...kept } = meta;
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest;
};

const refusal = async (
  send: Send,
  { type }: Example,
  resource: Json,
): Promise<{ status: number; places: readonly string[] }> => {
  const { status, text } = await send("POST", `/${type}`, {
    body: writeExactly(resource),
  });
  return { status, places: placesIn(text) };
};

export const placesIn = (text: string): readonly string[] => {
  const { resourceType, issue = [] } = JSON.parse(
    text,
  ) as Partial<OperationOutcome>;
  return resourceType === "OperationOutcome"
    ? issue.flatMap(({ expression = [] }) => expression)
    : [];
};

const made = async (
  send: Send,
  type: string,
  resource: Json,
): Promise<string> => {
  const { status, text } = await send("POST", `/${type}`, {
    body: writeExactly(resource),
  });
  if (status !== 201) throw new Error(`${type}: ${String(status)} ${text}`);
  return `${type}/${(JSON.parse(text) as { id: string }).id}`;
};
