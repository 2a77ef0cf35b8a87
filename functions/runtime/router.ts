import { Fault } from "../core/fault.ts";
import type { Endpoint } from "./http.ts";

interface Match {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/** `METHOD /path/{param}` names to endpoints; literal segments win over parameters. */
export const router = (endpoints: Readonly<Record<string, Endpoint>>) => {
  const table = Object.entries(endpoints).map(([name, endpoint]) => {
    const [method = "", path = ""] = name.split(" ");
    return { name, endpoint, method, segments: path.split("/").slice(1) };
  });
  const fitting = (given: readonly string[]) =>
    table
      .filter(
        ({ segments }) =>
          segments.length === given.length &&
          segments.every(
            (segment, index) =>
              segment === given[index] ||
              (isParameter(segment) &&
                (segment === "{type}" ? /^[A-Z]/ : /^[^$_]/).test(
                  given[index] ?? "",
                )),
          ),
      )
      .sort((one, other) => literals(other.segments) - literals(one.segments))
      .filter(
        ({ endpoint }, _, all) =>
          endpoint.alone === true ||
          !all.some((other) => other.endpoint.alone === true),
      );

  const methods = (path: string): readonly string[] => [
    ...new Set(fitting(segmentsOf(path)).map(({ method }) => method)),
  ];

  const find = (method: string, path: string): Match => {
    const given = segmentsOf(path);
    const candidates = fitting(given);
    const match = candidates.find((candidate) => candidate.method === method);
    if (match === undefined) {
      throw candidates.length > 0
        ? new Fault(
            "MethodNotAllowed",
            405,
            `This address answers ${methods(path).join(", ")} only.`,
          )
        : new Fault(
            "UnknownAddress",
            404,
            "There is nothing at this address. GET /fhir/R4/metadata and GET /v1/openapi.json list what there is.",
            { code: "not-supported" },
          );
    }
    const { name, endpoint, segments } = match;
    const params = Object.fromEntries(
      segments.flatMap((segment, index) =>
        isParameter(segment)
          ? [[segment.slice(1, -1), given[index] ?? ""]]
          : [],
      ),
    );
    return { name, endpoint, params };
  };
  return { find, methods };
};

const segmentsOf = (path: string): readonly string[] =>
  path.replace(/\/$/, "").split("/").slice(1).map(decoded);

const isParameter = (segment: string): boolean => segment.startsWith("{");
const literals = (segments: readonly string[]): number =>
  segments.filter((segment) => !isParameter(segment)).length;

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Fault(
      "MalformedAddress",
      400,
      "The address is not properly percent-encoded.",
    );
  }
};
