import { isAddressRange, TrustedProxies } from './trusted-proxies';

describe('TrustedProxies', () => {
  it.each(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'])('takes %s', (range) =>
    expect(isAddressRange(range)).toBe(true),
  );

  it.each(['', 'proxy.example.com', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', 'true', '*'])(
    'refuses "%s"',
    (range) => expect(isAddressRange(range)).toBe(false),
  );

  it.each([
    ['nobody is trusted', [], '10.0.0.1', '1.2.3.4', '10.0.0.1'],
    ['the peer is no proxy', ['10.0.0.0/8'], '192.0.2.7', '1.2.3.4', '192.0.2.7'],
    ['a proxy says for whom', ['10.0.0.0/8'], '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['the caller wrote a header of its own', ['10.0.0.0/8'], '10.0.0.1', '9.9.9.9, 1.2.3.4', '1.2.3.4'],
    ['two proxies stand in a row', ['10.0.0.0/8'], '10.0.0.1', '9.9.9.9, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
    ['the caller is a proxy itself', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.9', '10.0.0.9'],
    ['a socket is for both families', ['10.0.0.1'], '::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
    ['no header comes', ['10.0.0.1'], '::ffff:10.0.0.1', undefined, '10.0.0.1'],
    ['IPv6 is spoken', ['fd00::/8'], 'fd00::1', '2001:db8::5', '2001:db8::5'],
  ])('where %s', (_name, ranges, peer, header, caller) =>
    expect(new TrustedProxies(ranges).callerOf(peer, header)).toBe(caller),
  );
});
