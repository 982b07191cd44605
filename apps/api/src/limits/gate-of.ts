import type { FastifyRequest } from 'fastify';
import type { RateCaller } from './caller';

const CALLER = Symbol('rate caller');

/** In the Fastify `config` of a route: its handler hands the gate of its request to the engine itself. */
export const PASSES_GATE = Object.freeze({ passesGate: true });

export function passesGate(config: unknown): boolean {
  return (config as Partial<typeof PASSES_GATE> | undefined)?.passesGate === true;
}

/** Whom an HTTP request is charged to, and until when; undefined where there is neither a limit nor a deadline. */
export function gateOf(request: FastifyRequest): RateCaller | undefined {
  return (request as { [CALLER]?: RateCaller })[CALLER];
}

export function setGate(request: FastifyRequest, caller: RateCaller): RateCaller {
  return ((request as { [CALLER]?: RateCaller })[CALLER] = caller);
}
