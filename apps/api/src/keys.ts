import { parseArgs } from 'node:util';
import { errorMessage } from '@sutra-embedder/engine';
import { readKeyFile, writeKeyFile } from './security/keys/key-file';
import { createKey, describeKey, revokeKey } from './security/keys/manage-keys';

const USAGE = `npm run keys -- create --scope read|write|admin [--name NAME] [--expires 90d|12h|2027-01-31]
npm run keys -- list
npm run keys -- revoke ID

The file is the one that SUTRA_KEYS_FILE names, or --file FILE. A running server takes changes up within seconds.
`;

/** Makes, lists and revokes API keys. The key alone goes to stdout, so that a script can take it. */
function main(args: string[], fileOfServer: string | undefined): void {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      scope: { type: 'string' },
      name: { type: 'string' },
      expires: { type: 'string' },
      file: { type: 'string', default: fileOfServer },
    },
  });
  const [command, id = ''] = positionals;
  const { file, scope, name, expires } = values;
  if (file === undefined) throw new Error('No key file is named: set SUTRA_KEYS_FILE, or give --file');
  const now = new Date();
  switch (command) {
    case 'create': {
      if (scope === undefined) throw new Error('--scope is needed: read, write or admin');
      const { record, key } = createKey({ scope, name, expires }, now);
      writeKeyFile(file, [...readKeyFile(file), record]);
      process.stdout.write(`${key}\n`);
      process.stderr.write(`This is the only time the key is shown. Its id is ${record.id}.\n`);
      return;
    }
    case 'list':
      for (const record of readKeyFile(file)) process.stdout.write(`${describeKey(record, now)}\n`);
      return;
    case 'revoke':
      writeKeyFile(file, revokeKey(readKeyFile(file), id, now));
      process.stderr.write(`Key ${id} is revoked.\n`);
      return;
    default:
      throw new Error(USAGE);
  }
}

try {
  main(process.argv.slice(2), process.env['SUTRA_KEYS_FILE']);
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = 1;
}
