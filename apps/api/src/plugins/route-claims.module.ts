import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { RouteClaims } from './route-claims';

@Module({ imports: [DiscoveryModule], providers: [RouteClaims], exports: [RouteClaims] })
export class RouteClaimsModule implements OnApplicationBootstrap {
  constructor(private readonly claims: RouteClaims) {}

  onApplicationBootstrap(): void {
    this.claims.check();
  }
}
