import type { Share } from "./shares.ts";
import type { Comparison } from "./statistics.ts";

export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly platform: string;
  /** Load average over the last minute before the run: what else the machine was doing. */
  readonly load: number;
}

/** What one operation asks of DynamoDB. */
export interface Asked {
  /** `BatchGetItem(2)`: the command with the number of its keys or writes, in order. */
  readonly commands: readonly string[];
  /** Capacity units as DynamoDB reports them. */
  readonly units: number;
}

export interface OperationResult {
  readonly name: string;
  readonly comparison: Comparison;
  /** The environment has not seen the patient before. */
  readonly first: Asked;
  readonly warm: Asked;
}

export interface ModuleWeight {
  readonly name: string;
  readonly bytes: number;
}

export interface BundleResult {
  readonly name: string;
  readonly bytes: number;
  readonly heaviest: readonly ModuleWeight[];
  /** Chunks of our own that are loaded when needed, with what each brings beside what is loaded already. */
  readonly lazy: readonly ModuleWeight[];
  readonly imported: Comparison;
  /** Processor time of the same imports, which other work on the machine disturbs less. */
  readonly processor: Comparison;
}

export interface ColdResult {
  readonly importing: number;
  readonly firstCall: number;
  readonly secondCall: number;
  readonly bareImporting: number;
  readonly bareFirstCall: number;
  readonly samples: number;
}

export interface PermissionResult {
  /** Decisions a second that Cedar takes. */
  readonly asked: number;
  /** Decisions a second that are remembered. */
  readonly remembered: number;
  /** Milliseconds of a warm read, and of all that it asks of the policies. */
  readonly read: number;
  readonly permission: number;
  /** Milliseconds of the first decision of a fresh process. */
  readonly cold: number;
}

export interface JourneysResult {
  readonly journeys: number;
  /** A second, with the record, the real tasks and everything they write. */
  readonly whole: number;
  /** Per second, tasks that answer at once. */
  readonly engine: number;
  /** The same per second of processor time, which other work on the machine does not take away. */
  readonly processor: { readonly whole: number; readonly engine: number };
  /** Transactions of one whole journey. */
  readonly commits: number;
  readonly transitions: number;
  /** Shares of processor time of the whole journey, largest first. */
  readonly where: readonly Share[];
}

/** The same requests, at several numbers of patients. */
export interface GrowthResult {
  readonly sizes: readonly {
    readonly size: number;
    readonly operations: readonly OperationResult[];
  }[];
}

export interface Results {
  readonly machine: Machine;
  readonly operations: readonly OperationResult[];
  /** Requests that touch many resources. */
  readonly large: readonly OperationResult[];
  readonly growth: GrowthResult;
  readonly bundles: {
    readonly baseBytes: number;
    readonly entries: readonly BundleResult[];
  };
  readonly cold: ColdResult;
  readonly permission: PermissionResult;
  readonly journeys: JourneysResult;
}

export const goals = {
  operation: 1.5,
  large: 2,
  /** Of the median at most patients over that at fewest. */
  growth: 1.5,
  bundleBytes: 600_000,
  imported: 2,
  /** Of a warm read. */
  permissionShare: 0.1,
  /** Milliseconds. */
  permissionCold: 100,
  journeys: 1000,
} as const;
