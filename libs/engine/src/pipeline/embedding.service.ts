import { Inject, Injectable, Optional } from '@nestjs/common';
import { EMBED_GATES, type EmbedGate, type EmbedGates } from '../contracts';
import { BackendFailingError, CancelledError, EngineError, InvalidArgumentError } from '../errors';
import type { Plan, PlanRequest } from '../plan/plan';
import { Engine } from './engine';
import { checkTexts } from './check-texts';
import type { EmbeddedText, EmbedRequest, EmbedResult, EmbedSummary } from './embed-request';
import { EmbeddingRun } from './embedding-run';
import { EmbeddingStream, type StreamRequest } from './embedding-stream';
import { EngineEvents } from './engine-events';
import type { Lease } from './session-groups';

/** The one way from texts to vectors. Every transport and every library user comes through here. */
@Injectable()
export class EmbeddingService {
  constructor(
    private readonly engine: Engine,
    private readonly events: EngineEvents,
    @Optional() @Inject(EMBED_GATES) private readonly gates?: EmbedGates,
  ) {}

  /** What a request would run on. */
  async plan(request: PlanRequest): Promise<Plan> {
    return this.engine.plans.resolve(request);
  }

  /**
   * Vectors of all texts, in their order.
   * @throws EngineError; nothing is returned in part
   */
  async embed(request: EmbedRequest, signal?: AbortSignal): Promise<EmbedResult> {
    const items = new Array<EmbeddedText>(request.texts.length);
    const summary = await this.run(request, (text) => void (items[text.index] = text), signal, true);
    return { ...summary, items };
  }

  /**
   * Hands out each vector as it is finished, in order of completion, and returns what holds for all of them.
   * @throws EngineError; vectors handed out before stay valid
   */
  async embedEach(
    request: EmbedRequest,
    onText: (text: EmbeddedText) => void,
    signal?: AbortSignal,
  ): Promise<EmbedSummary> {
    return this.run(request, onText, signal, false);
  }

  /**
   * Opens a stream: texts are added while vectors are read.
   * @param bufferSize most texts that are unread, at least 1
   * @throws EngineError where no text of such a stream could be served
   */
  async openStream(request: StreamRequest, bufferSize: number): Promise<EmbeddingStream> {
    const plan = await this.plan(request);
    checkInputType(request.inputType, plan);
    return new EmbeddingStream((one, signal) => this.embed(one, signal), request, plan, bufferSize);
  }

  private async run(
    request: EmbedRequest,
    onText: (text: EmbeddedText) => void,
    signal: AbortSignal | undefined,
    restartable: boolean,
  ): Promise<EmbedSummary> {
    try {
      const { observer } = request;
      const from = performance.now();
      const gate = request.gate ?? this.gates?.current();
      const ended = gate?.signal && signal ? AbortSignal.any([signal, gate.signal]) : (gate?.signal ?? signal);
      if (ended?.aborted) throw EngineError.is(ended.reason) ? ended.reason : new CancelledError();
      const found = this.hold(request);
      const held = found instanceof Promise ? await found : found;
      observer?.stage('plan', from, performance.now());
      const summary = await this.runHeld(request, held, onText, { signal: ended, charge: gate?.charge, restartable });
      this.events.emit('embedded', summary, request.texts.length);
      observer?.embedded(summary, request.texts.length);
      return summary;
    } catch (error) {
      this.events.emit('failed', error);
      throw error;
    }
  }

  /** Runs a request; where its backend is given up meanwhile, on the next in rank. */
  private async runHeld(
    request: EmbedRequest,
    { plan, lease }: Held,
    onText: (text: EmbeddedText) => void,
    { signal, charge, restartable }: RunOptions,
  ): Promise<EmbedSummary> {
    let handedOut = false;
    try {
      checkTexts(request, plan.tokenizer.vocabularySize);
      checkInputType(request.inputType, plan);
      const take = (text: EmbeddedText): void => {
        handedOut = true;
        onText(text);
      };
      return await new EmbeddingRun(request, plan, lease.group, take, charge).run(signal);
    } catch (error) {
      if (!(error instanceof BackendFailingError) || (handedOut && !restartable)) throw error;
    } finally {
      lease.release();
    }
    // Charged once, whatever it runs on in the end.
    return this.runHeld(request, await this.hold(request), onText, { signal, charge: undefined, restartable });
  }

  /** The plan of a request with its sessions held open; at once where nothing must be opened. */
  private hold(request: PlanRequest): Held | Promise<Held> {
    const plan = this.engine.plans.resolve(request);
    if (plan instanceof Promise) return plan.then((made) => this.holdLater(made, request));
    const lease = plan.group.acquire();
    return lease instanceof Promise ? this.holdLater(plan, request, lease) : { plan, lease };
  }

  private async holdLater(plan: Plan, request: PlanRequest, lease?: Promise<Lease>): Promise<Held> {
    try {
      return { plan, lease: await (lease ?? plan.group.acquire()) };
    } catch {
      // What the plan was made for opens no more: the ranking may have something else.
      this.engine.plans.clear();
      const next = await this.engine.plans.resolve(request);
      return { plan: next, lease: await next.group.acquire() };
    }
  }
}

interface RunOptions {
  readonly signal: AbortSignal | undefined;
  readonly charge: EmbedGate['charge'] | undefined;
  /** Whether texts may be handed out again; otherwise it fails once any was. */
  readonly restartable: boolean;
}

interface Held {
  readonly plan: Plan;
  readonly lease: Lease;
}

/** `query` and `passage` are known to every model: one without prompts takes texts of both kinds as they are. */
function checkInputType(inputType: string | undefined, { model }: Plan): void {
  if (inputType === undefined || inputType === 'query' || inputType === 'passage') return;
  if (!Object.hasOwn(model.prompts, inputType)) {
    throw new InvalidArgumentError(
      `input_type "${inputType}" is not one of model "${model.id}": query, passage${Object.keys(model.prompts)
        .map((name) => `, ${name}`)
        .join('')}`,
      { field: 'input_type' },
    );
  }
}
