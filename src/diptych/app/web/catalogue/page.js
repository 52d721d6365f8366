"use strict";
// Checks every entry of this page when it is opened, and says so beside it.
(async () => {
  const check = globalThis.diptychCheck;
  const say = (node, state, text) => { node.dataset.state = state; node.textContent = text; };
  const WORDS = { ok: "✓ verified", unchecked: "◐ partly checked", failed: "✗ failed" };
  const status = document.getElementById("status");
  const catalogue = JSON.parse(document.getElementById("catalogue").textContent);

  function shown(article) {
    const names = [...article.querySelectorAll("dt")].map((one) => one.textContent);
    const texts = [...article.querySelectorAll("dd")].map((one) => one.textContent);
    const head = article.querySelector("h3").textContent;
    return JSON.stringify([head, names.map((name, at) => [name, texts[at]])]);
  }

  async function judge(article, found) {
    const entry = found.entries.get(Number(article.dataset.index));
    if (!entry) return ["failed", "the page holds no record for this entry"];
    if (entry.state === "failed") return ["failed", entry.reason];
    const section = article.parentElement;
    const titled = Number(section.dataset.asset) !== entry.checked.index ||
      section.querySelector("h2").textContent === check.titleOf(entry.checked);
    const said = [check.heading(entry.checked), check.facts(entry.checked)];
    if (!titled || shown(article) !== JSON.stringify(said)) {
      return ["failed", "the text on this page is not what the record says"];
    }
    for (const terms of article.querySelectorAll("pre[data-terms]")) {
      const digest = check.hex(await check.sha256(new TextEncoder().encode(terms.textContent)));
      const claim = entry.checked.statement.predicate.licence || {};
      if (digest !== claim.digest) return ["failed", "the terms are not those of the record"];
    }
    return [entry.state, entry.reason];
  }

  try {
    const found = await check.checkCatalogue(catalogue);
    const counts = { ok: 0, unchecked: 0, failed: 0 };
    for (const article of document.querySelectorAll("article[data-index]")) {
      const [state, reason] = await judge(article, found);
      counts[state] += 1;
      const mark = article.querySelector(".check");
      say(mark, state, `${WORDS[state]}: ${reason}`);
    }
    const all = counts.failed ? "failed" : counts.unchecked ? "unchecked" : "ok";
    say(status, all, `${WORDS[all]}: ${counts.ok} verified, ${counts.unchecked} partly checked, ` +
      `${counts.failed} failed, under the checkpoint of ${found.head.size} records`);
  } catch (error) {
    say(status, "failed", `${WORDS.failed}: ${error.message}`);
  }
  document.getElementById("only").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const section of document.querySelectorAll("section[data-asset]")) {
      section.hidden = !section.textContent.toLowerCase().includes(wanted);
    }
  });
})();
