import { escalations } from "../../functions/core/contact.ts";
import {
  staffTask,
  taskReasons,
  type TaskReason,
} from "../../functions/core/staff-task.ts";
import { demo } from "../../organizations/demo.ts";
import { simulatePreVisit } from "../../simulator/pre-visit.ts";
import { preVisit } from "../../workflows/pre-visit.ts";
import { bare, flowchart, type Definition, type State } from "./flowchart.ts";
import { code, codes, fenced, generatedFrom, table } from "./markdown.ts";
import { reasons } from "./reasons.ts";
import { filesOf, sourceOf } from "./source.ts";

const file = `workflows/${preVisit.name}.asl.json`;

/** The page of the pre-visit journey, for the people who answer for it. */
export const preVisitPage = async (): Promise<string> => {
  const definition = JSON.parse(sourceOf(file)) as Definition;
  return [
    generatedFrom(
      `${file}, its neighbour .ts, the code that decides, and a simulation`,
    ),
    "# Pre-visit",
    preVisit.purpose,
    definition.Comment,
    `It starts on ${codes(preVisit.startsOn)} and is looked at again on ${codes(preVisit.endsOn)}. Those events only say where to look: the record is read, and one journey runs per booked visit of a living patient whom consent leaves a channel. A visit that moves gets a new journey at its new time; the old one is stopped. While it runs it shows as a CarePlan of the patient.`,
    "## The chart",
    "Boxes act, diamonds ask, rounded boxes wait. A dotted arrow is what happens when a step keeps failing after all its retries.",
    flowchart(definition),
    "## Step by step",
    steps(definition),
    "## Settings",
    "Each organization sets these in its file; the values are the demo clinic's.",
    settings(),
    "## Why a message is not sent",
    `Each decision, also the one not to send, is a Communication with one of these reasons. What a rule only delays is decided anew when the time has come. ${codes(escalations)} and an outcome that nobody knows lead to a Task.`,
    reasonTable(),
    "## What staff are asked to do",
    "Each is a Task for the team named, in the patient's record. The same thing is asked once, however often an event repeats.",
    taskTable(),
    "## As it happens",
    "Invented patients, taken through this very file by the simulator with the deployed code; `npm run simulate -- pre-visit --patient silent` plays one.",
    ...(await timelines()),
  ].join("\n\n");
};

const steps = ({ States }: Definition): string =>
  table(
    ["step", "what happens"],
    Object.entries(States).map(([name, state]) => [name, said(state)]),
  );

const said = (state: State): string => {
  const { Type, Comment, Timestamp, Choices = [], Default, Next } = state;
  const next = Next === undefined ? "" : ` Then: *${Next}*.`;
  const comment = Comment === undefined ? "" : `${Comment} `;
  switch (Type) {
    case "Choice":
      return `${Choices.map(({ Condition, Next: to }) => `If ${code(bare(Condition))}: *${to}*.`).join(" ")} Otherwise: *${Default ?? ""}*.`;
    case "Wait":
      return `${comment}Until ${code(bare(Timestamp ?? ""))}.${next}`;
    case "Succeed":
      return "The end.";
    case "Fail":
      return "The end of a journey that failed; operators are alarmed.";
    default:
      return `${comment}${next}`.trim();
  }
};

const meanings: Readonly<Record<(typeof preVisit.parameters)[number], string>> =
  {
    "preVisit.remindersBefore":
      "Hours before the visit at which a reminder is due. One whose time has passed at booking is left out.",
    "preVisit.callAfterSilenceOn":
      "The reminder, in hours before the visit, whose silence leads to a call.",
    "preVisit.answerWithin":
      "Hours that the patient has to answer it, from when it was sent, at most until the visit.",
    contactHours:
      "Nothing is sent outside these hours on the clock of the place where the patient lives. The law's hours narrow them further.",
    contactBudget:
      "Messages to a patient over all journeys. The confirmation does not count.",
    channels:
      "In the order that decides when the patient has not ranked the own addresses.",
  };

const settings = (): string =>
  table(
    ["setting", "demo", "meaning"],
    Object.entries(meanings).map(([path, meaning]) => {
      const value = path
        .split(".")
        .reduce<unknown>(
          (found, name) => (found as Record<string, unknown>)[name],
          demo.settings,
        );
      return [code(path), code(JSON.stringify(value)), meaning];
    }),
  );

const reasonTable = (): string =>
  table(
    ["reason", "in words", "given"],
    reasons().map(({ code: reason, text, where }) => [
      code(reason),
      text,
      where,
    ]),
  );

/** What leads to each Task. */
const causes: Readonly<Record<TaskReason, string>> = {
  silence: "The reminder that asks for an answer got none in time.",
  unreachable: "No channel is left, or the rules say that a person must look.",
  "unknown-outcome": "A provider did not say whether it took a message.",
  reschedule: "The patient answered with R.",
  reply: "The patient wrote something else than a known word.",
  "ambiguous-reply":
    "The number belongs to several visits' messages of the same hour.",
  "unknown-sender": "No patient, and nobody related to one, has the number.",
  "not-cancelled": "The patient answered with X after the visit had begun.",
  "subscription-failed": "An endpoint took no notifications for hours.",
  duplicate: "A new or changed record is like another patient's.",
  "journey-failed": "A step of the journey kept failing.",
  "export-failed": "A step of a bulk export kept failing.",
  "import-failed": "A step of a bulk import kept failing.",
  "erasure-failed": "A step of an erasure kept failing.",
  "disposal-due": "Records need not be kept any longer.",
  "privacy-request-overdue":
    "Nobody has decided a privacy request by the day the law sets.",
  "privacy-request-stuck": "A step of a privacy request kept failing.",
  "amendment-inform":
    "An amendment was accepted, and the patient named others or the law has recipients told.",
  "privacy-letter": "Staff wrote a privacy request down for the patient.",
  "vendor-agreement-ends":
    "What binds a vendor ends, or is due for review, in 60, 30 or 7 days, or is over.",
  "emergency-access-review": "Somebody opened a record in an emergency.",
};

const raisers = [
  file,
  ...filesOf("functions/tasks"),
  ...filesOf("functions/events"),
].map(sourceOf);

const isRaised = (reason: TaskReason): boolean =>
  raisers.some((source) => source.includes(`"${reason}"`));

const taskTable = (): string =>
  table(
    ["reason", "because", "asked", "of", "priority"],
    taskReasons.filter(isRaised).map((reason) => {
      const {
        code: asked,
        performerType,
        priority = "",
      } = staffTask({
        reason,
        identifier: {},
        authoredOn: "",
      });
      return [
        code(reason),
        causes[reason],
        asked?.text ?? "",
        performerType?.[0]?.coding?.[0]?.code ?? "",
        priority,
      ];
    }),
  );

/** Links are random; what stands behind them is not told anyway. */
const timelines = async (): Promise<readonly string[]> =>
  (await simulatePreVisit([])).split("\n\n").map((told) => {
    const [title = "", ...lines] = told.split("\n");
    const [name = "", about = ""] = title.split(/: (.*)/su);
    return [
      `### ${name}`,
      `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
      fenced(
        "text",
        lines.join("\n").replaceAll(/\/m\/[0-9A-Z]{12}/gu, "/m/…"),
      ),
    ].join("\n\n");
  });
