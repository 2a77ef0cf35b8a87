/** Objects of a versioned bucket with all that they ever were; what was removed or replaced is there until it is removed so. */
export interface ObjectVersions {
  /** How many versions and markers there are of objects whose keys begin so. */
  count(prefix: string): Promise<number>;
  /** Removes them all; answers how many. */
  remove(prefix: string): Promise<number>;
}
