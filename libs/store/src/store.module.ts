import { Module, type DynamicModule } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { loadCatalogue } from './catalogue/catalogue';
import type { HubOptions } from './hub/hub-options';
import { HubSource } from './hub/hub-source';
import { SentenceTransformersSource } from './sentence-transformers/sentence-transformers-source';

export interface StoreModuleOptions {
  /** Folders with models in sentence-transformers layout, one a subfolder; earlier ones win. */
  readonly modelFolders?: readonly string[];
  /** Absent: nothing is ever downloaded. */
  readonly hub?: HubOptions | undefined;
  /** A JSON file like the shipped catalogue, with models of one's own. */
  readonly catalogueFile?: string | undefined;
}

/** Models from the Hugging Face hub and from folders. */
@EmbedderPlugin({ name: '@sutra-embedder/store', version: '1.0.0', engine: '^1.0.0' })
@Module({})
export class StoreModule {
  static forRoot({ modelFolders = [], hub, catalogueFile }: StoreModuleOptions = {}): DynamicModule {
    return {
      module: StoreModule,
      providers: [
        {
          provide: SentenceTransformersSource,
          useFactory: () => new SentenceTransformersSource(modelFolders),
        },
        ...(hub
          ? [{ provide: HubSource, useFactory: async () => new HubSource(await loadCatalogue(catalogueFile), hub) }]
          : []),
      ],
    };
  }
}
