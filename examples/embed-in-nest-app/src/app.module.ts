import { join } from 'node:path';
import { Body, Controller, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import { BackendsModule } from '@sutra-embedder/backends';
import { EmbeddingService, EngineModule } from '@sutra-embedder/engine';
import { HardwareModule } from '@sutra-embedder/hardware';
import { QuantizationModule } from '@sutra-embedder/quantization';

/** Settings of this application; the engine's come out of them, whichever way they are found. */
@Injectable()
export class Settings {
  /** Folders with models, one a subfolder with a manifest.json. */
  readonly modelFolders = [process.env['SUTRA_EXAMPLE_MODELS'] ?? join(__dirname, '../../../../models')];
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

const ANSWERS = [
  'Our office is open from nine to five.',
  'You can send goods back within thirty days.',
  'We ship to every country in Europe.',
];

/** Finds the answer that is nearest to a question. */
@Controller('answers')
class AnswersController {
  private answers: Promise<Float32Array[]> | undefined;

  constructor(private readonly embeddings: EmbeddingService) {}

  @Post()
  @HttpCode(200)
  async answer(@Body('question') question: string) {
    this.answers ??= this.embed(ANSWERS);
    const [answers, [asked]] = await Promise.all([this.answers, this.embed([question])]);
    const scores = answers.map((vector) => vector.reduce((sum, value, i) => sum + value * (asked?.[i] ?? 0), 0));
    const score = Math.max(...scores);
    return { answer: ANSWERS[scores.indexOf(score)], score };
  }

  private async embed(texts: readonly string[]): Promise<Float32Array[]> {
    const { items } = await this.embeddings.embed({ texts, model: 'efficient', dimensions: 256 });
    return items.map(({ values }) => values);
  }
}

@Module({
  imports: [
    EngineModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: ({ modelFolders }: Settings) => ({ modelFolders }),
    }),
    BackendsModule,
    HardwareModule,
    QuantizationModule,
  ],
  controllers: [AnswersController],
})
export class AppModule {}
