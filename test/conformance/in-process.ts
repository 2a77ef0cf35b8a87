import type { Table } from "../../functions/store/table.ts";
import { aServer, asClient, type Server } from "../api/server.ts";
import type { Send } from "./loading.ts";

/** A clinic system that may do everything. */
export const everything = asClient("system/*.cruds");

/** The FHIR handler on a table in memory, or on the one given. */
export const inProcess = (
  table?: Table,
): { readonly server: Server; readonly send: Send } => {
  const server = aServer(table === undefined ? {} : { table });
  return {
    server,
    send: (method, path, body) =>
      server.ask(method, path, {
        as: everything,
        ...(body !== undefined && { body }),
      }),
  };
};
