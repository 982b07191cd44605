import { createReadStream, type ReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const START = 'start.js';

/** The Swagger page. Its script is a file of its own, so that a content security policy needs no exception. */
export function page(): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Sutra-Embedder API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/${START}"></script>
  </body>
</html>
`;
}

export function asset(name: string): { type: string; stream: ReadStream | string } | undefined {
  if (name === START) {
    return {
      type: 'text/javascript; charset=utf-8',
      stream: "SwaggerUIBundle({ url: '/docs-json', dom_id: '#swagger-ui', deepLinking: true });\n",
    };
  }
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  return type === undefined ? undefined : { type, stream: createReadStream(join(assetFolder(), name)) };
}

/** swagger-ui-dist comes with @nestjs/swagger and is found from there, wherever npm put it. */
function assetFolder(): string {
  const fromSwagger = createRequire(require.resolve('@nestjs/swagger/package.json'));
  return dirname(fromSwagger.resolve('swagger-ui-dist/package.json'));
}
