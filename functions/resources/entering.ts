import type { Resource } from "@medplum/fhirtypes";

type Staged = Resource & { readonly status?: string };

/** Names a change by the status that a resource enters. */
export const entering =
  <T extends Staged>(
    names: Readonly<Partial<Record<NonNullable<T["status"]>, string>>>,
  ) =>
  (after: T | undefined, before: T | undefined): string | undefined =>
    after?.status !== undefined && after.status !== before?.status
      ? names[after.status as NonNullable<T["status"]>]
      : undefined;
