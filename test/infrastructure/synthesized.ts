import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
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
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
  /** Findings of the HIPAA pack that somebody answered for, with the reason. */
  readonly acknowledged: readonly {
    readonly id: string;
    readonly reason: string;
  }[];
}

interface Template {
  readonly Resources?: Readonly<
    Record<
      string,
      {
        Type: string;
        Properties?: Record<string, unknown>;
        DeletionPolicy?: string;
        Metadata?: {
          cdk_nag?: { rules_to_suppress: Resource["acknowledged"] };
        };
      }
    >
  >;
}

let resources: readonly Resource[] = [];

/** Synthesizes a lasting and a disposable organization for all rules of a test file; a finding of the HIPAA pack throws. */
export const synthesize = async (): Promise<void> => {
  const outdir = await mkdtemp(join(tmpdir(), "sojourn-assembly-"));
  const app = sojourn({
    organizations: [acme, demo],
    journeys: await readJourneys(),
    nag: true,
    outdir,
  });
  resources = app
    .synth()
    .nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks)
    .flatMap(({ hierarchicalId, template }) =>
      Object.entries((template as Template).Resources ?? {}).map(
        ([logicalId, { Type, Properties = {}, DeletionPolicy, Metadata }]) => ({
          stack: hierarchicalId,
          logicalId,
          type: Type,
          properties: Properties,
          deletionPolicy: DeletionPolicy,
          acknowledged: Metadata?.cdk_nag?.rules_to_suppress ?? [],
        }),
      ),
    );
  await rm(outdir, { recursive: true });
};

export const allResources = (): readonly Resource[] => resources;

/** The resources of a type, at least one, of all organizations or of one. */
export const ofType = (type: string, slug = ""): readonly Resource[] => {
  const found = resources.filter(
    (resource) => resource.type === type && resource.stack.startsWith(slug),
  );
  expect(found, `${type} in the templates`).not.toHaveLength(0);
  return found;
};

/** A property of each resource of a type, as text. */
export const texts = (
  type: string,
  property: string,
  slug = "",
): readonly string[] =>
  ofType(type, slug).map(({ properties }) => String(properties[property]));

/** Expects every resource of a type to have this shape; the failure names the one that has not. */
export const everyOne = (
  type: string,
  shape: Readonly<Record<string, unknown>>,
  slug = "",
): void => {
  for (const { stack, logicalId, properties } of ofType(type, slug)) {
    expect(properties, `${stack}/${logicalId}`).toMatchObject(shape);
  }
};

/** In a shape: there is something. */
export const some: unknown = expect.anything();
