/** One line on standard error that is rewritten on a terminal; elsewhere a line for each tenth. */
export const progress = (
  label: string,
  total: number,
): ((done: number) => void) => {
  const { stderr } = process;
  let tenth = 0;
  return (done) => {
    if (stderr.isTTY)
      stderr.write(
        `\r${label}: ${done}/${total}${done === total ? "\n" : "    "}`,
      );
    else if (Math.floor((done * 10) / total) > tenth) {
      tenth = Math.floor((done * 10) / total);
      stderr.write(`${label}: ${String(tenth * 10)} %\n`);
    }
  };
};
