import { Controller, Get, Res } from '@nestjs/common';
import { Public } from '@sutra-embedder/engine';
import type { FastifyReply } from 'fastify';
import type { HealthResponseDto } from '../transports/rest/dto/responses.dto';
import { HealthService } from './health.service';
import { Readiness } from './readiness';

@Controller()
@Public()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly readiness: Readiness,
  ) {}

  @Get('v1/health')
  async check(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponseDto> {
    const response = await this.health.check();
    const age = this.health.probeAgeSeconds;
    if (age !== undefined) void reply.header('age', age);
    void reply.header('cache-control', 'no-store').status(response.status === 'unhealthy' ? 503 : 200);
    return response;
  }

  /** The process answers: for a liveness probe, which must not restart a server that is only busy. */
  @Get('livez')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** The server wants requests: for a readiness probe. */
  @Get('readyz')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string }> {
    const ready = this.readiness.ready && (await this.health.check()).status !== 'unhealthy';
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not ready' };
  }
}
