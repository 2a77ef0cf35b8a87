import { Annotations, App, Validations } from "aws-cdk-lib";
import featureFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { HIPAASecurityChecks } from "cdk-nag";
import type { Organization } from "../functions/core/organization.ts";
import type { JourneyFile } from "./journeys.ts";
import { OrganizationStage } from "./organization-stage.ts";
import { checkVendors } from "./vendors.ts";

export interface SojournProps {
  readonly organizations: readonly Organization[];
  readonly journeys: readonly JourneyFile[];
  /** Checks every template against the HIPAA Security pack; findings make `synth` fail. */
  readonly nag: boolean;
  /** Where the assembly is written; the CLI's choice, or a temporary directory, unless told. */
  readonly outdir?: string;
  /** The day for which the agreements of vendors are looked at; now unless told. */
  readonly today?: Date;
}

/** The whole app: one stage per organization, named by its slug. Throws when no agreement binds a vendor that one of them uses. */
export const sojourn = ({
  organizations,
  journeys,
  nag,
  outdir,
  today = new Date(),
}: SojournProps): App => {
  const app = new App({
    postCliContext: featureFlags,
    analyticsReporting: false,
    ...(outdir !== undefined && { outdir }),
  });
  for (const organization of organizations) {
    const warnings = checkVendors(organization, today);
    const stage = new OrganizationStage(app, organization.settings.slug, {
      organization,
      journeys,
    });
    for (const warning of warnings)
      Annotations.of(stage).addWarningV2("sojourn:vendor-agreement", warning);
    if (!nag) continue;
    // At the stage: what the pack adds at the app, the acknowledgements in the templates, does not reach into stages.
    Validations.of(stage).addPlugins(
      new HIPAASecurityChecks(stage, {
        writeSuppressionsToCloudFormation: true,
      }),
    );
  }
  return app;
};
