import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from './configuration';
import { CONFIGURATION } from './configuration.token';

@Module({})
export class ConfigurationModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: ConfigurationModule,
      global: true,
      providers: [{ provide: CONFIGURATION, useValue: configuration }],
      exports: [CONFIGURATION],
    };
  }
}
