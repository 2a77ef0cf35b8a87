import {
  groundWords,
  languageOf,
  purposeWords,
  thingsIn,
  type Language,
} from "../../core/access-words.ts";
import { bases, earliest } from "../../core/disclosure.ts";
import { Fault } from "../../core/fault.ts";
import { redisclosureNotice } from "../../core/redisclosure.ts";
import type { Context } from "../../core/caller.ts";
import type { Request } from "../../runtime/http.ts";
import type { Accounted } from "../../store/disclosures.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

/** To whom outside a patient's data went, written down and told. */
export const disclosures = (
  deps: PrivacyDeps,
): Answers<"POST /v1/disclosures" | "GET /v1/patients/{id}/disclosures"> => {
  const { records, log, now } = deps;

  /** Throws 422 when the Consent is another patient's or not in force. */
  const checkConsent = async (
    context: Context,
    patient: string,
    reference: string | undefined,
  ): Promise<void> => {
    if (reference === undefined) return;
    const consent = await records.read(
      context,
      "Consent",
      reference.slice("Consent/".length),
    );
    if (
      consent.status !== "active" ||
      consent.patient?.reference !== `Patient/${patient}`
    )
      throw new Fault(
        "ConsentNotInForce",
        422,
        "The Consent is not an active one of this patient.",
        { expression: ["consent"] },
      );
  };

  return {
    "POST /v1/disclosures": async ({ body, context, header }) => {
      await checkConsent(context, body.patient, body.consent);
      const store = await deps.disclosures();
      const disclosure = await store.record(context, body);
      log("Disclosed", { requestId: context.requestId, reason: body.basis });
      return {
        status: 201,
        body: told(disclosure, languageOf(header("accept-language"))),
      };
    },
    "GET /v1/patients/{id}/disclosures": async (request) => {
      const { params, context, header } = request;
      const since = sinceOf(request);
      const language = languageOf(header("accept-language"));
      const time = now().toISOString();
      const store = await deps.disclosures();
      const items = await store.account(context, params.id ?? "", since);
      const first = earliest(time);
      return {
        status: 200,
        headers: { "content-language": language },
        body: {
          from: since !== undefined && since > first ? since : first,
          to: time,
          items: items.map((one) => told(one, language)),
        },
      };
    },
  };
};

const told = (
  {
    id,
    at,
    recipient,
    types,
    purpose,
    basis,
    consent,
    part2,
    ...rest
  }: Accounted,
  language: Language,
) => ({
  id,
  at,
  recipient,
  what: types === undefined ? rest.what : thingsIn(types, language).join(", "),
  why: `${groundWords(basis, language)} (${purposeWords(purpose, language)})`,
  citation: bases[basis].citation,
  automatic: types !== undefined,
  ...(consent !== undefined && { consent }),
  ...(part2 && { notice: redisclosureNotice }),
});

const sinceOf = ({ query }: Pick<Request, "query">): string | undefined => {
  const value = query.find(([name]) => name === "since")?.[1];
  if (value === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  if (Number.isNaN(time))
    throw new Fault("InvalidParameter", 400, "since is a date or an instant.", {
      expression: ["since"],
    });
  return new Date(time).toISOString();
};
