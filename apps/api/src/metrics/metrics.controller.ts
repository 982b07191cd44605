import { Controller, Get, Res } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import { Public, RequireScope } from '@sutra-embedder/engine';
import type { FastifyReply } from 'fastify';

@Controller()
@Public()
export class MetricsController extends PrometheusController {
  @Get()
  override async index(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return super.index(reply);
  }
}

/** The same with SUTRA_METRICS_AUTH=on. */
@Controller()
@RequireScope('embedding.admin')
export class GuardedMetricsController extends MetricsController {}
