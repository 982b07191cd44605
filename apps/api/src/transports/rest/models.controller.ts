import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Engine, HARDWARE_TIERS, type ModelEntry } from '@sutra-embedder/engine';
import { ModelsQueryDto } from './dto/models-query.dto';
import type { DownloadResponseDto, ListedModelDto, ModelsResponseDto } from './dto/responses.dto';

@Controller('v1/models')
export class ModelsController {
  constructor(private readonly engine: Engine) {}

  @Get()
  async list(@Query() { dimensions, hardware_profile: tier }: ModelsQueryDto): Promise<ModelsResponseDto> {
    const models = (await this.engine.models.list()).filter(
      (model) =>
        (dimensions === undefined || gives(model, dimensions)) &&
        (tier === undefined || HARDWARE_TIERS.indexOf(model.hardwareTier) <= HARDWARE_TIERS.indexOf(tier)),
    );
    return { models: models.map(toListed), total_count: models.length };
  }

  @Post(':model_id/download')
  @HttpCode(200)
  async download(@Param('model_id') id: string): Promise<DownloadResponseDto> {
    await this.engine.models.locate(id);
    return { status: 'ready', progress: 1, estimated_time_remaining_ms: 0 };
  }
}

/** By itself, by a cut it was trained for, or through its rotation; expansion does not count. */
function gives(model: ModelEntry, dimensions: number): boolean {
  return (
    dimensions === model.dimensions ||
    model.trainedDimensions.includes(dimensions) ||
    (model.hasRotation && dimensions < model.dimensions)
  );
}

function toListed(model: ModelEntry): ListedModelDto {
  return {
    model_id: model.id,
    name: model.name,
    dimensions: model.dimensions,
    native_dimensions: model.dimensions,
    ...(model.qualityScore !== null && { quality_score: model.qualityScore }),
    ...(model.sizeMb !== null && { size_mb: model.sizeMb }),
    state: model.state,
    license: model.license,
    max_tokens: model.maxTokens,
    hardware_tier: model.hardwareTier,
  };
}
