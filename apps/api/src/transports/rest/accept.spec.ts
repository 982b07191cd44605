import { preferredForm } from './accept';

describe('preferredForm', () => {
  it.each([
    [undefined, 'ndjson'],
    ['*/*', 'ndjson'],
    ['application/json', 'ndjson'],
    ['application/x-ndjson', 'ndjson'],
    ['text/event-stream', 'sse'],
    ['text/event-stream, */*;q=0.1', 'sse'],
    ['application/x-ndjson;q=0.5, text/event-stream', 'sse'],
    ['application/x-ndjson, text/event-stream;q=0.9', 'ndjson'],
    ['text/event-stream;q=0', 'ndjson'],
  ])('%s -> %s', (accept, form) => expect(preferredForm(accept)).toBe(form));
});
