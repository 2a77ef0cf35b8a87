import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsRequest,
  type ObjectVersion,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Patient } from "@medplum/fhirtypes";
import { createPublicKey } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  isCertifiedBy,
  readCertificate,
} from "../../functions/core/erasure-certificate.ts";
import { fhirClient, type FhirClient } from "../../local/system/fhir-client.ts";
import { until } from "../../local/until.ts";
import { allItems, allLogLines, named } from "./aws.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
let officer: FhirClient;
let s3: S3Client;
beforeAll(async () => {
  world = await theWorld();
  // Its paths are below the API, not below FHIR.
  officer = fhirClient(world.urls.api, () =>
    world.accounts.staff("privacy-officer"),
  );
  s3 = new S3Client({
    endpoint: world.urls.emulator,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
  });
});

const sign = "vk7perishable";
const forgettable: Patient = {
  resourceType: "Patient",
  identifier: [{ system: "https://sojourn.example/mrn", value: `${sign}-mrn` }],
  name: [{ family: `${sign}family`, given: [`${sign}given`] }],
  telecom: [{ system: "email", value: `${sign}@example.org` }],
  birthDate: "1951-01-23",
};

interface Shown {
  readonly status: string;
}

/** A patient with versions, a file, a person related, a sign-in, and a place in an export. */
const aRecord = async (): Promise<string> => {
  const { fhir } = world;
  const patient = await fhir.expect<Patient & { id: string }>({
    method: "POST",
    path: "Patient",
    body: forgettable,
  });
  const reference = `Patient/${patient.id}`;
  await fhir.expect({
    method: "PUT",
    path: reference,
    body: { ...patient, maritalStatus: { text: `${sign}status` } },
  });
  await fhir.expect({
    method: "POST",
    path: "RelatedPerson",
    body: {
      resourceType: "RelatedPerson",
      patient: { reference },
      name: [{ family: `${sign}related` }],
    },
  });
  await fhir.expect({
    method: "POST",
    path: "Binary",
    body: {
      resourceType: "Binary",
      contentType: "text/plain",
      securityContext: { reference },
      data: Buffer.from(`${sign}file`.repeat(100)).toString("base64"),
    },
  });
  await world.accounts.patient(patient.id);
  const kickOff = await fhir.request({
    path: "Patient/$export?_type=Patient",
    headers: { accept: "application/fhir+json", prefer: "respond-async" },
  });
  expect(kickOff.status).toBe(202);
  const place = (kickOff.headers.get("content-location") ?? "").replace(
    /^.*\/fhir\/R4\//,
    "",
  );
  await world.whileDaysPass(() =>
    until("the end of the export", async () =>
      (await fhir.request({ path: place })).status === 200 ? true : undefined,
    ),
  );
  return patient.id;
};

const everyVersion = async (Bucket: string | undefined) => {
  const found: ObjectVersion[] = [];
  let from: Pick<ListObjectVersionsRequest, "KeyMarker" | "VersionIdMarker"> =
    {};
  for (;;) {
    const { Versions = [], ...page } = await s3.send(
      new ListObjectVersionsCommand({ Bucket, ...from }),
    );
    found.push(...Versions);
    if (page.IsTruncated !== true) return found;
    from = {
      KeyMarker: page.NextKeyMarker,
      VersionIdMarker: page.NextVersionIdMarker,
    };
  }
};

/** Every version of every object of every bucket, as text. */
const everyObject = async (): Promise<readonly string[]> => {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const texts: string[] = [];
  for (const { Name: Bucket } of Buckets) {
    if (Bucket?.startsWith("cdk")) continue;
    for (const { Key, VersionId } of await everyVersion(Bucket)) {
      if (/\.(zip|json\.template)$/.test(Key ?? "")) continue;
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket, Key, VersionId }),
      );
      texts.push(
        `${Bucket ?? ""} ${Key ?? ""} ${Buffer.from((await Body?.transformToByteArray()) ?? []).toString("latin1")}`,
      );
    }
  }
  return texts;
};

const everyItem = async (): Promise<readonly string[]> => {
  const { TableNames } = await world.call<{ TableNames: string[] }>(
    "dynamodb",
    "DynamoDB_20120810.ListTables",
    {},
  );
  return (
    await Promise.all(TableNames.map((table) => allItems(world.call, table)))
  )
    .flat()
    .map((item) =>
      JSON.stringify(item, (key, value: unknown) =>
        key === "B" && typeof value === "string"
          ? Buffer.from(value, "base64").toString("latin1")
          : value,
      ),
    );
};

