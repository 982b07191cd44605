import { writeExactly } from './exact-buffer';

describe('writeExactly', () => {
  it.each([0, 1, 1000, 5 << 20])('gives the %i bytes that were written, whatever was asked for', (size) => {
    const bytes = writeExactly(size * 2 + 1, (target) => target.fill(7, 0, size) && size);
    expect(bytes).toHaveLength(size);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
  });

  it('leaves an earlier answer as it was', () => {
    const first = writeExactly(10, (target) => target.write('first'));
    writeExactly(10, (target) => target.write('second'));
    expect(first.toString()).toBe('first');
  });
});
