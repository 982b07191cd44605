import './compile-cache';
import { collectorForServing } from './garbage-collector';
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

async function main(): Promise<void> {
  const configuration = loadConfiguration(process.env);
  const log = new ServiceLog(configuration.logLevel);
  process.once('exit', () => log.flush());
  const app = await createApplication(configuration, log);
  limitShutdown(configuration.shutdownGraceMs);
  await app.listen(configuration.httpPort, configuration.host);
  const grpcPort = await app.get(GrpcServer).listen();
  await app.get(EmbeddingProbe).warm;
  printWelcome(await app.getUrl(), grpcPort, isGuarded(configuration.security));
  collectorForServing();
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
});
