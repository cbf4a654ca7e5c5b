// Makes and packs the npm package of recorder-wasm/js: `node package.mjs --out DIR --list FILE`.
//
// DIR/package is what the package holds, DIR/*.tgz is packed. FILE gets the list of written
// files, see bundle.mjs, which builds the recorder itself (`dist`) with the same bytes as
// for the edge.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import ts from 'typescript';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const source = join(root, 'recorder-wasm/js');
const { values } = parseArgs({ options: { out: { type: 'string' }, list: { type: 'string' } } });
const out = resolve(values.out);
const stage = join(out, 'package');

/** What programs see of our types, in the order in which it is read. */
const PUBLIC = [
  ['config.ts', ['MaskMode', 'Options']],
  ['npm/load.ts', ['PackageOptions', 'PackagedSentiero']],
  ['api.ts', ['Sentiero']],
];

/** The names of what is in `dist`. */
function bundleRecorder() {
  const list = join(out, 'dist.json');
  execFileSync('node', [join(root, 'xtask/js/bundle.mjs'), 'recorder', '--out', join(stage, 'dist'), '--list', list], { stdio: 'inherit' });
  const files = JSON.parse(readFileSync(list, 'utf8')).map((file) => relative(join(stage, 'dist'), resolve(root, file)));
  rmSync(list);
  return files.sort();
}

/** The declarations called `names` in a file of ours, with their comments. */
function declarations(file, names) {
  const text = readFileSync(join(source, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2020);
  return names.map((name) => {
    const found = tree.statements.find((statement) => statement.name?.text === name);
    if (!found) throw new Error(`recorder-wasm/js/${file} declares no ${name}, which the npm package exports`);
    const comment = ts.getLeadingCommentRanges(text, found.pos).at(-1);
    return text.slice(comment.pos, found.end);
  });
}

/** Types that no file has to be looked up for: however a program resolves modules. */
function types() {
  const parts = PUBLIC.flatMap(([file, names]) => declarations(file, names));
  return [...parts, 'export declare const Sentiero: PackagedSentiero;', ''].join('\n\n');
}

async function scripts(files) {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['index', 'bundled'].map((name) => join(source, `npm/${name}.ts`)),
    outdir: stage,
    bundle: true,
    external: ['./files.js'],
    format: 'esm',
    target: 'es2020',
    logLevel: 'warning',
  });
  const lines = files.map((file) => `  ${JSON.stringify(file)}: new URL(${JSON.stringify(`./dist/${file}`)}, import.meta.url).href,`);
  writeFileSync(join(stage, 'files.js'), `export const files = {\n${lines.join('\n')}\n};\n`);
}

/** package.json with the workspace's version: there is one. */
function manifest() {
  const [, version] = readFileSync(join(root, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m);
  const { name, ...rest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  return { name, version, ...rest };
}

/** Whose code is in `dist`, under which licences. */
function notice() {
  return readFileSync(join(source, 'NOTICE'), 'utf8') + readFileSync(join(root, 'node_modules/web-vitals/LICENSE'), 'utf8');
}

rmSync(out, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
await scripts(bundleRecorder());
writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
writeFileSync(join(stage, 'index.d.ts'), types());
writeFileSync(join(stage, 'bundled.d.ts'), "export * from './index.js';\n");
writeFileSync(join(stage, 'NOTICE'), notice());
copyFileSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
copyFileSync(join(source, 'README.md'), join(stage, 'README.md'));
const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', out], { cwd: stage, encoding: 'utf8' });
const [{ filename }] = JSON.parse(packed);
if (values.list) {
  writeFileSync(values.list, JSON.stringify([relative(root, join(out, filename))]));
}
