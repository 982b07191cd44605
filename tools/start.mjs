// `npm start`: a fresh clone needs nothing before it; a second start goes straight to the server.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, install, requireNode, root } from './project.mjs';

requireNode();
install();
build();
// In this process, so that Ctrl+C and SIGTERM reach the server itself.
await import(pathToFileURL(join(root, 'apps/api/dist/main.js')).href);
