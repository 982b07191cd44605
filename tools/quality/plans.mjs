export const SCHEMES = ['none', 'int8', 'int4', 'binary'];

/**
 * Reads plans like `256`, `256:int8` or `64,128,2048:none+binary`; a length without schemes means all schemes.
 * @param {string} text
 * @returns {{ dimensions: number, scheme: string }[]}
 */
export function parsePlans(text) {
  return text.split(',').flatMap((part) => {
    const [length, schemes = SCHEMES.join('+'), ...rest] = part.split(':');
    const dimensions = Number(length);
    if (rest.length > 0 || !Number.isInteger(dimensions) || dimensions < 1) {
      throw new Error(`"${part}" is no plan: write a length and, after a colon, codings, e.g. 256:none+int8`);
    }
    return schemes.split('+').map((scheme) => {
      if (!SCHEMES.includes(scheme)) throw new Error(`"${scheme}" is no coding: one of ${SCHEMES.join(', ')}`);
      return { dimensions, scheme };
    });
  });
}
