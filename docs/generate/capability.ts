import type { CapabilityStatement } from "@medplum/fhirtypes";
import { capabilityDocument } from "./interfaces.ts";
import { code, codes, generatedFrom, table } from "./markdown.ts";

/** The CapabilityStatement as people read it. */
export const capabilityPage = async (): Promise<string> => {
  const statement = JSON.parse(
    await capabilityDocument(),
  ) as CapabilityStatement;
  const [rest] = statement.rest ?? [];
  const resources = rest?.resource ?? [];
  const usual = commonest(
    resources.map(({ interaction = [] }) =>
      interaction.map(({ code: name }) => name).join(", "),
    ),
  );
  return [
    generatedFrom("the CapabilityStatement that the server answers"),
    "# What the FHIR server can do",
    `FHIR ${statement.fhirVersion}, JSON. The server answers the same as a CapabilityStatement at \`GET /fhir/R4/metadata\` ([an example](capability-statement.json)), made from the routes and declarations that it works by.`,
    "## Everything",
    table(
      ["", ""],
      [
        [
          "interactions",
          codes((rest?.interaction ?? []).map(({ code: name }) => name)),
        ],
        [
          "operations",
          codes((rest?.operation ?? []).map(({ name }) => `$${name}`)),
        ],
        ["instantiates", codes(statement.instantiates ?? [])],
        [
          "sign-in",
          "OAuth 2.0 as SMART on FHIR describes it; scopes of v2 and v1 ([022](adr/022-smart-scopes-narrow.md))",
        ],
      ],
    ),
    `## ${String(resources.length)} resource types`,
    `Where nothing else is said: ${usual}. Creates, updates, patches and deletes may be conditional; reads know \`If-None-Match\` and \`If-Modified-Since\`, updates \`If-Match\`. Every search also takes \`_id\`, \`_lastUpdated\`, \`_tag\`, \`_profile\`, \`_security\`, \`_sort\`, \`_count\`, \`_total\`, \`_summary\`, \`_elements\`, \`_include\`, \`_revinclude\`, chains and \`_has\`.`,
    table(
      ["type", "search parameters", "operations", "profiles", "but"],
      resources.map(
        ({
          type,
          searchParam = [],
          operation = [],
          supportedProfile = [],
          interaction = [],
        }) => {
          const own = interaction.map(({ code: name }) => name).join(", ");
          return [
            code(type),
            searchParam
              .map(({ name }) => name)
              .filter((name) => !name.startsWith("_"))
              .join(", "),
            codes(operation.map(({ name }) => `$${name}`)),
            supportedProfile
              .map((profile) => profile.split("/").at(-1) ?? "")
              .join(", "),
            own === usual ? "" : own,
          ];
        },
      ),
    ),
  ].join("\n\n");
};

const commonest = (texts: readonly string[]): string =>
  [...Map.groupBy(texts, (text) => text)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  )[0]?.[0] ?? "";
