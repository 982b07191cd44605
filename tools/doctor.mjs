// `npm run doctor`: what this machine has, what each preset runs on and why. `-- --json` for programs.
import { join } from 'node:path';
import { build, install, requireNode, root, run } from './project.mjs';

requireNode();
install();
build();
process.exit(run(process.execPath, [join(root, 'apps/api/dist/doctor.js'), ...process.argv.slice(2)]));
