// node audit_compile.js MODULES VERSION LIST FOLDER [optimise]: compiles each listed file by itself, as solc
// --combined-json would, and prints {file, ok, place} a line. For the peer, which needs a compiler.
const fs = require('fs'), path = require('path');
const [, , modules, version, list, folder, optimise] = process.argv;
const solc = require(path.join(modules, 'solc-' + version));
const minor = parseInt(version.split('.')[1]);
const wanted = ['abi', 'evm.bytecode.object', 'evm.bytecode.sourceMap', 'evm.methodIdentifiers',
  'evm.deployedBytecode.object', 'evm.deployedBytecode.sourceMap', 'userdoc', 'devdoc'];

function compile(file, treesOnly) {
  const find = name => {
    for (const place of [name, path.join(path.dirname(file), name), path.join(modules, name)])
      if (fs.existsSync(place) && fs.statSync(place).isFile())
        return { contents: fs.readFileSync(place, 'utf8') };
    return { error: 'not there: ' + name };
  };
  const input = JSON.stringify({
    language: 'Solidity',
    sources: { [file]: { content: fs.readFileSync(file, 'utf8') } },
    settings: { optimizer: { enabled: !!optimise, runs: 200 }, outputSelection: { '*': { '*': treesOnly ? ['abi'] : wanted, '': ['ast', 'legacyAST'] } } },
  });
  if (solc.compileStandardWrapper) return JSON.parse(solc.compileStandardWrapper(input, find));
  return JSON.parse(minor < 6 ? solc.compile(input, find) : solc.compile(input, { import: find }));
}

function combined(out) {
  const made = { contracts: {}, sourceList: [], sources: {}, version: solc.version() };
  const text = value => minor >= 8 ? value : JSON.stringify(value);
  for (const [name, source] of Object.entries(out.sources || {}).sort((a, b) => a[1].id - b[1].id)) {
    made.sourceList.push(name);
    made.sources[name] = { AST: source.ast || source.legacyAST };
  }
  for (const [name, contracts] of Object.entries(out.contracts || {}))
    for (const [contract, told] of Object.entries(contracts)) {
      const evm = told.evm || {}, code = evm.bytecode || {}, run = evm.deployedBytecode || {};
      made.contracts[name + ':' + contract] = {
        abi: text(told.abi), bin: code.object || '', 'bin-runtime': run.object || '',
        srcmap: code.sourceMap || '', 'srcmap-runtime': run.sourceMap || '',
        hashes: evm.methodIdentifiers || {},
        userdoc: text(told.userdoc || {}), devdoc: text(told.devdoc || {}),
      };
    }
  return made;
}

fs.readFileSync(list, 'utf8').trim().split('\n').forEach((line, at) => {
  const [file, treesOnly] = JSON.parse(line);
  let ok = false, place = path.join(folder, version + '-' + at + '.json');
  try {
    const out = compile(file, treesOnly);
    ok = !(out.errors || []).some(error => error.severity === 'error');
    if (ok) fs.writeFileSync(place, JSON.stringify(combined(out)));
  } catch (error) { ok = false; }
  console.log(JSON.stringify({ file, ok, place }));
});
