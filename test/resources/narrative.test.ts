import fc from "fast-check";
import { expect, test } from "vitest";
import { isNarrative } from "../../functions/resources/validation/narrative.ts";

const xmlns = 'xmlns="http://www.w3.org/1999/xhtml"';

test.each([
  `<div ${xmlns}>text</div>`,
  `<div ${xmlns}><p class="a">one<br/>two &amp; &#160;&lt;</p><!-- note --></div>`,
  `<div ${xmlns}><a href="https://example.org">x</a><a name="here"/><img src="data:image/png;base64,AAAA" alt="x"/></div>`,
  `<div ${xmlns}><img src="#photo" alt=""/></div>`,
  `<div ${xmlns}><table><tbody><tr><td style="width: 3em">1</td></tr></tbody></table></div>`,
])("%s is a narrative", (text) => {
  expect(isNarrative(text)).toBe(true);
});

test.each([
  "",
  "text",
  `<p>text</p>`,
  `<div></div>`,
  `<div>  </div>`,
  `<div>a</div><div>b</div>`,
  `<div>a</div>b`,
  `<div>a`,
  `<div><p>a</div></p>`,
  `<div>a & b</div>`,
  `<div>a < b</div>`,
  `<div><script>alert(1)</script></div>`,
  `<div><p onclick="x()">a</p></div>`,
  `<div><a href="javascript:x()">a</a></div>`,
  `<div><a href=" java\tscript:x()">a</a></div>`,
  `<div><a href="java&#115;cript:x()">a</a></div>`,
  `<div><img src="data:text/html,x"/></div>`,
  `<div><iframe src="https://example.org"/></div>`,
  `<div><form>a</form></div>`,
  `<div style="background: url(https://example.org/x)">a</div>`,
  `<div><p class=unquoted>a</p></div>`,
  `<!DOCTYPE html><div>a</div>`,
  `<?xml version="1.0"?><div>a</div>`,
  `<div><![CDATA[a]]></div>`,
])("%j is none", (text) => {
  expect(isNarrative(text)).toBe(false);
});

test("any text is read in linear time", () => {
  const nasty = fc.stringMatching(/^[<a= "'&;!-]{0,40}$/);
  fc.assert(
    fc.property(nasty, fc.integer({ min: 1, max: 2000 }), (part, times) => {
      const start = process.threadCpuUsage();
      isNarrative(`<div>${part.repeat(times)}`);
      const { user, system } = process.threadCpuUsage(start);
      expect(user + system).toBeLessThan(500_000);
    }),
    { numRuns: 100 },
  );
});
