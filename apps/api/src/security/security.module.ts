import { Global, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import type { Configuration } from '../config/configuration';
import { CONFIGURATION } from '../config/configuration.token';
import { AccessControl } from './access-control';
import { AccessGuard } from './access.guard';
import { Authenticator } from './authenticator';
import { createAuthenticator, type OpenedAuthenticator } from './create-authenticator';
import { LargeBodies } from './large-bodies';
import { RawRoutes } from './raw-routes';
import { Certificates } from './tls/certificates';

const OPENED = Symbol('opened authenticator');

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: OPENED,
      inject: [CONFIGURATION],
      useFactory: ({ security }: Configuration) => createAuthenticator(security),
    },
    {
      provide: Authenticator,
      inject: [OPENED],
      useFactory: ({ authenticator }: OpenedAuthenticator) => authenticator,
    },
    AccessControl,
    RawRoutes,
    LargeBodies,
    Certificates,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, AccessControl, Certificates, LargeBodies, RawRoutes],
})
export class SecurityModule implements OnModuleDestroy {
  constructor(@Inject(OPENED) private readonly opened: OpenedAuthenticator) {}

  onModuleDestroy(): void {
    this.opened.close();
  }
}
