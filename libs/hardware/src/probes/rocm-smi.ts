import type { Accelerator } from '@sutra-embedder/engine';

export const ROCM_QUERY = [
  '--showproductname',
  '--showmeminfo',
  'vram',
  '--showuse',
  '--showdriverversion',
  '--json',
] as const;

type Fields = ReadonlyMap<string, string>;

/**
 * Parses the answer to ROCM_QUERY, which may have warnings before or after the JSON. Returns null where there is no JSON
 * at all. Keys differ in case between releases.
 */
export function parseRocmSmi(output: string): Accelerator[] | null {
  const document = jsonObject(output);
  if (document === null) return null;
  const driver = fieldsOf(document['system']).get('driver version') ?? null;
  return Object.entries(document)
    .flatMap(([key, value]): Accelerator[] => {
      const index = /^card(\d+)$/.exec(key)?.[1];
      if (index === undefined) return [];
      const fields = fieldsOf(value);
      const total = numberOf(fields.get('vram total memory (b)'));
      const used = numberOf(fields.get('vram total used memory (b)'));
      const percent = numberOf(fields.get('gpu use (%)'));
      return [
        {
          vendor: 'amd',
          name: fields.get('card series') ?? fields.get('device name') ?? fields.get('card model') ?? 'AMD GPU',
          index: Number(index),
          memoryBytes: total,
          freeMemoryBytes: total === null || used === null ? null : Math.max(0, total - used),
          utilization: percent === null ? null : percent / 100,
          driver,
        },
      ];
    })
    .sort((a, b) => a.index - b.index);
}

function jsonObject(output: string): Readonly<Record<string, unknown>> | null {
  const start = output.indexOf('{');
  const end = output.lastIndexOf('}');
  if (start < 0 || end < start) return null;
  try {
    const parsed: unknown = JSON.parse(output.slice(start, end + 1));
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  if (!isObject(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, text]) =>
      typeof text === 'string' && text.trim() !== '' && text.trim() !== 'N/A' ? [[key.toLowerCase(), text.trim()]] : [],
    ),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
