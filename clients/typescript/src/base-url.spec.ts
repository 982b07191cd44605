import { apiUrl, webSocketUrl } from './base-url.ts';

describe('where the server is', () => {
  const { SUTRA_BASE_URL } = process.env;
  beforeEach(() => delete process.env['SUTRA_BASE_URL']);
  afterAll(() => {
    if (SUTRA_BASE_URL !== undefined) process.env['SUTRA_BASE_URL'] = SUTRA_BASE_URL;
  });

  it.each([
    ['http://host:1', 'http://host:1/v1', 'ws://host:1/v1/ws'],
    ['http://host:1/v1/', 'http://host:1/v1', 'ws://host:1/v1/ws'],
    ['https://host/behind/a/proxy', 'https://host/behind/a/proxy/v1', 'wss://host/behind/a/proxy/v1/ws'],
    [undefined, 'http://127.0.0.1:8080/v1', 'ws://127.0.0.1:8080/v1/ws'],
  ])('%p', (given, api, ws) => {
    expect([apiUrl(given), webSocketUrl(given)]).toEqual([api, ws]);
  });

  it('is what SUTRA_BASE_URL says where nothing is given', () => {
    process.env['SUTRA_BASE_URL'] = 'https://named.example/v1';
    expect([apiUrl(undefined), webSocketUrl(undefined)]).toEqual([
      'https://named.example/v1',
      'wss://named.example/v1/ws',
    ]);
    expect(apiUrl('http://host:1')).toBe('http://host:1/v1');
  });

  it('leaves the address of a WebSocket as it is', () => {
    expect(webSocketUrl('wss://host/elsewhere?x=1')).toBe('wss://host/elsewhere?x=1');
  });

  it('says what is no address', () => {
    expect(() => apiUrl('not an address')).toThrow(/Invalid URL|not an address/);
  });
});
