import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration';
import { AccessLog, NoAccessLog, PinoAccessLog } from './access-log';
import { Calls } from './calls';
import type * as Otlp from './otlp-tracer';
import { NoTracer, Tracer } from './tracer';

/** Global: every transport follows its calls. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot({ accessLog, tracing }: Configuration, logger: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      providers: [
        Calls,
        { provide: AccessLog, useFactory: () => (accessLog ? new PinoAccessLog(logger) : new NoAccessLog()) },
        { provide: Tracer, useFactory: () => (tracing ? load().otlpTracer(tracing) : new NoTracer()) },
      ],
      exports: [Calls],
    };
  }
}

function load(): typeof Otlp {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- OpenTelemetry costs a tenth of a second at start
  return require('./otlp-tracer') as typeof Otlp;
}