const signsIn = (texts: readonly string[]): readonly string[] =>
  texts
    .filter((text) => text.toLowerCase().includes(sign))
    .map((text) => text.slice(0, 200));

describe("the erasure of a patient", () => {
  it("is refused under a hold, then leaves nothing behind and a certificate that verifies", async () => {
    const id = await aRecord();
    const path = `v1/patients/${id}`;
    expect(signsIn(await everyObject())).not.toEqual([]);

    await officer.expect({
      method: "PUT",
      path: `${path}/hold`,
      body: JSON.stringify({ reason: "litigation", text: `${sign}matter` }),
      headers: { "content-type": "application/json" },
    });
    const held = await officer.request<{ detail: string }>({
      method: "POST",
      path: `${path}/erasure`,
    });
    expect(held.status).toBe(409);
    expect(held.body.detail).toContain("legal-hold");
    await officer.request({ method: "DELETE", path: `${path}/hold` });

    const started = await officer.request<Shown>({
      method: "POST",
      path: `${path}/erasure`,
    });
    expect(started.body).toMatchObject({ status: "requested" });
    expect(started.status).toBe(202);
    await world.whileDaysPass(() =>
      until("the certificate", async () => {
        const { body } = await officer.request<Shown>({
          path: `${path}/erasure`,
        });
        return body.status === "certified" ? true : undefined;
      }),
    );

    expect((await world.fhir.request({ path: `Patient/${id}` })).status).toBe(
      410,
    );
    expect(signsIn(await everyItem())).toEqual([]);
    expect(signsIn(await everyObject())).toEqual([]);
    expect(signsIn(await allLogLines(world.call))).toEqual([]);
    const { UserPools } = await world.call<{
      UserPools: { Id: string; Name: string }[];
    }>("cognito-idp", "AWSCognitoIdentityProviderService.ListUserPools", {
      MaxResults: 60,
    });
    const pool = UserPools.find(({ Name }) => Name === named("patients"))?.Id;
    await expect(
      world.call(
        "cognito-idp",
        "AWSCognitoIdentityProviderService.AdminGetUser",
        { UserPoolId: pool, Username: id },
      ),
    ).rejects.toThrow("UserNotFound");

    const answer = await fetch(
      `${world.urls.api}/${path}/erasure/certificate`,
      {
        headers: {
          authorization: `Bearer ${await world.accounts.staff("privacy-officer")}`,
        },
      },
    );
    const file = Buffer.from(await answer.arrayBuffer());
    const signed = readCertificate(file);
    expect(signed?.certificate.patients.map((one) => one.id)).toEqual([id]);
    const { PublicKey } = await world.call<{ PublicKey: string }>(
      "kms",
      "TrentService.GetPublicKey",
      { KeyId: signed?.certificate.key ?? "" },
    );
    const key = createPublicKey({
      key: Buffer.from(PublicKey, "base64"),
      format: "der",
      type: "spki",
    });
    expect(signed !== undefined && isCertifiedBy(signed, key)).toBe(true);
    file[40] = (file[40] ?? 0) ^ 1;
    const changed = readCertificate(file);
    expect(changed !== undefined && isCertifiedBy(changed, key)).toBe(false);
  });

  it("is refused while the law wants the record of care kept", async () => {
    const patient = await world.fhir.expect<Patient>({
      method: "POST",
      path: "Patient",
      body: { resourceType: "Patient", name: [{ family: "Kept" }] },
    });
    await world.fhir.expect({
      method: "POST",
      path: "Observation",
      body: {
        resourceType: "Observation",
        status: "final",
        code: { text: "Weight" },
        subject: { reference: `Patient/${patient.id ?? ""}` },
      },
    });
    const answer = await officer.request<{ detail: string }>({
      method: "POST",
      path: `v1/patients/${patient.id ?? ""}/erasure`,
    });
    expect(answer.status).toBe(409);
    expect(answer.body.detail).toContain("retention-duty us-other-states");
    expect(
      (await world.fhir.request({ path: `Patient/${patient.id ?? ""}` }))
        .status,
    ).toBe(200);
  });
});
