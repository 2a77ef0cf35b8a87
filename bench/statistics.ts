/** Two sides of one comparison, sample by sample, in milliseconds. */
export interface Paired {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
}

export interface Comparison {
  readonly samples: number;
  readonly ours: { readonly median: number; readonly p95: number };
  readonly bare: { readonly median: number; readonly p95: number };
  /** Median of ours over median of bare. */
  readonly ofMedians: number;
  /** Median over the pairs: each pair was measured within milliseconds, so the noise of the machine falls out. */
  readonly ofPairs: number;
}

/** The value below which this share of the samples lies, interpolated. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
};

export const median = (samples: readonly number[]): number =>
  quantile(samples, 0.5);

export const compared = ({ ours, bare }: Paired): Comparison => {
  const side = (samples: readonly number[]) => ({
    median: median(samples),
    p95: quantile(samples, 0.95),
  });
  return {
    samples: ours.length,
    ours: side(ours),
    bare: side(bare),
    ofMedians: median(ours) / median(bare),
    ofPairs: median(
      ours.map((time, index) => time / (bare[index] ?? Number.NaN)),
    ),
  };
};
