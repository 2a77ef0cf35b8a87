import { createHash } from "node:crypto";
import jsonata from "jsonata";
import { seededRandom, uuid } from "./random.ts";
import type { Surroundings } from "./scope.ts";

/** The name under which an evaluation's own state travels in jsonata's environment: no expression can write it. */
export const evaluationKey = "#";

export interface Evaluation {
  readonly surroundings: Surroundings;
  depth: number;
  readonly deadline: number;
}

/** What an evaluation throws; jsonata puts its own message where it knows the code. */
export class EvaluationError extends Error {
  constructor(message: string, details: object = {}) {
    super(message);
    Object.assign(this, details);
  }
}

interface Focus {
  readonly environment: { lookup: (name: string | symbol) => unknown };
}
interface AwsFunction {
  readonly signature: string;
  readonly run: (this: Focus, ...args: never[]) => unknown;
}

const evaluation = (focus: Focus) =>
  focus.environment.lookup(evaluationKey) as Evaluation;
const invalid = (message: string) =>
  new EvaluationError(message, { code: "D3137" });
const algorithms = ["SHA-1", "SHA-384", "SHA-256", "SHA-512", "MD5"];
const formatMillis = jsonata("$fromMillis($millis, $picture, $zone)");

/** Step Functions refuses to build a longer range than this. */
const longestRange = 360_145;
export const memoryExceeded = () =>
  new EvaluationError("Expression evaluation memory limit exceeded");

/**
 * The functions that Step Functions adds to JSONata 2.0.6 or defines anew, with their jsonata signatures; `$eval` does not exist.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export const awsFunctions: Record<string, AwsFunction> = {
  parse: {
    signature: "<s?:x>",
    run(text?: string) {
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw invalid("Invalid JSON");
      }
    },
  },
  partition: {
    signature: "<x?n?:a>",
    run(array?: unknown, size?: number) {
      if (array === undefined) return undefined;
      if (!Array.isArray(array))
        throw new EvaluationError("", {
          code: "T0412",
          index: 1,
          token: "partition",
          type: undefined,
        });
      if (array.length === 0) return undefined;
      if (size === undefined) return [array];
      const step = Math.trunc(size);
      if (step < 0) throw invalid("Second argument must be zero or greater");
      if (step === 0) return undefined;
      return Array.from(
        { length: Math.ceil(array.length / step) },
        (_, i) => array.slice(i * step, (i + 1) * step) as unknown,
      );
    },
  },
  range: {
    signature: "<nnn?:a>",
    run(from?: number, to?: number, by?: number) {
      if (from === undefined || to === undefined || by === undefined)
        return undefined;
      const [start, end, step] = [
        Math.trunc(from),
        Math.trunc(to),
        Math.trunc(by),
      ];
      if (step === 0 || (step > 0 ? start > end : start < end))
        return undefined;
      const length = Math.floor((end - start) / step) + 1;
      if (length > longestRange) throw memoryExceeded();
      return length === 1
        ? start
        : Array.from({ length }, (_, i) => start + i * step);
    },
  },
  hash: {
    signature: "<ss?:s>",
    run(text?: string, algorithm?: string) {
      if (text === undefined || algorithm === undefined) return undefined;
      if (!algorithms.includes(algorithm)) {
        throw invalid(
          `Hash algorithm '${algorithm}' must be one of ${algorithms.join(", ")}`,
        );
      }
      return createHash(algorithm.replace("-", "").toLowerCase())
        .update(text)
        .digest("hex");
    },
  },
  random: {
    signature: "<n?:n>",
    run(seed?: number) {
      return seed === undefined
        ? evaluation(this).surroundings.random()
        : seededRandom(seed);
    },
  },
  uuid: {
    signature: "<:s>",
    run() {
      return uuid(evaluation(this).surroundings.random);
    },
  },
  now: {
    signature: "<s?s?:s>",
    run(picture?: string, zone?: string) {
      const { now } = evaluation(this).surroundings;
      if (picture === undefined && zone === undefined)
        return new Date(now).toISOString();
      return formatMillis.evaluate(undefined, { millis: now, picture, zone });
    },
  },
  millis: {
    signature: "<:n>",
    run() {
      return evaluation(this).surroundings.now;
    },
  },
};
