import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import type { Organization } from "../../functions/core/organization.ts";
import { sojourn } from "../../lib/app.ts";
import { readJourneys } from "../../lib/journeys.ts";
import { demo } from "../../organizations/demo.ts";

/** A clinic that is here to stay: nothing of it goes with its stacks. */
export const acme: Organization = {
  ...demo,
  settings: { ...demo.settings, slug: "acme", displayName: "Acme Clinic" },
  account: "111122223333",
  region: "us-west-2",
  sms: {
    originationIdentity: "phone-0123456789abcdef",
    phoneNumber: "+12025550198",
  },
  operators: ["operator@acme.example"],
  disposable: false,
};

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Json>>;
  readonly deletionPolicy: string | undefined;
}

// A template is JSON of any shape; tests reach into it by name.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

interface Template {
  readonly Resources?: Record<
    string,
    { Type: string; Properties?: Record<string, Json>; DeletionPolicy?: string }
  >;
}

/** An app whose assembly goes away with the test. */
export const anApp = async (
  organizations: readonly Organization[],
  { nag = false } = {},
): Promise<App & Disposable> => {
  const outdir = mkdtempSync(join(tmpdir(), "sojourn-assembly-"));
  const app = sojourn({
    organizations,
    journeys: await readJourneys(),
    nag,
    outdir,
  });
  return Object.assign(app, {
    [Symbol.dispose]: () => rmSync(outdir, { recursive: true, force: true }),
  });
};

/** Every resource of every stack of an app. */
export const resourcesOf = (app: App): readonly Resource[] =>
  app
    .synth()
    .nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks)
    .flatMap(({ hierarchicalId, template }) =>
      Object.entries((template as Template).Resources ?? {}).map(
        ([logicalId, { Type, Properties = {}, DeletionPolicy }]) => ({
          stack: hierarchicalId,
          logicalId,
          type: Type,
          properties: Properties,
          deletionPolicy: DeletionPolicy,
        }),
      ),
    );
