import 'reflect-metadata';
import { createApplication } from './bootstrap';
import { ConfigurationError, loadConfiguration } from './config/configuration';
import { printWelcome } from './welcome';

async function main(): Promise<void> {
  const configuration = loadConfiguration(process.env);
  const app = await createApplication(configuration);
  await app.listen(configuration.httpPort, configuration.host);
  printWelcome(await app.getUrl());
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigurationError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`${String(message)}\n`);
  process.exit(1);
});
