import { EventEmitter } from 'node:events';
import type { BatchReport } from '../scheduler/scheduler';
import type { EmbedSummary } from './embed-request';
import type { GroupOutage } from './session-groups';

interface EventMap {
  /** A request was answered in full. */
  embedded: [summary: EmbedSummary, texts: number];
  /** A request failed. */
  failed: [error: unknown];
  batch: [report: BatchReport & { readonly model: string; readonly precision: string }];
  /** Sessions of a model were opened; how long that took. */
  loaded: [model: string, backend: string, ms: number];
  hostDeath: [reason: Error, backend: string];
  /** A line that a session host wrote to its standard output or error. */
  hostOutput: [line: string, backend: string];
  /** A text ended two sessions and is refused from now on; known by the SHA-256 of its token ids. */
  textRefused: [sha256: string, model: string, backend: string];
  /** A backend keeps failing a model and is left alone for now. */
  outage: [outage: GroupOutage];
  recovery: [model: string, backend: string];
}

/** What the engine tells whoever listens: metrics, logs. Never holds a text. */
export class EngineEvents extends EventEmitter<EventMap> {}
