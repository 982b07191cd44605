// `npm test`: unit, golden and end-to-end tests against the real model. Arguments go to Jest.
import { join } from 'node:path';
import { build, install, requireNode, root, run } from './project.mjs';

requireNode();
install();
build();
process.exit(run(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...process.argv.slice(2)]));
