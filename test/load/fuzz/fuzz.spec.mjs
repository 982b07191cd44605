import { BuiltServer } from '../server/built-server.mjs';
import { fuzz } from './fuzz.mjs';

describe('whatever is sent', () => {
  it('is answered with what it deserves, never with a fault of the server', async () => {
    const server = await BuiltServer.start();
    try {
      expect(await fuzz(server, 600)).toEqual([]);
      expect((await server.post('/v1/embeddings', { texts: ['still here'] })).status).toBe(200);
    } finally {
      await server.stop();
    }
  }, 120_000);
});
