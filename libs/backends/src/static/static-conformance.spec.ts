import { join } from 'node:path';
import { FolderSource, loadTokenizer } from '@sutra-embedder/engine';
import { backendConformance } from '@sutra-embedder/engine/testing';
import { StaticBackend } from '@sutra-embedder/backends';

backendConformance(
  'static',
  () => new StaticBackend(),
  async () => {
    const folder = join(__dirname, '../../../../models');
    const model = await new FolderSource('shipped', [folder]).locate('sutra-static-en');
    const [artifact] = model?.artifacts ?? [];
    if (!model || !artifact) throw new Error('models/ has no sutra-static-en');
    const tokenizer = await loadTokenizer(model.tokenizerPath, { specialTokens: false });
    const texts = ['one', 'a sentence of medium length, with a comma', 'long '.repeat(60)];
    return { model, artifact, texts: texts.map((text) => [...tokenizer.encode(text, 256, 'end').ids]) };
  },
);
