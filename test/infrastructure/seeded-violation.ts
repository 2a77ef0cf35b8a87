import { CfnTopic } from "aws-cdk-lib/aws-sns";
import { sojourn } from "../../lib/app.ts";
import { readJourneys } from "../../lib/journeys.ts";
import { demo } from "../../organizations/demo.ts";

/** The app with one fault in it: a topic without a key. */
const app = sojourn({
  organizations: [demo],
  journeys: await readJourneys(),
  nag: true,
});
new CfnTopic(app.node.findChild("demo").node.findChild("operations"), "Open");
app.synth();
