import type { Table } from "../../functions/store/table.ts";
import { aServer, asClient, asPatient, type Server } from "../api/server.ts";
import type { Send } from "./loading.ts";

/** A clinic system that may do everything. */
export const everything = asClient("system/*.cruds");

/** Without it a Binary is answered as the bytes that it holds. */
export const fhirJson = {
  accept: "application/fhir+json",
  "content-type": "application/fhir+json",
};

/** The FHIR handler on a table in memory, or on the one given. */
export const inProcess = (
  table?: Table,
): { readonly server: Server; readonly send: Send } => {
  const server = aServer(table === undefined ? {} : { table });
  return {
    server,
    send: (method, path, { body, patient } = {}) =>
      server
        .ask(method, path, {
          as: patient === undefined ? everything : asPatient(patient),
          headers: fhirJson,
          ...(body !== undefined && { body }),
        })
        .catch((error: unknown) => ({ status: 500, text: crash(error) })),
  };
};

/** What Consents among the examples say stands no longer: they would close the others to whoever asks. */
export const forgetConsents = async ({
  table,
}: Pick<Server, "table">): Promise<void> => {
  for (const { table: of, rules, ...item } of table.dump?.() ?? [])
    if (of === "keys" && rules !== undefined)
      await table.commit([{ put: item, table: of, guard: "any" }], item.pk);
};

/** Where the server failed unexpectedly, in the shape of an answer. */
const crash = (error: unknown): string =>
  JSON.stringify({
    resourceType: "OperationOutcome",
    issue: [
      {
        expression: [
          String(error instanceof Error ? (error.cause ?? error) : error),
        ],
      },
    ],
  });
