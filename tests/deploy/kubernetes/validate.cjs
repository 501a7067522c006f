// Checks Kubernetes objects without a cluster: validate.cjs FOLDER < objects.json
// Prints one line for each mistake. Types, required fields and values come from the schemas of
// kubernetes-models; names that no schema has are found by the TypeScript compiler, in FOLDER.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const modules = path.resolve(__dirname, '../../node_modules');
const others = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
};

const packageOf = (object) => others[object.apiVersion.split('/')[0]] ?? 'kubernetes-models';
const moduleOf = (object) => `${packageOf(object)}/${object.apiVersion}/${object.kind}`;
const nameOf = (object) => `${object.kind} ${object.metadata?.name}`;

function mistakesOfSchema(object) {
  let Model;
  try {
    Model = require(path.join(modules, moduleOf(object)))[object.kind];
  } catch {
    return [`${nameOf(object)}: there is no ${object.kind} in ${object.apiVersion}`];
  }
  try {
    new Model(object).validate();
    return [];
  } catch (mistake) {
    return [`${nameOf(object)}: ${mistake.message}`];
  }
}

function mistakesOfCompiler(objects, folder) {
  const lines = objects.map((object, number) =>
    `import { I${object.kind} as T${number} } from "${moduleOf(object)}"; ` +
    `export const o${number}: T${number} = ${JSON.stringify(object)};`);
  fs.writeFileSync(path.join(folder, 'objects.ts'), lines.join('\n') + '\n');
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      strict: true, noEmit: true, noErrorTruncation: true, skipLibCheck: true, types: [], target: 'es2020', module: 'commonjs',
      moduleResolution: 'node', baseUrl: modules, paths: { '*': ['*'] },
    },
    files: ['objects.ts'],
  }));
  try {
    execFileSync('node', [path.join(modules, 'typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    return [];
  } catch (failure) {
    const told = failure.stdout.trim().split('\n').filter((line) => !line.startsWith(' '));
    return told.map((line) => line.replace(/^.*objects\.ts\((\d+),\d+\)/, (_, number) => nameOf(objects[number - 1])));
  }
}

const objects = JSON.parse(fs.readFileSync(0, 'utf8'));
const known = objects.filter((object) => !mistakesOfSchema(object).some((line) => line.includes('there is no')));
for (const line of [...objects.flatMap(mistakesOfSchema), ...mistakesOfCompiler(known, process.argv[2])]) {
  console.log(line);
}
