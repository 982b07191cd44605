import { Controller, Get } from '@nestjs/common';
import { Engine, RequireScope, type SystemReport } from '@sutra-embedder/engine';

@Controller('v1/system')
export class SystemController {
  constructor(private readonly engine: Engine) {}

  /** For operators: the machine, the plugins, and what each preset runs on and why. */
  @Get()
  @RequireScope('embedding.admin')
  report(): Promise<SystemReport> {
    return this.engine.report();
  }
}
