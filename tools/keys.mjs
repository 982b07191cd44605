// `npm run keys -- create --scope read`: makes, lists and revokes the keys that SUTRA_KEYS_FILE holds.
import { join } from 'node:path';
import { build, install, requireNode, root, run } from './project.mjs';

requireNode();
install();
build();
process.exit(run(process.execPath, [join(root, 'apps/api/dist/keys.js'), ...process.argv.slice(2)]));
