import type { EmbedGate } from '@sutra-embedder/engine';
import type { FastifyRequest } from 'fastify';

const GATE = Symbol('gate');

/** In the Fastify `config` of a route: its handler hands the gate of its request to the engine itself. */
export const PASSES_GATE = Object.freeze({ passesGate: true });

export function passesGate(config: unknown): boolean {
  return (config as Partial<typeof PASSES_GATE> | undefined)?.passesGate === true;
}

/** Whom an HTTP request is charged to, and until when; undefined where there is neither a limit nor a deadline. */
export function gateOf(request: FastifyRequest): EmbedGate | undefined {
  return (request as { [GATE]?: EmbedGate })[GATE];
}

export function setGate(request: FastifyRequest, gate: EmbedGate): void {
  (request as { [GATE]?: EmbedGate })[GATE] = gate;
}
