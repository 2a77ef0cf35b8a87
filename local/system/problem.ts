/** Something that the reader can mend: the message is one sentence that says how. */
export class Problem extends Error {
  override readonly name = "Problem";
}
