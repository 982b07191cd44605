import 'reflect-metadata';
import { createApplication } from './bootstrap';
import { loadConfiguration } from './config/configuration';
import { isGuarded } from './config/security-configuration';
import { explainFailure } from './explain-failure';
import { EmbeddingProbe } from './health/embedding-probe';
import { ServiceLog } from './logging/service-log';
import { limitShutdown } from './shutdown';
import { GrpcServer } from './transports/grpc/grpc-server';
import { printWelcome } from './welcome';

/** Starts the service as an environment configures it, and ends the process with a sentence where that fails. */
export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    await start(environment);
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exit(1);
  }
}

async function start(environment: NodeJS.ProcessEnv): Promise<void> {
  const configuration = loadConfiguration(environment);
  const log = new ServiceLog(configuration.logLevel);
  process.once('exit', () => log.flush());
  const app = await createApplication(configuration, log);
  limitShutdown(configuration.shutdownGraceMs);
  await app.listen(configuration.httpPort, configuration.host);
  const grpcPort = await app.get(GrpcServer).listen();
  await app.get(EmbeddingProbe).warm;
  printWelcome(await app.getUrl(), grpcPort, isGuarded(configuration.security));
}
