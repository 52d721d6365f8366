"use strict";
const at = (id) => document.getElementById(id);
const ask = async (query, variables) => {
  const body = JSON.stringify({ query, variables });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("graphql", { method: "POST", headers, body });
  return answer.json();
};
const show = (value) => { at("answer").textContent = JSON.stringify(value, null, 1); };
const variables = () => {
  const text = at("variables").value.trim();
  return text ? JSON.parse(text) : {};
};

async function run() {
  const began = performance.now();
  try {
    show(await ask(at("query").value, variables()));
    at("took").textContent = `${Math.round(performance.now() - began)} ms`;
  } catch (error) {
    show({ errors: [{ message: String(error) }] });
  }
}

let socket = null;
function follow() {
  if (socket) {
    socket.close();
    return;
  }
  const text = at("query").value.replace(/^\s*(query\b)?/, "subscription ");
  const url = location.href.replace(/^http/, "ws").replace(/[^/]*$/, "graphql");
  let given;
  try { given = variables(); } catch (error) { show({ errors: [{ message: String(error) }] }); return; }
  socket = new WebSocket(url, "graphql-transport-ws");
  let told = 0;
  socket.onopen = () => socket.send('{"type":"connection_init"}');
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "connection_ack") {
      const payload = { query: text, variables: given };
      socket.send(JSON.stringify({ id: "1", type: "subscribe", payload }));
      at("follow").textContent = "Stop";
    } else if (message.type === "next") {
      show(message.payload);
      at("took").textContent = `told ${++told} times`;
    } else if (message.type === "error") {
      show({ errors: message.payload });
      socket.close();
    }
  };
  socket.onclose = () => { socket = null; at("follow").textContent = "Follow"; };
}

const shown = (type) => {
  if (type.kind === "NON_NULL") return `${shown(type.ofType)}!`;
  return type.kind === "LIST" ? `[${shown(type.ofType)}]` : type.name;
};
const inner = (type) => (type.ofType ? inner(type.ofType) : type.name);
const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const SCHEMA = `{ __schema { types { name description
  fields { name args { name type { ${TYPE} } } type { ${TYPE} } }
  inputFields { name type { ${TYPE} } } enumValues { name } } } }`;
const types = new Map();

function button(text, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.onclick = action;
  return made;
}

function open(path) {
  const type = types.get(path.at(-1));
  at("path").replaceChildren(...path.flatMap((name, place) =>
    [place ? " / " : "", button(name, () => open(path.slice(0, place + 1)))]));
  const lines = [];
  const line = (name, of) => {
    const made = document.createElement("li");
    made.append(`${name}: `);
    const next = inner(of);
    if (types.get(next)?.fields || types.get(next)?.inputFields || types.get(next)?.enumValues) {
      made.append(button(shown(of), () => open([...path, next])));
    } else {
      made.append(shown(of));
    }
    lines.push(made);
  };
  for (const field of type.fields ?? []) {
    line(field.name, field.type);
    for (const arg of field.args) line(`\u2003${arg.name}`, arg.type);
  }
  for (const field of type.inputFields ?? []) line(field.name, field.type);
  for (const value of type.enumValues ?? []) {
    const made = document.createElement("li");
    made.textContent = value.name;
    lines.push(made);
  }
  at("fields").replaceChildren(...lines);
}

function example() {
  const field = types.get("Query").fields.find((one) => one.args.some((arg) => arg.name === "first"));
  const row = field && types.get(inner(field.type));
  const plain = row ? row.fields.filter((one) => !types.get(inner(one.type))?.fields) : [];
  const names = plain.map((one) => one.name).join(" ");
  return row ? `{\n  ${field.name}(first: 5) { ${names} }\n  _meta { block { number } }\n}\n` : "";
}

async function standing() {
  try {
    const answer = await (await fetch("health")).json();
    const lag = answer.lag === undefined ? "" : `, ${answer.lag} behind the head`;
    document.title = answer.index;
    at("standing").textContent = `${answer.index}: block ${answer.block}${lag}, ${answer.status}`;
  } catch (error) {
    at("standing").textContent = "the server does not answer";
  }
}

at("run").onclick = run;
at("follow").onclick = follow;
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
ask(SCHEMA, {}).then((answer) => {
  for (const type of answer.data.__schema.types) types.set(type.name, type);
  open(["Query"]);
  if (!at("query").value) at("query").value = example();
}, (error) => show({ errors: [{ message: String(error) }] }));
standing();
setInterval(standing, 2000);
