import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import { fit } from '../src/fit';
import { writeWhitening } from '../src/whitening';
import { WhiteningProcessor } from '../src/whitening-processor';
import { dependentVectors } from './sequence';

const folder = mkdtempSync(join(tmpdir(), 'whitening-'));
after(() => rmSync(folder, { recursive: true }));

const path = join(folder, 'whitening.json');
writeFileSync(path, writeWhitening(fit('sample', dependentVectors(300, 96))));
const model = sampleModel({ dimensions: 96 });
const task = { model, from: 96, to: 64, scheme: 'none', normalize: true } as const;

const ready = async () => {
  const processor = new WhiteningProcessor(path);
  await processor.init();
  return processor;
};

processorConformance('Whitening', ready, [task, { ...task, to: 77, normalize: false }, { ...task, to: 1 }], {
  refused: [
    { ...task, to: 96 },
    { ...task, to: 0 },
    { ...task, from: 97 },
    { ...task, model: sampleModel({ id: 'another', dimensions: 96 }) },
  ],
  runner: { describe, it },
});

describe('Whitening', () => {
  it('leaves the work to others when nothing was fitted, and says what to do', async () => {
    const processor = new WhiteningProcessor(undefined);
    await processor.init();
    const answer = processor.accepts(task);
    assert.ok(!answer.available && /WHITENING_FILE is not set; make one with whitening-fit/.test(answer.reason));
  });

  it('stops the boot when its file is missing or broken', async () => {
    await assert.rejects(new WhiteningProcessor(join(folder, 'missing.json')).init(), /WHITENING_FILE cannot be used/);
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"model":"sample"}');
    await assert.rejects(new WhiteningProcessor(broken).init(), /its sizes are no sizes/);
  });
});
