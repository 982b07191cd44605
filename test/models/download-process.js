// Downloads the fixture in a process of its own: node download-process.js <store folder> <endpoint> <catalogue.json>
const { readFileSync } = require('node:fs');
const { HubSource, parseCatalogue } = require('../../libs/store/dist');

const [storeFolder, endpoint, catalogue] = process.argv.slice(2);
const source = new HubSource(parseCatalogue(JSON.parse(readFileSync(catalogue, 'utf8'))), {
  storeFolder,
  endpoint,
  patience: { firstWaitMs: 10 },
});

async function main() {
  await source.init();
  const model = await source.fetch('tiny', () => undefined, new AbortController().signal);
  await source.destroy();
  console.log(JSON.stringify({ sha256: model.artifacts[0].sha256 }));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
