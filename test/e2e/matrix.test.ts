import { beforeAll, expect, test } from "vitest";
import { signedOut } from "../api/matrix-callers.ts";
import { aClinic, type Clinic, type Send } from "../api/matrix-clinic.ts";
import { faultsOf, type RefusalFact } from "../api/matrix-judge.ts";
import { askAll } from "../api/matrix-run.ts";
import { tableOf } from "../api/matrix-table.ts";
import { claimsOf, signed, type SignIns } from "../api/matrix-tokens.ts";
import { allItems } from "./aws.ts";
import { signInsAt } from "./matrix-sign-ins.ts";
import { theWorld, type World } from "./world.ts";

let world: World;
let signIns: SignIns;
let clinic: Clinic;

const send: Send = async ({ method, path, headers, body }, token) => {
  const answer = await fetch(`${world.urls.api}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && {
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  });
  return {
    status: answer.status,
    text: await answer.text(),
    location: answer.headers.get("content-location") ?? undefined,
    requestId: answer.headers.get("x-request-id") ?? undefined,
  };
};

beforeAll(async () => {
  world = await theWorld();
  signIns = await signInsAt(world, world.patients[0]?.id ?? "");
  clinic = await aClinic(send, signIns);
  await send(
    { method: "DELETE", path: "/v1/session" },
    signed(
      {
        ...claimsOf(await signIns.staff("privacy-officer")),
        origin_jti: signedOut,
      },
      signIns.keys.staff,
    ),
  );
});

test("every route answers every kind of caller as the rules say, deployed", async () => {
  const started = performance.now();
  const asked = await askAll({ send, signIns, clinic }, 8);
  const seconds = Math.round((performance.now() - started) / 1000);
  const facts = await refusals();
  const cells = asked.map((cell) => ({
    ...cell,
    faults: faultsOf(cell, clinic, facts),
  }));
  console.log(
    `\nAuthorization, each route as each kind of caller, deployed (${String(seconds)} s)\n${tableOf(cells, facts)}\n`,
  );
  expect(cells.flatMap(({ faults }) => faults)).toEqual([]);
  await freeTimes();
}, 3_600_000);

/** Facts of refusals, by the request that was refused. */
const refusals = async (): Promise<ReadonlyMap<string, RefusalFact>> => {
  const { TableNames } = await world.call<{ TableNames: readonly string[] }>(
    "dynamodb",
    "DynamoDB_20120810.ListTables",
    {},
  );
  const records = TableNames.find((name) => /records/iu.test(name)) ?? "";
  const items = (await allItems(world.call, records)) as readonly {
    readonly kind?: Text;
    readonly requestId?: Text;
    readonly policy?: Text;
    readonly changes?: { readonly L: readonly { M: { what?: Text } }[] };
  }[];
  return new Map(
    items.flatMap(({ kind, requestId, policy, changes }) =>
      kind?.S === "refusal" && requestId !== undefined
        ? [
            [
              requestId.S,
              {
                requestId: requestId.S,
                policy: policy?.S,
                what: changes?.L[0]?.M.what?.S,
              },
            ] as const,
          ]
        : [],
    ),
  );
};

interface Text {
  readonly S: string;
}

/** Cancels what was booked, so that no journey goes on. */
const freeTimes = async (): Promise<void> => {
  for (const { patient } of Object.values(clinic.targets))
    for (const { id } of await world.fhir.search("Appointment", {
      patient: `Patient/${patient}`,
      status: "booked",
    }))
      await world.fhir.request({
        method: "POST",
        path: `Appointment/${id ?? ""}/$cancel`,
        body: { resourceType: "Parameters" },
      });
};
