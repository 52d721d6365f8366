#!/usr/bin/env node
// The compiler that forge calls: npm's solc in the exact version of package-lock.json, nothing downloaded.
// forge adds path options; every source stands in the JSON input, so they are not needed.
const asked = process.argv.slice(2);
const compiler = require("solc");
if (asked.includes("--standard-json")) {
  process.stdout.write(compiler.compile(require("node:fs").readFileSync(0, "utf8")));
} else if (asked.includes("--version")) {
  console.log(`solc, the solidity compiler\nVersion: ${compiler.version()}`);
} else {
  console.error(`solc.cjs: got '${asked.join(" ")}', expected --standard-json or --version`);
  process.exitCode = 2;
}
