import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { Key, type IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { Organization } from "../functions/core/organization.ts";

type KeyPurpose = "records" | "keys" | "logs" | "messaging" | "journeys";
export type Keys = Readonly<Record<KeyPurpose, IKey>>;

export interface OrganizationStackProps {
  readonly organization: Organization;
  readonly keys: Keys;
}

/** A stack of one organization; constructs ask it for names, keys and what becomes of data. */
export class OrganizationStack extends Stack {
  readonly organization: Organization;
  readonly #keys: Keys | undefined;
  readonly #handles = new Map<KeyPurpose, IKey>();

  constructor(
    scope: Construct,
    id: string,
    {
      organization,
      keys,
    }: Omit<OrganizationStackProps, "keys"> & Partial<OrganizationStackProps>,
  ) {
    const { account, region, disposable } = organization;
    super(scope, id, {
      env: { account, region },
      terminationProtection: !disposable,
    });
    this.organization = organization;
    this.#keys = keys;
  }

  static override of(construct: Construct): OrganizationStack {
    const stack = Stack.of(construct);
    if (stack instanceof OrganizationStack) return stack;
    throw new Error(
      `${construct.node.path} must be in a stack of an organization`,
    );
  }

  /** `demo` */
  get slug(): string {
    return this.organization.settings.slug;
  }

  /** A name that is one organization's own in its account: `sojourn-demo-<name>`. */
  named(name: string): string {
    return `sojourn-${this.slug}-${name}`;
  }

  get removalPolicy(): RemovalPolicy {
    return this.organization.disposable
      ? RemovalPolicy.DESTROY
      : RemovalPolicy.RETAIN;
  }

  /** The organization's key for a purpose, as a handle that never edits the key's policy from another stack. */
  key(purpose: KeyPurpose): IKey {
    const known = this.#handles.get(purpose);
    if (known !== undefined) return known;
    const key = this.#keys?.[purpose];
    if (key === undefined)
      throw new Error(`${this.node.path} was given no ${purpose} key`);
    const handle = Key.fromKeyArn(this, `${purpose}-key`, key.keyArn);
    this.#handles.set(purpose, handle);
    return handle;
  }
}
