import './compile-cache';
import { bundledServer } from './bundle';
import { collectorForServing, collectorForStarting } from './garbage-collector';
import type * as Server from './server';

collectorForStarting();
// A plugin shares Nest's classes with the server, so with plugins both are loaded from where they are installed.
const bundled = process.env['SUTRA_PLUGINS'] ? undefined : bundledServer();
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load all of it beside the bundle
const { serve } = bundled?.server ?? (require('./server') as typeof Server);
void serve(process.env).then(() => {
  // V8 takes compiled code only where its flags are those it was compiled with, and Node 20 forgets them with each worker.
  collectorForStarting();
  bundled?.rememberCompiled();
  collectorForServing();
});
