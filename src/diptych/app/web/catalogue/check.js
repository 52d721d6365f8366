"use strict";
// Re-computes what a catalogue says, in any browser or in node, with WebCrypto alone.
// Sources: RFC 6962 and RFC 9162 (Merkle tree), C2SP signed-note and tlog-checkpoint, DSSE v1.
globalThis.diptychCheck = (() => {
  const OK = "ok", UNCHECKED = "unchecked";
  const STATEMENT = "https://in-toto.io/Statement/v1";
  const IN_TOTO = "application/vnd.in-toto+json";
  const MAX_ENVELOPE = 65535, MAX_PROOF = 64;
  const utf8 = new TextEncoder();
  const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  class Refused extends Error {}

  function refuse(condition, reason) {
    if (condition) throw new Refused(reason);
  }

  function b64(text, what) {
    refuse(typeof text !== "string", `${what}: expected base64`);
    let raw;
    try { raw = atob(text); } catch { throw new Refused(`${what}: expected base64`); }
    refuse(btoa(raw) !== text, `${what}: expected canonical base64`);
    return Uint8Array.from(raw, (one) => one.charCodeAt(0));
  }

  function hex(bytes) {
    return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  }

  function fromHex(text) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  }

  function join(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  }

  function subtle() {
    const found = globalThis.crypto && globalThis.crypto.subtle;
    refuse(!found, "this browser offers WebCrypto only over https, on localhost or for a file");
    return found;
  }

  async function sha256(bytes) {
    return new Uint8Array(await subtle().digest("SHA-256", bytes));
  }

  async function ed25519(key, signature, message) {
    let imported;
    try {
      imported = await subtle().importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      if (error.name === "NotSupportedError" || error.name === "SyntaxError") return UNCHECKED;
      throw new Refused("a key is no Ed25519 key");
    }
    const good = await subtle().verify({ name: "Ed25519" }, imported, signature, message);
    refuse(!good, "a signature does not verify");
    return OK;
  }

  function leafHash(entry) { return sha256(join(Uint8Array.of(0), entry)); }

  function nodeHash(left, right) { return sha256(join(Uint8Array.of(1), left, right)); }

  async function inclusionRoot(leaf, index, size, proof) {
    refuse(!Number.isSafeInteger(index) || index < 0 || index >= size, "the index is not in the log");
    let position = index, last = size - 1, node = leaf;
    for (const sibling of proof) {
      refuse(last === 0, "the proof is too long");
      if (position % 2 === 1 || position === last) {
        node = await nodeHash(sibling, node);
        while (position !== 0 && position % 2 === 0) {
          position = Math.floor(position / 2);
          last = Math.floor(last / 2);
        }
      } else {
        node = await nodeHash(node, sibling);
      }
      position = Math.floor(position / 2);
      last = Math.floor(last / 2);
    }
    refuse(last !== 0, "the proof is too short");
    return node;
  }

  async function logKey(text) {
    const [name, hash] = text.split("+");
    refuse(hash === undefined, "the log's key is malformed");
    const rest = text.slice(name.length + hash.length + 2);
    const raw = b64(rest, "log key");
    refuse(raw.length !== 33 || raw[0] !== 1, "the log's key is no Ed25519 key");
    const digest = await sha256(join(utf8.encode(`${name}\n`), raw));
    refuse(hex(digest.slice(0, 4)) !== hash, "the log's key does not have its hash");
    return { name, hash: digest.slice(0, 4), key: raw.slice(1) };
  }

  // Checks the signed checkpoint of {log, checkpoint}; returns {origin, size, root, signature}.
  async function checkHead(catalogue) {
    const key = await logKey(String(catalogue.log));
    const note = String(catalogue.checkpoint);
    const cut = note.lastIndexOf("\n\n");
    refuse(cut < 0 || !note.endsWith("\n"), "the checkpoint is no signed note");
    const body = note.slice(0, cut + 1);
    const lines = body.split("\n");
    refuse(lines.length !== 4 || lines[3] !== "", "the checkpoint does not have three lines");
    refuse(!/^(0|[1-9][0-9]{0,15})$/.test(lines[1]), "the checkpoint has no size");
    refuse(lines[0] !== key.name, "the checkpoint is of another log");
    const root = b64(lines[2], "checkpoint root");
    refuse(root.length !== 32, "the checkpoint's root has not 32 bytes");
    for (const line of note.slice(cut + 2).split("\n")) {
      const [dash, name, encoded] = line.split(" ");
      if (dash !== "—" || name !== key.name) continue;
      const raw = b64(encoded, "note signature");
      if (hex(raw.slice(0, 4)) !== hex(key.hash)) continue;
      const signature = await ed25519(key.key, raw.slice(4), utf8.encode(body));
      return { origin: lines[0], size: Number(lines[1]), root, signature };
    }
    throw new Refused("the checkpoint is not signed by the log's key");
  }

  function pae(type, payload) {
    const kind = utf8.encode(type);
    const head = utf8.encode(`DSSEv1 ${kind.length} `);
    return join(head, kind, utf8.encode(` ${payload.length} `), payload);
  }

  async function checkSignatures(envelope) {
    const payload = b64(envelope.payload, "payload");
    const message = pae(envelope.payloadType, payload);
    const found = [];
    refuse(!Array.isArray(envelope.signatures) || !envelope.signatures.length, "nobody signed");
    for (const { keyid, sig } of envelope.signatures) {
      const scheme = /^(ed25519):[0-9a-f]{64}$|^(secp256k1):0[23][0-9a-f]{64}$/.exec(keyid);
      refuse(!scheme, "a signer has no key id");
      const raw = b64(sig, "signature");
      refuse(raw.length !== 64, "a signature has not 64 bytes");
      const state = scheme[1] ? await ed25519(fromHex(keyid.slice(8)), raw, message) : UNCHECKED;
      found.push({ keyid, state });
    }
    return [payload, found];
  }

  // Checks {index, envelope, proof} under a head; returns {id, index, statement, signers}.
  async function checkRecord(record, head) {
    const raw = utf8.encode(record.envelope);
    refuse(raw.length > MAX_ENVELOPE, "the envelope is too large");
    const leaf = await leafHash(raw);
    const bytes = b64(record.proof, "proof");
    refuse(bytes.length % 32 !== 0 || bytes.length > 32 * MAX_PROOF, "the proof is malformed");
    const proof = [];
    for (let at = 0; at < bytes.length; at += 32) proof.push(bytes.slice(at, at + 32));
    const root = await inclusionRoot(leaf, record.index, head.size, proof);
    refuse(hex(root) !== hex(head.root), "the record is not in the log under this checkpoint");
    const envelope = JSON.parse(record.envelope);
    refuse(envelope.payloadType !== IN_TOTO, "the record is no in-toto statement");
    const [payload, signers] = await checkSignatures(envelope);
    const statement = JSON.parse(strictUtf8.decode(payload));
    refuse(statement._type !== STATEMENT, "the record is no in-toto statement");
    refuse(!/^urn:diptych:[a-z0-9-]{1,64}:1$/.test(statement.predicateType), "unknown kind");
    return { id: hex(leaf), index: record.index, statement, signers };
  }

  function kindOf(statement) { return statement.predicateType.split(":")[2]; }

  // Replays key records, in index order, as a map of key id to {after, until}.
  function keySpans(records) {
    const spans = new Map();
    const keys = records.filter((one) => kindOf(one.statement) === "key");
    keys.sort((one, two) => one.index - two.index);
    for (const { index, statement, signers } of keys) {
      const { action, keyid, replaces } = statement.predicate;
      if (index === 0) {
        refuse(action !== "add" || signers[0].keyid !== keyid, "the first key is not its own");
        spans.set(keyid, { after: -1, until: Infinity });
        continue;
      }
      for (const signer of signers) requireValid(spans, signer.keyid, index);
      const ended = action === "revoke" ? keyid : replaces;
      if (ended && spans.has(ended)) {
        spans.get(ended).until = Math.min(spans.get(ended).until, index);
      }
      if (action === "revoke") continue;
      refuse(spans.has(keyid), "a key is added twice");
      spans.set(keyid, { after: index, until: Infinity });
    }
    return spans;
  }

  function requireValid(spans, keyid, index) {
    const span = spans.get(keyid);
    refuse(!span, "signed by a key that no key record adds");
    refuse(index <= span.after && index !== 0, "signed by a key that was added later");
    refuse(index >= span.until, "signed by a key that was revoked or replaced before");
  }

  function text(value) { return typeof value === "string" ? value : JSON.stringify(value); }

  function flat(value, path, into) {
    const inner = value !== null && typeof value === "object" && !Array.isArray(value);
    if (!inner) { into.push([path, text(value)]); return; }
    for (const key of Object.keys(value).sort()) flat(value[key], path ? `${path}.${key}` : key, into);
  }

  // What a page has to show of a record: pairs of name and text, in order.
  function facts(checked) {
    const { statement } = checked;
    const found = [["record", String(checked.index)], ["id", checked.id]];
    found.push(["kind", kindOf(statement)], ["about", statement.subject[0].name]);
    found.push(["time", statement.predicate.time]);
    for (const signer of checked.signers) found.push(["signed by", signer.keyid]);
    for (const edge of statement.predicate.edges) {
      const { rel, ...other } = edge;
      const only = Object.keys(other).length === 1 && "record" in other;
      if (only) found.push([rel, other.record]); else flat(other, rel, found);
    }
    const { time, edges, ...said } = statement.predicate;
    flat(said, "", found);
    return found;
  }

  const HEADINGS = {
    dataset: "Sealed", private: "Sealed privately", model: "Published", licence: "Terms",
    grant: "Grant", share: "Access given", access: "Access used", erased: "Erased",
    quality: "Quality", revocation: "Revoked", approval: "Approval",
  };

  function heading({ statement }) {
    const kind = kindOf(statement);
    return `${HEADINGS[kind] || kind} · ${statement.predicate.time.slice(0, 10)}`;
  }

  function titleOf({ index, statement }) {
    for (const claim of [statement.predicate.asset, statement.predicate.model]) {
      const named = claim && typeof claim.name === "string" && Number.isInteger(claim.version);
      if (named) return `${claim.name}@${claim.version}`;
    }
    return `${statement.subject[0].name} (record ${index})`;
  }

  // Checks a whole catalogue: {head, entries: Map of index to {state, reason, checked}}.
  async function checkCatalogue(catalogue) {
    const head = await checkHead(catalogue);
    const entries = new Map(), good = [];
    for (const record of catalogue.records) {
      try {
        const checked = await checkRecord(record, head);
        good.push(checked);
        const signed = checked.signers.every((one) => one.state === OK) && head.signature === OK;
        const reason = signed ? "in the log, signed" : "in the log; this browser cannot check " +
          "every signature (Ed25519 or secp256k1)";
        entries.set(record.index, { state: signed ? OK : UNCHECKED, reason, checked });
      } catch (error) {
        entries.set(record.index, { state: "failed", reason: error.message, checked: null });
      }
    }
    const spans = keySpans(good);
    for (const checked of good) {
      if (kindOf(checked.statement) === "key") continue;  // judged by the replay
      try {
        for (const signer of checked.signers) requireValid(spans, signer.keyid, checked.index);
      } catch (error) {
        entries.set(checked.index, { state: "failed", reason: error.message, checked });
      }
    }
    return { head, entries };
  }

  return { checkCatalogue, facts, heading, hex, sha256, titleOf };
})();
