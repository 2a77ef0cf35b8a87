import type { Binary } from "@medplum/fhirtypes";
import { Fault } from "../../core/fault.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import type { Stored } from "../../store/records.ts";
import { baseOf, preferOf, type Answer, type FhirDeps } from "./answers.ts";
import { answerWith, checkMedia, resourceFrom } from "./exchange.ts";
import { reading } from "./reading.ts";
import { writing } from "./writing.ts";

/** https://hl7.org/fhir/R4/binary.html: a FHIR content type means the resource, any other the bytes themselves. */
export const bytes = (
  deps: FhirDeps,
): Readonly<Record<"post" | "get" | "put", Answer>> => {
  const { records } = deps;
  const written = writing(deps);
  const read = reading(deps)["GET /fhir/R4/{type}/{id}"];
  return {
    post: async (request) => {
      if (isResource(request))
        return written["POST /fhir/R4/{type}"](asBinary(request));
      const given = binaryIn(request);
      const created = await records.change(request.context, (work) =>
        work.create(given),
      );
      return briefly(request, 201, created);
    },
    put: async (request) => {
      if (isResource(request))
        return written["PUT /fhir/R4/{type}/{id}"](asBinary(request));
      const { id = "" } = request.params;
      const given = binaryIn(request);
      const updated = await records.change(request.context, async (work) => {
        const { securityContext } = (await work.read("Binary", id)) ?? {};
        return work.update({
          ...(securityContext !== undefined && { securityContext }),
          ...given,
          id,
        });
      });
      return briefly(request, 200, updated);
    },
    get: async (request) => {
      const asked =
        request.query.find(([name]) => name === "_format")?.[1] ??
        request.header("accept") ??
        "";
      const { body, ...reply } = await read(asBinary(request));
      if (body === undefined) return reply;
      const { contentType, data = "", securityContext } = body as Binary;
      if (/json/i.test(asked)) return { ...reply, body };
      return {
        ...reply,
        headers: {
          ...reply.headers,
          ...asDownload,
          "content-type": /^[\x20-\x7e]+$/.test(contentType)
            ? contentType
            : "application/octet-stream",
          ...(securityContext?.reference !== undefined && {
            "x-security-context": securityContext.reference,
          }),
        },
        body: Buffer.from(data, "base64"),
      };
    },
  };
};

/** Whatever somebody once uploaded never runs as a page of ours. */
const asDownload = {
  "content-disposition": "attachment",
  "content-security-policy": "sandbox; default-src 'none'",
};

const asBinary = (request: Request): Request => ({
  ...request,
  params: { ...request.params, type: "Binary" },
});

/** FHIR's own types; plain JSON and no type at all mean the resource when the body is one. */
const isResource = (request: Request): boolean => {
  const contentType = request.header("content-type") ?? "";
  if (/^application\/fhir\+/i.test(contentType)) {
    checkMedia({
      method: request.method,
      contentType,
      accept: undefined,
      format: undefined,
    });
    return true;
  }
  if (!/^(application\/json\b|text\/json\b|$)/i.test(contentType)) return false;
  try {
    resourceFrom(parseJson(request.text), "Binary");
    return true;
  } catch (error) {
    if (contentType !== "" && error instanceof Fault) return false;
    throw error;
  }
};

/** Throws 400 without any bytes. */
const binaryIn = (request: Request): Binary => {
  if (request.bytes.length === 0)
    throw new Fault("InvalidRequest", 400, "There are no bytes in the body.", {
      code: "required",
    });
  const context = request.header("x-security-context");
  return {
    resourceType: "Binary",
    contentType: request.header("content-type") ?? "application/octet-stream",
    ...(context !== undefined && {
      securityContext: {
        reference: context.replace(`${baseOf(request)}/`, ""),
      },
    }),
    data: Buffer.from(request.bytes).toString("base64"),
  };
};

/** Who sends bytes has them; the resource is told to who asks for it. */
const briefly = (
  request: Request,
  status: 200 | 201,
  resource: Stored<Binary>,
): Reply =>
  answerWith(status, resource, {
    base: baseOf(request),
    prefer: preferOf(request) ?? "return=minimal",
    located: status === 201,
  });
