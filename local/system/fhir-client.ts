import type { Bundle, OperationOutcome, Resource } from "@medplum/fhirtypes";
import type { PostBundle } from "../demo-clinic.ts";

export interface FhirAnswer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface FhirRequest {
  readonly method?: string;
  /** Below the FHIR base: `Patient/<id>`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FhirClient {
  /** Answers whatever the server says. */
  readonly request: <T>(request: FhirRequest) => Promise<FhirAnswer<T>>;
  /** Answers a body; an error answer throws with the server's words. */
  readonly expect: <T>(request: FhirRequest) => Promise<T>;
  readonly search: <T extends Resource>(
    type: T["resourceType"],
    criteria: Readonly<Record<string, string>>,
  ) => Promise<readonly T[]>;
  readonly transaction: PostBundle;
}

/** Speaks to a FHIR server under `base` as whoever `token` belongs to. */
export const fhirClient = (
  base: string,
  token: () => Promise<string>,
): FhirClient => {
  const request = async <T>({
    method = "GET",
    path,
    body,
    headers = {},
  }: FhirRequest): Promise<FhirAnswer<T>> => {
    const answer = await fetch(path === "" ? base : `${base}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body !== undefined && { "content-type": "application/fhir+json" }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text === "" ? undefined : parsed(text)) as T,
    };
  };
  const expect = async <T>(wanted: FhirRequest): Promise<T> => {
    const { status, body } = await request<T>(wanted);
    if (status < 400) return body;
    const { issue = [] } = (body ?? {}) as Partial<OperationOutcome>;
    const words = issue
      .map(({ details, diagnostics }) => details?.text ?? diagnostics ?? "")
      .join(" ");
    throw new Error(
      `${wanted.method ?? "GET"} ${wanted.path.replace(/\?.*/, "")}: ${status} ${words}`,
    );
  };
  return {
    request,
    expect,
    search: async <T extends Resource>(
      type: T["resourceType"],
      criteria: Readonly<Record<string, string>>,
    ) => {
      const { entry = [] } = await expect<Bundle<T>>({
        method: "POST",
        path: `${type}/_search`,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ _count: "200", ...criteria }).toString(),
      });
      return entry.flatMap(({ resource, search }) =>
        resource && search?.mode !== "outcome" ? [resource] : [],
      );
    },
    transaction: (body) => request({ method: "POST", path: "", body }),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
