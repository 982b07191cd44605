import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { EmbeddingService, Engine, PRESETS } from '@sutra-embedder/engine';
import pino from 'pino';
import { AppModule } from './app.module';
import { loadConfiguration } from './config/configuration';
import { explainFailure } from './explain-failure';
import { configuredPlugins } from './plugins/configured-plugins';
import { formatReport } from './system/format-report';

/** Prints what GET /v1/system reports, without starting a server; every preset is opened and checks itself. */
async function main(environment: NodeJS.ProcessEnv, asJson: boolean): Promise<void> {
  const configuration = loadConfiguration({ ...environment, SUTRA_PRELOAD: ',' });
  const plugins = await configuredPlugins(configuration);
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot(configuration, pino({ level: 'silent' }), plugins),
    {
      logger: false,
      abortOnError: false,
    },
  );
  const embeddings = app.get(EmbeddingService);
  // What cannot be opened is part of the report.
  for (const preset of Object.keys(PRESETS)) await embeddings.plan({ model: preset }).catch(() => undefined);
  const report = await app.get(Engine).report();
  process.stdout.write(asJson ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
  await app.close();
}

main(process.env, process.argv.includes('--json')).catch((error: unknown) => {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
});
