import type {
  Bundle,
  BundleEntry,
  Extension,
  OperationOutcome,
  Patient,
} from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { matchTerms } from "../../core/match-identity.ts";
import { patient as declaration } from "../../resources/patient.ts";
import { validate } from "../../resources/validate.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Request } from "../../runtime/http.ts";
import { invalid, parametersIn, typeOf } from "./parameters.ts";
import { parseJson } from "../../runtime/json.ts";
import { findMatches, type Matched } from "../../store/match-candidates.ts";

export interface MatchQuestion {
  readonly patient: Patient;
  readonly certainOnly: boolean;
  readonly count: number;
}

const most = 50;

/** Reads a Parameters resource. Throws 400 for what is no question, 422 for a Patient that is not valid. */
export const questionFrom = async ({
  text,
}: Pick<Request, "text">): Promise<MatchQuestion> => {
  const given = askedIn(parseJson(text));
  const { resource, onlyCertainMatches = false, count = most } = given;
  if ((resource as Partial<Patient> | undefined)?.resourceType !== "Patient")
    throw invalid(
      "resource",
      "$match needs the Patient to look for as resource.",
    );
  if (typeof onlyCertainMatches !== "boolean")
    throw invalid("onlyCertainMatches", "onlyCertainMatches is a boolean.");
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1)
    throw invalid("count", "count is a whole number from 1.");
  const issues = (await validate(resource, declaration)).filter(
    ({ severity }) => severity === "error" || severity === "fatal",
  );
  if (issues.length > 0)
    throw new Fault("InvalidResource", 422, "The Patient is not valid.", {
      issues,
    });
  return {
    patient: resource as Patient,
    certainOnly: onlyCertainMatches,
    count: Math.min(count, most),
  };
};

const names = ["resource", "onlyCertainMatches", "count"] as const;

type Given = Partial<Readonly<Record<(typeof names)[number], unknown>>>;

/** The Patient alone is a question too. */
const askedIn = (input: unknown): Given => {
  if (typeOf(input) === "Patient") return { resource: input };
  const given = new Map<string, unknown>();
  for (const { name, value } of parametersIn(input)) {
    if (!names.some((known) => known === name) || given.has(name))
      throw invalid(
        "Parameters.parameter",
        `The parameters are ${names.join(", ")}, each once.`,
      );
    given.set(name, value);
  }
  return Object.fromEntries(given);
};

/**
 * A searchset, the surest first. `certainOnly`: one patient, or none when several are certain. Throws 422 for a Patient that
 * cannot be looked for.
 */
export const matchBundle = async (
  { records, organization }: Pick<Deps, "records" | "organization">,
  context: Context,
  base: string,
  { patient, certainOnly, count }: MatchQuestion,
): Promise<Bundle> => {
  const terms = matchTerms(organization);
  const { matches, answers } = await records.change(context, async (work) => {
    // Whoever may not search would else be told that there is nobody.
    await work.permit("search", "Patient", undefined);
    const all = await findMatches(work, patient, { terms, certainOnly });
    const chosen = fitting(answered(all.found, certainOnly, count));
    // Of those compared only who is answered with was read.
    await work.readAll(chosen.map((one) => `Patient/${one.patient.id}`));
    return { matches: all, answers: chosen };
  });
  if (!matches.isFindable)
    throw new Fault(
      "NothingToMatch",
      422,
      "A match needs an identifier with its system, a phone, an e-mail, a family name with the birth date, or a whole name. Placeholders do not count.",
      { code: "required", expression: ["Patient"] },
    );
  const { found, isComplete } = matches;
  const certain = found.filter(({ match }) => match.grade === "certain");
  const notes = [
    ...(isComplete
      ? []
      : [
          "So many patients share a value of this one that only the likeliest were compared. Ask with more of what is known.",
        ]),
    ...(certainOnly && certain.length > 1
      ? ["More than one patient is a certain match; none is returned."]
      : []),
    ...(answers.length < found.length && !certainOnly
      ? ["There are more matches than were asked for."]
      : []),
  ];
  const entry = [
    ...answers.map((one) => entryOf(one, base)),
    ...(notes.length > 0
      ? [{ resource: noted(notes), search: { mode: "outcome" as const } }]
      : []),
  ];
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: answers.length,
    link: [{ relation: "self", url: `${base}/Patient/$match` }],
    ...(entry.length > 0 && { entry }),
  };
};

const answered = (
  found: readonly Matched[],
  certainOnly: boolean,
  count: number,
): readonly Matched[] => {
  if (!certainOnly) return found.slice(0, count);
  const certain = found.filter(({ match }) => match.grade === "certain");
  return certain.length === 1 ? certain : [];
};

/** As many as one answer holds. */
const fitting = (matches: readonly Matched[]): readonly Matched[] => {
  let left = mostBytes;
  return matches.filter(({ patient }) => {
    left -= Buffer.byteLength(JSON.stringify(patient));
    return left >= 0;
  });
};

const mostBytes = 4_500_000;

const gradeExtension = "http://hl7.org/fhir/StructureDefinition/match-grade";
const explanation = "urn:sojourn:match-explanation";

const entryOf = (
  { patient, match, isMerged }: Matched,
  base: string,
): BundleEntry => ({
  fullUrl: `${base}/Patient/${patient.id}`,
  resource: patient,
  search: {
    mode: "match",
    score: match.score,
    extension: [
      { url: gradeExtension, valueCode: match.grade },
      {
        url: explanation,
        extension: [
          { url: "rule", valueString: match.rule ?? "" },
          ...(["agreed", "fuzzy", "disagreed", "missing"] as const).flatMap(
            (url): readonly Extension[] =>
              match[url].map((valueCode) => ({ url, valueCode })),
          ),
          ...(patient.active === false
            ? [{ url: "inactive", valueBoolean: true }]
            : []),
          ...(isMerged ? [{ url: "merged", valueBoolean: true }] : []),
        ],
      },
    ],
  },
});

const noted = (texts: readonly string[]): OperationOutcome => ({
  resourceType: "OperationOutcome",
  issue: texts.map((text) => ({
    severity: "warning",
    code: "incomplete",
    details: { text },
  })),
});
