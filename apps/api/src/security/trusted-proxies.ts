import { BlockList, isIP } from 'node:net';

/** Whether a text is an address, or a range of them in CIDR notation. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** Who may say on whose behalf it calls. Everybody can write a header: only a stated proxy's is believed. */
export class TrustedProxies {
  private readonly list = new BlockList();

  constructor(private readonly ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/');
      const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(bits), family);
    }
  }

  readonly trusts = (address: string): boolean => {
    if (this.ranges.length === 0) return false;
    const plain = withoutMapping(address);
    const family = isIP(plain);
    return family !== 0 && this.list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };

  /**
   * The caller's address: the last one that no trusted proxy stands at.
   * @param peer at the other end of the connection
   * @param forwardedFor the X-Forwarded-For header, to which each proxy has added the address it was called from
   */
  callerOf(peer: string, forwardedFor: string | undefined): string {
    const chain = [...(forwardedFor ?? '').split(',').map((part) => part.trim()), peer].filter(Boolean);
    for (let i = chain.length - 1; i > 0; i--) {
      const address = chain[i] as string;
      if (!this.trusts(address)) return withoutMapping(address);
    }
    return withoutMapping(chain[0] ?? peer);
  }
}

/** An IPv4 address as a socket for both families shows it: `::ffff:10.0.0.1`. */
function withoutMapping(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
