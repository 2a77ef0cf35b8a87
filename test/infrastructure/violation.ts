import { Stack } from "aws-cdk-lib";
import { CfnTopic } from "aws-cdk-lib/aws-sns";
import { sojourn } from "../../lib/app.ts";
import { readJourneys } from "../../lib/journeys.ts";
import { demo } from "../../organizations/demo.ts";

const app = sojourn({
  organizations: [demo],
  journeys: await readJourneys(),
  nag: true,
});
const operations = app.node.findChild("demo").node.findChild("operations");
if (!(operations instanceof Stack)) throw new Error("operations is no stack");
new CfnTopic(operations, "WithoutKey");
app.synth();
