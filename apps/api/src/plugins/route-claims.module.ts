import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RouteClaims } from './route-claims';
import { RouteExtensions } from './route-extensions';

@Module({
  imports: [DiscoveryModule],
  providers: [RouteClaims, RouteExtensions],
  exports: [RouteClaims, RouteExtensions],
})
export class RouteClaimsModule implements OnApplicationBootstrap {
  constructor(
    private readonly claims: RouteClaims,
    private readonly extensions: RouteExtensions,
  ) {}

  onApplicationBootstrap(): void {
    this.claims.check();
    this.extensions.check();
  }
}
