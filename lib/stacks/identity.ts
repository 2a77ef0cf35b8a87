import { CfnOutput, Duration } from "aws-cdk-lib";
import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StandardThreatProtectionMode,
  UserPool,
  UserPoolClient,
  UserPoolGroup,
  type UserPoolResourceServer,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import { roles } from "../../functions/core/settings.ts";
import type { SessionLimits } from "../../functions/core/session.ts";
import { inCognito } from "../../functions/core/scopes.ts";
import type { ServiceFunction } from "../constructs/service-function.ts";
import {
  OrganizationStack,
  type OrganizationStackProps,
} from "../organization-stack.ts";

interface ClinicSystem {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly client: UserPoolClient;
}

/** Who may sign in: patients, staff, and the clinic's systems. */
export class IdentityStack extends OrganizationStack {
  readonly patients: UserPool;
  readonly staff: UserPool;
  readonly #portal: UserPoolClient;
  readonly #console: UserPoolClient;
  readonly #systems: readonly ClinicSystem[];
  /** Where the organization's clients get tokens. */
  readonly signInUrl: string;

  constructor(scope: Construct, id: string, props: OrganizationStackProps) {
    super(scope, id, props);
    this.patients = this.#createPool("patients");
    this.staff = this.#createPool("staff");
    for (const role of roles)
      new UserPoolGroup(this, `staff-${role}`, {
        userPool: this.staff,
        groupName: role,
      });
    const { patient, staff } = this.organization.settings.sessions;
    this.#portal = this.#createApp("portal", this.patients, patient);
    this.#console = this.#createApp("console", this.staff, staff);
    const domainPrefix = `${this.slug}-staff-${this.account}`;
    this.staff.addDomain("SignIn", { cognitoDomain: { domainPrefix } });
    this.signInUrl = `https://${domainPrefix}.auth.${this.region}.amazoncognito.com`;
    this.#systems = this.#createSystems();
    this.#output();
  }

  /** The scopes of which an access token must carry one: a person's sign-in, or a clinic system's. */
  get accessScopes(): readonly string[] {
    return [
      "aws.cognito.signin.user.admin",
      ...new Set(
        this.#systems.flatMap(({ scopes }) =>
          scopes.map((one) => inCognito(one).whole),
        ),
      ),
    ];
  }

  /** Lets a function tell whose token it was given. */
  verifiedBy(verifier: ServiceFunction): ServiceFunction {
    return verifier.know({
      PATIENT_POOL_ID: this.patients.userPoolId,
      PATIENT_CLIENT_IDS: this.#portal.userPoolClientId,
      STAFF_POOL_ID: this.staff.userPoolId,
      STAFF_CLIENT_IDS: this.#console.userPoolClientId,
      CLINIC_CLIENTS: JSON.stringify(
        Object.fromEntries(
          this.#systems.map(({ name, scopes, client }) => {
            const { location, purposes } =
              this.organization.clients[name] ?? {};
            return [
              client.userPoolClientId,
              { name, scopes, location, purposes },
            ];
          }),
        ),
      ),
    });
  }

  #output(): void {
    const outputs = {
      PatientPoolId: this.patients.userPoolId,
      StaffPoolId: this.staff.userPoolId,
      PortalClientId: this.#portal.userPoolClientId,
      ConsoleClientId: this.#console.userPoolClientId,
      SystemClientIds: JSON.stringify(
        Object.fromEntries(
          this.#systems.map(({ name, client }) => [
            name,
            client.userPoolClientId,
          ]),
        ),
      ),
    };
    for (const [name, value] of Object.entries(outputs))
      new CfnOutput(this, name, { value });
  }

  #createPool(name: "patients" | "staff"): UserPool {
    const { disposable } = this.organization;
    return new UserPool(this, name, {
      userPoolName: this.named(name),
      selfSignUpEnabled: false,
      // A username is the id of the record (an id knows upper and lower case); the e-mail address is another way to write it.
      signInAliases: { username: true, email: true },
      signInCaseSensitive: true,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
        passwordHistorySize: 10,
      },
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      keepOriginal: { email: true },
      deletionProtection: !disposable,
      removalPolicy: this.removalPolicy,
    });
  }

  #createApp(
    name: string,
    userPool: UserPool,
    { absoluteHours }: SessionLimits,
  ): UserPoolClient {
    return new UserPoolClient(this, name, {
      userPool,
      userPoolClientName: this.named(name),
      // A throw-away deployment is signed in to by programs, which cannot answer SRP without the user's password either way.
      authFlows: {
        userSrp: true,
        adminUserPassword: this.organization.disposable,
      },
      disableOAuth: true,
      accessTokenValidity: Duration.minutes(10),
      idTokenValidity: Duration.minutes(10),
      // The API ends a session earlier when it is idle, or ended; a removed account gets no token from the next refresh on.
      refreshTokenValidity: Duration.hours(absoluteHours),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    });
  }

  #createSystems(): readonly ClinicSystem[] {
    const clients = Object.entries(this.organization.clients);
    const scopes = new Map(
      clients
        .flatMap(([, client]) => client.scopes)
        .map(inCognito)
        .map(({ name: scopeName }) => [
          scopeName,
          new ResourceServerScope({
            scopeName,
            scopeDescription: `SMART system scope ${scopeName}`.slice(0, 256),
          }),
        ]),
    );
    if (scopes.size === 0) return [];
    const server: UserPoolResourceServer = this.staff.addResourceServer(
      "System",
      {
        identifier: "system",
        scopes: [...scopes.values()],
      },
    );
    return clients.map(([name, client]) => ({
      name,
      scopes: client.scopes,
      client: new UserPoolClient(this, `system-${name}`, {
        userPool: this.staff,
        userPoolClientName: this.named(`system-${name}`),
        generateSecret: true,
        authFlows: {},
        oAuth: {
          flows: { clientCredentials: true },
          scopes: [...scopes].flatMap(([scopeName, scope]) =>
            client.scopes.some((one) => inCognito(one).name === scopeName)
              ? [OAuthScope.resourceServer(server, scope)]
              : [],
          ),
        },
        accessTokenValidity: Duration.minutes(10),
        enableTokenRevocation: true,
        preventUserExistenceErrors: true,
      }),
    }));
  }
}
