import type {
  Binary,
  Bundle,
  DocumentReference,
  Patient,
} from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import type { Stored } from "../../functions/store/records.ts";
import { asClient, asPatient, aServer, codesOf, nurse } from "./server.ts";

const server = aServer();
const { ask, make, documents } = server;
const patient = await make<Patient>({ resourceType: "Patient" });
const securityContext = { reference: `Patient/${patient.id}` };
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0x0a]);
const fhirJson = { accept: "application/fhir+json" };

const kept = async (body: Buffer, contentType = "image/png") => {
  const { headers, status } = await ask("POST", "/Binary", {
    body,
    headers: {
      "content-type": contentType,
      "x-security-context": securityContext.reference,
    },
  });
  expect(status).toBe(201);
  return (
    /Binary\/([^/]+)\/_history\/1$/.exec(headers.location ?? "")?.[1] ?? ""
  );
};

describe("a file", () => {
  test("comes back byte for byte, to be saved and never run", async () => {
    const id = await kept(picture);
    const { status, headers, bytes } = await ask("GET", `/Binary/${id}`, {
      headers: { accept: "image/*" },
    });
    expect(status).toBe(200);
    expect(bytes).toEqual(picture);
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "content-disposition": "attachment",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "x-security-context": securityContext.reference,
      etag: 'W/"1"',
    });
  });

  test("is a resource to those who speak FHIR, both ways", async () => {
    const data = picture.toString("base64");
    const { id, data: told } = await make<Binary>({
      resourceType: "Binary",
      contentType: "image/png",
      securityContext,
      data,
    });
    expect(told).toBe(data);
    const { body } = await ask<Binary>("GET", `/Binary/${id}`, {
      headers: fhirJson,
    });
    expect(body).toMatchObject({
      resourceType: "Binary",
      id,
      contentType: "image/png",
      securityContext,
      data,
    });
    expect(body).not.toHaveProperty("_data");
    expect((await ask("GET", `/Binary/${id}`)).bytes).toEqual(picture);
  });

  test("may be JSON that is no resource, and text that is no UTF-8", async () => {
    const json = Buffer.from('{"a":1}');
    const id = await kept(json, "application/json");
    expect((await ask("GET", `/Binary/${id}`)).bytes).toEqual(json);
    const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
    const other = await kept(latin, "text/plain; charset=iso-8859-1");
    expect((await ask("GET", `/Binary/${other}`)).bytes).toEqual(latin);
  });

  test("lies in the bucket sealed, and in the record not at all", async () => {
    const secret = Buffer.from("unmistakable bytes of a patient");
    const id = await kept(secret, "text/plain");
    const [key = ""] = [...documents.objects.keys()].filter((each) =>
      each.startsWith(`${id}/`),
    );
    const { body } = documents.objects.get(key) ?? {};
    expect(key.startsWith(patient.id)).toBe(true);
    expect(Buffer.from(body ?? []).includes(secret)).toBe(false);
    const [address] = [`PATIENT#${patient.id}`];
    const { items } = await server.table.query({
      pk: address,
      prefix: "A#Binary#",
    });
    expect(items.every((item) => (item.body as Uint8Array).length < 1024)).toBe(
      true,
    );
  });

  test("does not open in another's place", async () => {
    const [one, other] = [await kept(picture), await kept(picture)];
    const keyOf = (id: string): string =>
      [...documents.objects.keys()].find((key) => key.startsWith(id)) ?? "";
    const stolen = documents.objects.get(keyOf(other));
    await documents.put(keyOf(one), stolen?.body ?? new Uint8Array(), "");
    await expect(ask("GET", `/Binary/${one}`)).rejects.toThrow(
      "the server failed unexpectedly",
    );
  });
});

describe("a changed file", () => {
  test("is a version of its own; the earlier one is still there", async () => {
    const id = await kept(picture);
    const body = Buffer.from("new");
    const { status } = await ask("PUT", `/Binary/${id}`, {
      body,
      headers: { "content-type": "text/plain" },
    });
    expect(status).toBe(200);
    expect((await ask("GET", `/Binary/${id}`)).bytes).toEqual(body);
    const { body: first } = await ask<Binary>(
      "GET",
      `/Binary/${id}/_history/1`,
    );
    expect(first).toMatchObject({
      contentType: "image/png",
      data: picture.toString("base64"),
    });
  });

  test("that is the same as before writes nothing", async () => {
    const id = await kept(picture);
    const before = documents.objects.size;
    const { body } = await ask<Stored<Binary>>("GET", `/Binary/${id}`, {
      headers: fhirJson,
    });
    const { headers } = await ask("PUT", `/Binary/${id}`, { body });
    expect(headers.etag).toBe('W/"1"');
    expect(documents.objects.size).toBe(before);
  });

  test("keeps its bytes when only its type changes", async () => {
    const id = await kept(picture);
    const { status } = await ask("PATCH", `/Binary/${id}`, {
      body: [{ op: "replace", path: "/contentType", value: "image/x-png" }],
      headers: { "content-type": "application/json-patch+json" },
    });
    expect(status).toBe(200);
    const { headers, bytes } = await ask("GET", `/Binary/${id}`);
    expect([headers.etag, headers["content-type"]]).toEqual([
      'W/"2"',
      "image/x-png",
    ]);
    expect(bytes).toEqual(picture);
  });

  test("is gone when it was deleted", async () => {
    const id = await kept(picture);
    expect((await ask("DELETE", `/Binary/${id}`)).status).toBe(204);
    expect((await ask("GET", `/Binary/${id}`)).status).toBe(410);
  });
});

