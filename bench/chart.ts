export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly goal: number;
}

const [row, left, width, top] = [26, 270, 330, 34] as const;

/** Horizontal bars as an SVG that reads on a light and on a dark page; a line on each bar marks its goal. */
export const barChart = (title: string, bars: readonly Bar[]): string => {
  const most = Math.max(...bars.flatMap(({ value, goal }) => [value, goal]));
  const scale = (value: number): string =>
    ((value / (most * 1.1)) * width).toFixed(1);
  const height = top + bars.length * row + 10;
  const rows = bars.map(({ label, value, goal }, index) => {
    const y = top + index * row;
    const colour = value <= goal ? "#2f8f6b" : "#c2571a";
    const mark = left + Number(scale(goal));
    return `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text><rect x="${left}" y="${y + 3}" width="${scale(value)}" height="${row - 9}" rx="2" fill="${colour}"/><line x1="${mark}" x2="${mark}" y1="${y}" y2="${y + row - 3}" stroke="#8a8a8a" stroke-width="2"/><text x="${left + Number(scale(Math.max(value, goal))) + 8}" y="${y + 15}">${value.toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 60} ${height}" width="${left + width + 60}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13" fill="#808080">
<title>${escaped(title)}</title>
<text x="10" y="18" font-weight="600">${escaped(title)}</text>
${rows.join("\n")}
</svg>
`;
};

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");
