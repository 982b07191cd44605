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
  SUTRA_REQUEST_TIMEOUT_MS: atLeast(0).default(0),
  SUTRA_RATE_REQUESTS_PER_MINUTE: atLeast(0).default(0),
  SUTRA_RATE_TOKENS_PER_MINUTE: atLeast(0).default(0),
  SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE: atLeast(0).default(0),
  SUTRA_RATE_ADDRESS_TOKENS_PER_MINUTE: atLeast(0).default(0),
  SUTRA_REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'is not an address such as redis://127.0.0.1:6379' })
    .optional(),
};

type Values = z.output<z.ZodObject<typeof LIMIT_VARIABLES>>;

export interface LimitsConfiguration {
  /** Addresses and ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly connections: ConnectionLimits;
  /** Within this time a request is answered; 0: no bound. */
  readonly requestTimeoutMs: number;
  readonly rates: RateConfiguration;
}

export interface RateConfiguration {
  /** Where replicas share their counts; undefined: each counts for itself. */
  readonly redisUrl: string | undefined;
  /** Those that are switched on. */
  readonly limits: readonly {
    readonly name: string;
    readonly of: 'requests' | 'tokens';
    readonly by: 'key' | 'address';
    readonly limit: number;
  }[];
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
    requestTimeoutMs: values.SUTRA_REQUEST_TIMEOUT_MS,
    rates: Object.freeze({
      redisUrl: values.SUTRA_REDIS_URL,
      limits: (
        [
          { name: 'requests', of: 'requests', by: 'key', limit: values.SUTRA_RATE_REQUESTS_PER_MINUTE },
          { name: 'tokens', of: 'tokens', by: 'key', limit: values.SUTRA_RATE_TOKENS_PER_MINUTE },
          {
            name: 'address-requests',
            of: 'requests',
            by: 'address',
            limit: values.SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE,
          },
          { name: 'address-tokens', of: 'tokens', by: 'address', limit: values.SUTRA_RATE_ADDRESS_TOKENS_PER_MINUTE },
        ] as const
      ).filter(({ limit }) => limit > 0),
    }),
  };
}
