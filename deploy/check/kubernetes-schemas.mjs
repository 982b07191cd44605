// kubernetes-schemas.mjs SWAGGER FOLDER: Kubernetes' own description of its API as the JSON schemas that kubeconform
// reads, one a kind. Strict: a field that the API does not have is an error.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [swagger, folder] = process.argv.slice(2);
const { definitions } = JSON.parse(readFileSync(swagger, 'utf8'));
mkdirSync(folder, { recursive: true });

for (const definition of Object.values(definitions)) {
  // Kubernetes takes numbers and texts alike for these two.
  if (definition.format === 'int-or-string') Object.assign(definition, { type: ['string', 'integer'] });
  if (definition.properties) definition.additionalProperties = false;
}
definitions['io.k8s.apimachinery.pkg.api.resource.Quantity'].type = ['string', 'number'];

let written = 0;
for (const [name, definition] of Object.entries(definitions)) {
  for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
    // Options of deletion are of every group; no manifest holds one.
    if (!name.endsWith(`.${kind}`) || kind === 'DeleteOptions') continue;
    const file = [kind, group.split('.')[0], version].filter(Boolean).join('-').toLowerCase();
    const schema = { ...definition, definitions: reachable(definition) };
    schema.properties = {
      ...schema.properties,
      apiVersion: { const: group ? `${group}/${version}` : version },
      kind: { const: kind },
    };
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(schema));
    written++;
  }
}
console.log(`${written} schemas`);

/** The definitions that a definition refers to, directly or not. */
function reachable(from) {
  const found = {};
  const walk = (value) => {
    if (typeof value !== 'object' || value === null) return;
    const name = /^#\/definitions\/(.*)$/.exec(value.$ref ?? '')?.[1];
    if (name !== undefined && !Object.hasOwn(found, name)) {
      found[name] = definitions[name];
      walk(definitions[name]);
    }
    for (const part of Object.values(value)) walk(part);
  };
  walk(from);
  return found;
}
