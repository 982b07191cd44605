import fc from 'fast-check';
import { Deadline } from './deadline.ts';
import { linesOf } from './lines.ts';
import { eventData } from './server-sent-events.ts';

async function collect(text: string, cuts: readonly number[], sse = false): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 1; i < edges.length; i++) controller.enqueue(bytes.slice(edges[i - 1], edges[i]));
      controller.close();
    },
  });
  const deadline = new Deadline(60_000, undefined);
  const lines = linesOf(body, deadline);
  const all: string[] = [];
  for await (const line of sse ? eventData(lines) : lines) all.push(line);
  deadline.end();
  return all;
}

it('linesOf gives the same lines however the bytes are cut, also within a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n]/g, '') + '€')),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (lines, cuts) => {
        expect(await collect(lines.map((line) => `${line}\n`).join(''), cuts)).toEqual(lines);
      },
    ),
  );
});

it('eventData gives the data of whole events, and no heartbeats', async () => {
  const text =
    ': heartbeat\n\nevent: embedding\nid: chunk_000\ndata: {"a":1}\n\ndata:one\r\ndata: two\r\n\r\ndata: cut off';
  expect(await collect(text, [3, 30, 31], true)).toEqual(['{"a":1}', 'one\ntwo']);
});
