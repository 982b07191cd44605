// `npm run verify:backend -- onnx-cuda`: the golden set on one backend of this machine, beside onnx-cpu in the same run.
import { build, install, requireNode } from './project.mjs';

requireNode();
install();
build();
const { verifyBackend } = await import('./verify/verify-backend.mjs');
process.exit(await verifyBackend(process.argv.slice(2)));
