import type { HumanName } from "@medplum/fhirtypes";
import { accessRow, isAccess, type Named } from "../../core/access-log.ts";
import { languageOf } from "../../core/access-words.ts";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { wordsOf } from "../../core/wording.ts";
import type { Work } from "../../store/records.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** Where a Practitioner has the name of their account. */
const accountSystem = "urn:sojourn:staff";

/** Who saw a patient's record and why, in the reader's language. */
export const accessLog = (
  deps: PrivacyDeps,
): Answers<"GET /v1/patients/{id}/access-log"> => {
  const { records, now } = deps;

  /** As the directory calls them; who is not in it keeps the account's name. */
  const staffNamed = (
    { requestId }: Context,
    accounts: readonly string[],
  ): Promise<ReadonlyMap<string, Named>> =>
    accounts.length === 0
      ? Promise.resolve(new Map())
      : records.change(
          {
            by: { kind: "system", id: "access-log" },
            purpose: "PATRQT",
            requestId,
          },
          async (work) => {
            const named = new Map<string, Named>();
            for (const account of accounts) {
              const found = await namedIn(work, account);
              if (found !== undefined) named.set(account, found);
            }
            return named;
          },
        );

  return {
    "GET /v1/patients/{id}/access-log": async (request) => {
      const { params, query, context, header } = request;
      const asked = new Map(query);
      const patient = params.id ?? "";
      const cursor = asked.get("cursor");
      const { facts, people, next } = await records.audit(context, {
        patient,
        from: 0,
        to: now().getTime() + 60_000,
        keeps: isAccess,
        count: countOf(asked.get("count")),
        ...(cursor !== undefined && { cursor }),
      });
      const language = languageOf(header("accept-language"));
      const accounts = new Set(
        facts.flatMap(({ by }) =>
          by.startsWith("staff:") ? by.slice("staff:".length) : [],
        ),
      );
      const telling = {
        language,
        people,
        isSelf: context.by.kind === "patient" && people.includes(context.by.id),
        staff: await staffNamed(context, [...accounts]),
      };
      return {
        status: 200,
        headers: { "content-language": language },
        body: {
          items: facts.map((fact) => accessRow(fact, telling)),
          ...(next !== undefined && { next }),
        },
      };
    },
  };
};

const countOf = (asked: string | undefined): number => {
  if (asked === undefined) return 50;
  if (!/^[1-9]\d{0,2}$/.test(asked) || Number(asked) > 100)
    throw new Fault("InvalidParameter", 400, "count is from 1 to 100.", {
      expression: ["count"],
    });
  return Number(asked);
};

const namedIn = async (
  work: Work,
  account: string,
): Promise<Named | undefined> => {
  const [practitioner] = await work.byIdentifier(
    "Practitioner",
    accountSystem,
    account,
  );
  const name = nameIn(practitioner?.name?.[0]);
  if (practitioner === undefined || name === "") return undefined;
  const [held] = await work.search(
    "PractitionerRole",
    [["practitioner", `Practitioner/${practitioner.id}`]],
    1,
  );
  const role = wordsOf(held?.code?.[0]);
  return { name, ...(role !== "" && { role }) };
};

const nameIn = (name: HumanName | undefined): string =>
  name?.text ??
  [...(name?.prefix ?? []), ...(name?.given ?? []), name?.family ?? ""]
    .filter(Boolean)
    .join(" ");