describe("nothing is half-done", () => {
  const attempts: readonly [string, unknown, number][] = [
    ["no content type", { resourceType: "Binary", data: "AAAA" }, 422],
    [
      "no base64",
      { resourceType: "Binary", contentType: "text/plain", data: "A-B=" },
      422,
    ],
    [
      "a patient who is not there",
      {
        resourceType: "Binary",
        contentType: "text/plain",
        data: "AAAA",
        securityContext: { reference: "Patient/01JD0000000000000000000009" },
      },
      422,
    ],
    [
      "an object of another's choice",
      {
        resourceType: "Binary",
        contentType: "text/plain",
        _data: { extension: [{ url: "urn:sojourn:file", valueString: "x" }] },
      },
      422,
    ],
  ];
  test.each(attempts)(
    "%s is refused, and no object stays",
    async (_, body, expected) => {
      const before = [...documents.objects.keys()];
      const { status } = await ask("POST", "/Binary", { body });
      expect(status).toBe(expected);
      expect([...documents.objects.keys()]).toEqual(before);
    },
  );

  test("no bytes are no file", async () => {
    const answer = await ask("POST", "/Binary", {
      headers: { "content-type": "image/png" },
    });
    expect([answer.status, codesOf(answer)]).toEqual([400, ["required"]]);
  });

  test("a transaction that fails leaves no object", async () => {
    const before = [...documents.objects.keys()];
    const entry = (resource: object) => ({
      resource,
      request: { method: "POST", url: (resource as Binary).resourceType },
    });
    const { status } = await ask("POST", "", {
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          entry({
            resourceType: "Binary",
            contentType: "text/plain",
            securityContext,
            data: "AAAA",
          }),
          entry({ resourceType: "Task", status: "no such status" }),
        ],
      },
    });
    expect(status).toBe(422);
    expect([...documents.objects.keys()]).toEqual(before);
  });

  test("a document and its file are written in one transaction", async () => {
    const { status, body } = await ask<Bundle>("POST", "", {
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          {
            fullUrl: "urn:uuid:3b1f7a60-0000-4000-8000-000000000001",
            resource: {
              resourceType: "Binary",
              contentType: "text/plain",
              securityContext,
              data: "AAAA",
            },
            request: { method: "POST", url: "Binary" },
          },
          {
            resource: {
              resourceType: "DocumentReference",
              status: "current",
              subject: securityContext,
              content: [
                {
                  attachment: {
                    contentType: "text/plain",
                    url: "urn:uuid:3b1f7a60-0000-4000-8000-000000000001",
                  },
                },
              ],
            },
            request: { method: "POST", url: "DocumentReference" },
          },
        ],
      },
    });
    expect(status).toBe(200);
    const [binary, document] =
      body.entry?.map(({ resource }) => resource) ?? [];
    const { url = "" } =
      (document as DocumentReference).content[0]?.attachment ?? {};
    expect(url).toBe(`Binary/${binary?.id ?? ""}`);
    expect((await ask("GET", `/${url}`)).bytes).toEqual(Buffer.alloc(3));
  });
});

describe("who may", () => {
  test("a patient reads the own files and no other's", async () => {
    const id = await kept(picture);
    const other = await make<Patient>({ resourceType: "Patient" });
    const seen = async (as: string) =>
      (await ask("GET", `/Binary/${id}`, { as: asPatient(as) })).status;
    expect(await seen(patient.id)).toBe(200);
    expect(await seen(other.id)).toBe(403);
  });

  test("a clinic system needs the scope, and no read to replace", async () => {
    const id = await kept(picture);
    const body = {
      resourceType: "Binary",
      id,
      contentType: "text/plain",
      securityContext,
      data: "AAAA",
    };
    const put = async (...scopes: string[]) =>
      (await ask("PUT", `/Binary/${id}`, { body, as: asClient(...scopes) }))
        .status;
    expect(await put("system/DocumentReference.cruds")).toBe(403);
    expect(await put("system/Binary.u")).toBe(200);
  });

  test("a file of no patient is the house's own", async () => {
    const { id } = await make<Binary>({
      resourceType: "Binary",
      contentType: "text/plain",
      data: "AAAA",
    });
    const seen = async (as = nurse) =>
      (await ask("GET", `/Binary/${id}`, { as })).status;
    expect(await seen()).toBe(200);
    expect(await seen(asPatient(patient.id))).toBe(403);
  });
});

test("a history tells the size of files, not their bytes", async () => {
  const id = await kept(picture);
  const { text } = await ask("GET", `/Binary/${id}/_history`);
  expect(text).toContain(`"valueUnsignedInt":${String(picture.length)}`);
  expect(text).not.toContain(picture.toString("base64"));
});

describe("an attachment inside a resource", () => {
  const document = (bytes: number): DocumentReference => ({
    resourceType: "DocumentReference",
    status: "current",
    subject: securityContext,
    content: [
      {
        attachment: {
          contentType: "text/plain",
          data: Buffer.alloc(bytes, 7).toString("base64"),
        },
      },
    ],
  });
  test("may take 64 KB", async () => {
    await make(document(64 * 1024));
  });
  test("over that is refused with the place and a way out", async () => {
    const answer = await ask("POST", "/DocumentReference", {
      body: document(66 * 1024),
    });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain("Binary");
    expect(answer.text).toContain(
      "DocumentReference.content[0].attachment.data",
    );
  });
});
