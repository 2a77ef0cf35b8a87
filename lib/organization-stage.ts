import { Stage, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Organization } from "../functions/core/organization.ts";
import type { JourneyFile } from "./journeys.ts";
import { checkPolicies } from "./policies.ts";
import { ApiStack } from "./stacks/api.ts";
import { AuditStack } from "./stacks/audit.ts";
import { DataStack } from "./stacks/data.ts";
import { EngagementStack } from "./stacks/engagement.ts";
import { IdentityStack } from "./stacks/identity.ts";
import { JourneysStack } from "./stacks/journeys.ts";
import { OperationsStack } from "./stacks/operations.ts";

export interface OrganizationStageProps {
  readonly organization: Organization;
  readonly journeys: readonly JourneyFile[];
}

/** Everything of one organization, in its own account and region. */
export class OrganizationStage extends Stage {
  constructor(
    scope: Construct,
    id: string,
    { organization, journeys }: OrganizationStageProps,
  ) {
    super(scope, id, {
      env: { account: organization.account, region: organization.region },
    });
    checkPolicies(organization.jurisdictions);
    Tags.of(this).add("sojourn:organization", organization.settings.slug);

    const { keys, record, files } = new DataStack(this, "data", {
      organization,
    });
    const house = { organization, keys };
    new AuditStack(this, "audit", { ...house, record });
    const identity = new IdentityStack(this, "identity", house);
    const { bus, channels } = new EngagementStack(this, "engagement", {
      ...house,
      record,
    });
    const { journeys: machines } = new JourneysStack(this, "journeys", {
      ...house,
      record,
      files,
      identity,
      bus,
      channels,
      journeys,
    });
    new ApiStack(this, "api", {
      ...house,
      record,
      files,
      identity,
      journeys: machines,
    });
    // Last: it watches whatever the others made.
    new OperationsStack(this, "operations", { ...house, stage: this });
  }
}
