import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { WhiteningProcessor } from './whitening-processor';

const processor = {
  provide: WhiteningProcessor,
  useFactory: () => new WhiteningProcessor(process.env['WHITENING_FILE']),
};

/** Load it with SUTRA_PLUGINS; WHITENING_FILE names what whitening-fit has made. */
@EmbedderPlugin({ name: '@sutra-embedder/example-plugin-processor', version: '1.0.0', engine: '^1.0.0' })
@Module({ providers: [processor] })
export class WhiteningPlugin {}
