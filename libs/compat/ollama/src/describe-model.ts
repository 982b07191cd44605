import { stat } from 'node:fs/promises';
import type { Artifact, Model, Precision } from '@sutra-embedder/engine';

const LEVELS: Readonly<Record<Precision, string>> = { fp32: 'F32', fp16: 'F16', int8: 'I8' };

/** A model as Ollama describes one, from its manifest. */
export interface ModelDescription {
  readonly modified_at: string;
  readonly size: number;
  readonly digest: string;
  readonly details: object;
}

export async function describeModel(model: Model): Promise<ModelDescription> {
  const artifact = mainArtifact(model);
  return {
    modified_at: (await stat(model.folder)).mtime.toISOString(),
    size: artifact?.bytes ?? Math.round(model.sizeMb * 1e6),
    digest: artifact?.sha256 ?? '',
    details: {
      parent_model: '',
      format: artifact?.format ?? '',
      family: model.family,
      families: [model.family],
      // Not stated by any manifest; the field is a string in every client.
      parameter_size: '',
      quantization_level: artifact ? LEVELS[artifact.precision] : '',
      context_length: model.maxTokens,
      embedding_length: model.dimensions,
    },
  };
}

/** What a request runs that names the model by its id. */
function mainArtifact({ artifacts }: Model): Artifact | undefined {
  return artifacts.find(({ precision }) => precision === 'fp32') ?? artifacts[0];
}
