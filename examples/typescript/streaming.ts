// Embeds lines while they come in: here a feed that has a new one every few milliseconds.
//
// npx tsx streaming.ts
import { setTimeout as sleep } from 'node:timers/promises';
import { cosineSimilarity, SutraEmbedder, SutraEmbedderWebSocket } from '@sutra-embedder/client';

const SUBJECTS = ['the harbor', 'a locomotive', 'the orchestra', 'an orchard', 'the observatory'];

/** Stands in for a log, a queue or a microphone. */
async function* feed(): AsyncGenerator<string> {
  for (let i = 0; i < 50; i++) {
    yield `report ${i}: news from ${SUBJECTS[i % SUBJECTS.length]}`;
    await sleep(5);
  }
}

const { embeddings } = await new SutraEmbedder().embed('trains and railways');
const best = { score: -1, text: '' };
let count = 0;

const session = new SutraEmbedderWebSocket();
// At most 16 lines are on their way at once: when vectors are taken slowly, the feed is read slowly.
for await (const { text, embedding } of session.embed(feed(), { buffer_size: 16, max_latency_ms: 50 })) {
  const score = cosineSimilarity(embeddings[0], embedding);
  if (score > best.score) Object.assign(best, { score, text });
  count++;
}
await session.close();
console.log(`${count} lines embedded as they came; nearest to trains: "${best.text}" (${best.score.toFixed(3)})`);
