import { z } from 'zod';
import { isAddressRange } from '../security/trusted-proxies';

/** What a connection may take of this server, before anybody knows whose it is. */
export interface ConnectionLimits {
  /** Most connections to each port. */
  readonly most: number;
  readonly headerBytes: number;
  /** Within this time a request's headers are here. */
  readonly headersMs: number;
  /** Within this time the whole request is here. */
  readonly receiveMs: number;
  /** How long a connection is kept for its next request. */
  readonly keepAliveMs: number;
  /** A connection over which nothing moves for so long is closed. */
  readonly idleMs: number;
}

const atLeast = (least: number) => z.coerce.number().int().min(least);

/** What keeps one caller, or too many, from taking the service down. */
export const LIMIT_VARIABLES = {
  SUTRA_TRUSTED_PROXIES: z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((values) => values.every(isAddressRange), {
      error: 'holds something that is neither an address nor a range such as 10.0.0.0/8',
    })
    .default([]),
  SUTRA_HEADER_LIMIT_KB: atLeast(1).default(16),
  SUTRA_HEADERS_TIMEOUT_MS: atLeast(10).default(10_000),
  SUTRA_RECEIVE_TIMEOUT_MS: atLeast(10).default(60_000),
  SUTRA_KEEP_ALIVE_MS: atLeast(10).default(72_000),
  SUTRA_IDLE_TIMEOUT_MS: atLeast(10).default(300_000),
  SUTRA_MAX_CONNECTIONS: atLeast(1).default(10_000),
};

type Values = z.output<z.ZodObject<typeof LIMIT_VARIABLES>>;

export interface LimitsConfiguration {
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly connections: ConnectionLimits;
}

export function readLimits(values: Values): LimitsConfiguration {
  return {
    trustedProxies: Object.freeze(values.SUTRA_TRUSTED_PROXIES),
    connections: Object.freeze({
      most: values.SUTRA_MAX_CONNECTIONS,
      headerBytes: values.SUTRA_HEADER_LIMIT_KB * 1024,
      // A request whose headers are late is late as a whole.
      headersMs: Math.min(values.SUTRA_HEADERS_TIMEOUT_MS, values.SUTRA_RECEIVE_TIMEOUT_MS),
      receiveMs: values.SUTRA_RECEIVE_TIMEOUT_MS,
      keepAliveMs: values.SUTRA_KEEP_ALIVE_MS,
      idleMs: values.SUTRA_IDLE_TIMEOUT_MS,
    }),
  };
}
