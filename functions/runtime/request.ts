import type * as z from "zod";
import { Fault } from "../core/fault.ts";
import type { HttpEvent, Request } from "./http.ts";
import { parseJson } from "./json.ts";

const largestBody = 1024 * 1024;
const mostIssues = 20;

export const headerOf = ({ headers }: HttpEvent): Request["header"] => {
  const lower = new Map(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  return (name) => lower.get(name);
};

export const originOf = (
  { path, requestContext }: HttpEvent,
  header: Request["header"],
): string => {
  const full = requestContext?.path ?? path;
  const stage = full.endsWith(path)
    ? full.slice(0, full.length - path.length)
    : "";
  const [host = "localhost"] = [header("host"), requestContext?.domainName]
    // What is no host must not come back in a header or a link.
    .filter((name) => name !== undefined && /^[\w.:[\]-]+$/.test(name));
  const scheme = header("x-forwarded-proto") === "http" ? "http" : "https";
  return `${scheme}://${host}${stage}`;
};

export const queryOf = ({
  multiValueQueryStringParameters,
}: HttpEvent): Request["query"] =>
  Object.entries(multiValueQueryStringParameters ?? {}).flatMap(
    ([name, values = []]) =>
      values.map(
        (value) => [name.toWellFormed(), value.toWellFormed()] as const,
      ),
  );

export const bodyBytes = ({
  body,
  isBase64Encoded = false,
}: HttpEvent): Uint8Array => {
  const bytes = Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > largestBody)
    throw new Fault("TooLarge", 413, "A body may take 1 MB.");
  return bytes;
};

export const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Fault("MalformedJson", 400, "The body is not valid UTF-8.", {
      code: "structure",
    });
  }
};

/** The body as its schema has it. Throws 400, 415. */
export const parsed = (
  schema: z.ZodType,
  text: string,
  header: Request["header"],
): unknown => {
  if (
    !/^application\/([\w.+-]+\+)?json\b/i.test(
      header("content-type") ?? "application/json",
    )
  ) {
    throw new Fault("UnsupportedMediaType", 415, "Send application/json.");
  }
  const { success, data, error } = schema.safeParse(parseJson(text));
  if (success) return data;
  throw new Fault(
    "InvalidRequest",
    400,
    "The request does not fit its schema.",
    {
      issues: error.issues.slice(0, mostIssues).map((issue) => ({
        severity: "error",
        code: "invalid",
        details: {
          text:
            issue.code === "unrecognized_keys"
              ? "There are fields here that this request does not have."
              : issue.message,
        },
        expression: [issue.path.join(".") || "(body)"],
      })),
    },
  );
};
