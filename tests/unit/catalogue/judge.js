"use strict";
// Reads {script, cases} as JSON from standard input, prints what check.js says of each case.
const chunks = [];
process.stdin.on("data", (one) => chunks.push(one));
process.stdin.on("end", async () => {
  const { script, without, cases } = JSON.parse(Buffer.concat(chunks).toString());
  if (without) {
    const real = globalThis.crypto.subtle.importKey.bind(globalThis.crypto.subtle);
    globalThis.crypto.subtle.importKey = async (format, key, algorithm, ...rest) => {
      if (algorithm.name === "Ed25519") throw new DOMException("no", "NotSupportedError");
      return real(format, key, algorithm, ...rest);
    };
  }
  (0, eval)(script);
  const found = [];
  for (const one of cases) {
    try {
      const { head, entries } = await globalThis.diptychCheck.checkCatalogue(one);
      const shown = [...entries].map(([index, { state, reason, checked }]) => ({
        index, state, reason, facts: checked && globalThis.diptychCheck.facts(checked),
      }));
      found.push({ size: head.size, entries: shown });
    } catch (error) {
      found.push({ error: error.message });
    }
  }
  process.stdout.write(JSON.stringify(found));
});
