import {
  Dashboard as CdkDashboard,
  GraphWidget,
  TextWidget,
  type IMetric,
  type IWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { OrganizationStack } from "../organization-stack.ts";
import {
  apiMetric,
  deadLetterMetric,
  functionMetric,
  journeyMetric,
  type Watched,
} from "../watched.ts";
import { factLines, factSum, total } from "./metrics.ts";

/** One page for both: the upper half for whoever runs the clinic's day, the lower half for whoever runs the system. */
export class Dashboard extends CdkDashboard {
  constructor(scope: Construct, id: string, watched: Watched) {
    const stack = OrganizationStack.of(scope);
    super(scope, id, { dashboardName: stack.named("overview") });
    for (const row of [
      ...forTheClinic(stack),
      ...forEngineers(stack.named("api"), watched),
    ])
      this.addWidgets(...row);
  }
}

type Rows = readonly (readonly IWidget[])[];

const text = (markdown: string, height = 2): readonly IWidget[] => [
  new TextWidget({ markdown, width: 24, height }),
];

const graph = (
  title: string,
  left: readonly IMetric[],
  { width = 8, stacked = false, right = [] as readonly IMetric[] } = {},
): GraphWidget =>
  new GraphWidget({
    title,
    left: [...left],
    right: [...right],
    width,
    height: 6,
    stacked,
    leftYAxis: { min: 0, showUnits: false },
  });

const forTheClinic = ({ slug, organization }: OrganizationStack): Rows => [
  text(
    `# ${organization.settings.displayName}\nEach point is one hour. Nothing here names a patient: who is behind a number is in the console, under tasks and messages.`,
  ),
  text(
    "## Did we reach our patients?\nSent is accepted by the provider; delivered is confirmed by phone company or mailbox. A message that was held back has a reason: no consent, quiet hours, enough contacts this week, no longer true.",
  ),
  [
    graph("Sent, by channel", [factLines(slug, "MessageSent")], {
      stacked: true,
    }),
    graph("Delivered, by channel", [factLines(slug, "MessageDelivered")], {
      stacked: true,
    }),
    graph(
      "Held back, by reason",
      [
        factLines(slug, "MessageSuppressed"),
        factSum(slug, "MessageDeferred", "later: quiet hours"),
      ],
      { stacked: true },
    ),
  ],
  text(
    "## Do they answer, and who needs us?\nA task is work for a person: a call after silence, an unclear reply, a journey that could not go on.",
  ),
  [
    graph("Replies and opt-outs", [
      factSum(slug, "ReplyReceived", "replies"),
      factSum(slug, "PatientOptedOut", "opted out"),
    ]),
    graph("Tasks for staff", [factSum(slug, "TaskRaised", "raised")]),
    graph("Appointments", [
      factSum(slug, "AppointmentBooked", "booked"),
      factSum(slug, "AppointmentCancelled", "cancelled"),
    ]),
  ],
  text(
    "## Are the journeys on their way?\nA journey stops when its visit is cancelled, moved or over. Failed is ours to repair: see the runbook.",
  ),
  [
    graph(
      "Journeys",
      [
        factSum(slug, "JourneyStarted", "started"),
        factSum(slug, "JourneyStopped", "stopped"),
        factSum(slug, "JourneyFailed", "failed"),
      ],
      { width: 12 },
    ),
    graph("Failed to send, by channel", [factLines(slug, "MessageFailed")], {
      width: 12,
      stacked: true,
    }),
  ],
];

const forEngineers = (
  api: string,
  { functions, journeys, deadLetters }: Watched,
): Rows => [
  text(
    "# For engineers\nEach alarm says what patients notice, and has its heading in docs/runbook.md.",
  ),
  [
    graph(
      "API: requests and errors",
      [apiMetric(api, "Count"), apiMetric(api, "4XXError")],
      { right: [apiMetric(api, "5XXError")] },
    ),
    graph("API: latency in ms", [
      apiMetric(api, "Latency", "p50"),
      apiMetric(api, "Latency", "p99"),
      apiMetric(api, "IntegrationLatency", "p99"),
    ]),
    graph(
      "Dead letters",
      deadLetters.map((letters) =>
        deadLetterMetric(letters).with({ label: letters.label }),
      ),
    ),
  ],
  [
    graph(
      "Functions: errors and throttles",
      functions.flatMap((each) => [
        functionMetric(each, "Errors").with({ label: each.label }),
        functionMetric(each, "Throttles").with({
          label: `${each.label} throttled`,
        }),
      ]),
    ),
    graph(
      "Functions: duration, p99 in ms",
      functions.map((each) =>
        functionMetric(each, "Duration", "p99").with({ label: each.label }),
      ),
    ),
    graph(
      "Age of unpublished facts in ms",
      functions
        .filter(({ label }) => label === "events-publish-facts")
        .map((each) => functionMetric(each, "IteratorAge", "Maximum")),
    ),
  ],
  [
    graph(
      "Executions",
      journeys.flatMap((journey) =>
        [
          "ExecutionsStarted",
          "ExecutionsSucceeded",
          "ExecutionsAborted",
          "ExecutionsFailed",
          "ExecutionsTimedOut",
        ].map((name) =>
          journeyMetric(journey, name).with({
            label: `${journey.label}: ${name}`,
          }),
        ),
      ),
    ),
    graph("What costs: invocations", [
      total(
        "functions",
        functions.map((each) => functionMetric(each, "Invocations")),
      ),
      apiMetric(api, "Count").with({ label: "API requests" }),
    ]),
    graph(
      "What costs: executions started",
      journeys.map((journey) =>
        journeyMetric(journey, "ExecutionsStarted").with({
          label: journey.label,
        }),
      ),
    ),
  ],
];
