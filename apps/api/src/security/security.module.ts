import { Global, Module } from '@nestjs/common';
import { Authenticator, LocalAuthenticator } from './authenticator';

@Global()
@Module({
  providers: [{ provide: Authenticator, useClass: LocalAuthenticator }],
  exports: [Authenticator],
})
export class SecurityModule {}
