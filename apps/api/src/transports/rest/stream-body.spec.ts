import type { EmbeddingStream, StreamOutcome } from '@sutra-embedder/engine';
import { streamBody } from './stream-body';

const outcome = (index: number) =>
  ({
    index,
    item: { index, values: Float32Array.of(0.5), tokens: 3, truncated: false, latencyMs: 1 },
    plan: { model: { id: 'm' } },
  }) as unknown as StreamOutcome;

describe('streamBody', () => {
  it('sends comments while the next vector takes long, and counts a record as read once the next is asked for', async () => {
    const released: number[] = [];
    let answer: (outcome: StreamOutcome) => void = () => undefined;
    const stream = {
      next: () => new Promise<StreamOutcome>((resolve) => (answer = resolve)),
      release: () => released.push(1),
    } as unknown as EmbeddingStream;
    const context = { form: 'sse', format: 'float', requestId: 'r', heartbeatMs: 1, onError: () => undefined } as const;
    const body = streamBody(stream, outcome(0), context);
    const step = async () => String((await body.next()).value);

    expect(await step()).toMatch(/^event: embedding\nid: chunk_000\ndata: \{"chunk_id":"chunk_000".*\}\n\n$/);
    expect(released).toHaveLength(0);
    expect(await step()).toBe(': heartbeat\n\n');
    expect(released).toHaveLength(1);
    expect(await step()).toBe(': heartbeat\n\n');
    answer(outcome(1));
    expect(await step()).toContain('id: chunk_001');
  });
});
