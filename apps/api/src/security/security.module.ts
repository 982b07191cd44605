import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessControl } from './access-control';
import { AccessGuard } from './access.guard';
import { Authenticator, LocalAuthenticator } from './authenticator';
import { RawRoutes } from './raw-routes';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: Authenticator, useClass: LocalAuthenticator },
    AccessControl,
    RawRoutes,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, AccessControl, RawRoutes],
})
export class SecurityModule {}
