import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Engine, HARDWARE_TIERS, RequireScope, type ModelEntry, type ModelStatus } from '@sutra-embedder/engine';
import { ModelsQueryDto } from './dto/models-query.dto';
import type { DownloadResponseDto, ListedModelDto, ModelDetailDto, ModelsResponseDto } from './dto/responses.dto';

/** An id has one part, or two as on a hub: `name`, `organization/name` (or both in one, with %2F). */
const IDS = [':model_id', ':organization/:model_id'];

@Controller('v1/models')
export class ModelsController {
  constructor(private readonly engine: Engine) {}

  @Get()
  @RequireScope('embedding.read')
  async list(@Query() { dimensions, hardware_profile: tier }: ModelsQueryDto): Promise<ModelsResponseDto> {
    const models = (await this.engine.store.list()).filter(
      ({ entry: model }) =>
        (dimensions === undefined || gives(model, dimensions)) &&
        (tier === undefined || HARDWARE_TIERS.indexOf(model.hardwareTier) <= HARDWARE_TIERS.indexOf(tier)),
    );
    return { models: models.map(({ entry, status }) => toListed(entry, status)), total_count: models.length };
  }

  @Get(IDS)
  @RequireScope('embedding.read')
  async get(@Param() params: ModelIdParams): Promise<ModelDetailDto> {
    const id = idOf(params);
    const entry = await this.engine.names.entry(id);
    const status = await this.engine.store.status(entry.id);
    return {
      ...toListed(entry, status),
      ...toProgress(status),
    };
  }

  /** Answers at once; asked again, it tells how far the same download is. */
  @Post(IDS.map((id) => `${id}/download`))
  @HttpCode(200)
  @RequireScope('embedding.write')
  async download(@Param() params: ModelIdParams): Promise<DownloadResponseDto> {
    return toDownload(await this.engine.store.download(idOf(params)));
  }

  /** Cancels a download; takes a downloaded model off the disk once its last request is done. */
  @Delete(IDS)
  @RequireScope('embedding.write')
  async remove(@Param() params: ModelIdParams): Promise<DownloadResponseDto> {
    return toDownload(await this.engine.store.remove(idOf(params)));
  }
}

interface ModelIdParams {
  readonly organization?: string;
  readonly model_id: string;
}

function idOf({ organization, model_id: id }: ModelIdParams): string {
  return organization === undefined ? id : `${organization}/${id}`;
}

/** Whoever waits for a download waits for `ready`; that sessions are open besides does not concern it. */
function toDownload(status: ModelStatus): DownloadResponseDto {
  return { status: status.state === 'loaded' ? 'ready' : status.state, ...toProgress(status) };
}

function toProgress({ progress, estimatedTimeRemainingMs, reason }: ModelStatus): Omit<DownloadResponseDto, 'status'> {
  return {
    progress,
    ...(estimatedTimeRemainingMs !== null && { estimated_time_remaining_ms: estimatedTimeRemainingMs }),
    ...(reason !== undefined && { reason }),
  };
}

/** By itself, by a cut it was trained for, or through its rotation; expansion does not count. */
function gives(model: ModelEntry, dimensions: number): boolean {
  return (
    dimensions === model.dimensions ||
    model.trainedDimensions.includes(dimensions) ||
    (model.hasRotation && dimensions < model.dimensions)
  );
}

function toListed(model: ModelEntry, { state }: ModelStatus): ListedModelDto {
  return {
    model_id: model.id,
    name: model.name,
    dimensions: model.dimensions,
    native_dimensions: model.dimensions,
    ...(model.qualityScore !== null && { quality_score: model.qualityScore }),
    ...(model.sizeMb !== null && { size_mb: model.sizeMb }),
    state,
    license: model.license,
    max_tokens: model.maxTokens,
    hardware_tier: model.hardwareTier,
  };
}
