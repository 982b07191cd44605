import { join } from 'node:path';
import { FolderSource, loadTokenizer } from '@sutra-embedder/engine';
import { backendConformance, sourceConformance } from '@sutra-embedder/engine/testing';
import { OnnxCpuBackend } from '@sutra-embedder/backends';

const folders = [join(__dirname, '../../../../models')];

describe.each(['fp32', 'int8'])('all-MiniLM-L6-v2 in %s', (id) => {
  backendConformance(
    'onnx-cpu',
    () => new OnnxCpuBackend(),
    once(async () => {
      const model = await new FolderSource('shipped', folders).locate('all-MiniLM-L6-v2');
      const artifact = model?.artifacts.find((candidate) => candidate.id === id);
      if (!model || !artifact) throw new Error(`models/ has no ${id} artifact`);
      const tokenizer = await loadTokenizer(model.tokenizerPath);
      const texts = ['one', 'a sentence of medium length, with a comma', 'long '.repeat(60)];
      return { model, artifact, texts: texts.map((text) => [...tokenizer.encode(text, 256, 'end').ids]) };
    }),
  );
});

sourceConformance('the folder of shipped models', () => new FolderSource('shipped', folders), {
  ready: ['all-MiniLM-L6-v2'],
});

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
