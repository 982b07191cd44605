import { join } from 'node:path';
import {
  EngineError,
  Grpc,
  InjectEmbeddingService,
  type EmbeddingService,
  type EmbedRequest,
  type EmbedResult,
  type GrpcCall,
  type GrpcServices,
} from '@sutra-embedder/engine';
import { charactersOf } from './compute-headers';
import { infoOf } from './info';
import { EmptyInputError } from './tei-errors';
import { tokensOf, type SimpleToken } from './tokens';
import { embedAllResponse, embedResponse, metadataOf } from './wire';

interface TextMessage {
  readonly inputs?: string;
  readonly truncate?: boolean;
  readonly truncation_direction?: string;
  readonly prompt_name?: string;
}
interface EmbedMessage extends TextMessage {
  readonly normalize?: boolean;
  readonly dimensions?: number;
}
interface EncodeMessage {
  readonly inputs?: string;
  readonly add_special_tokens?: boolean;
  readonly prompt_name?: string;
}
interface DecodeMessage {
  readonly ids?: readonly number[];
  readonly skip_special_tokens?: boolean;
}

/** tei.v1 on the gRPC port. As there, a text that is too long is refused unless `truncate` is set. */
@Grpc()
export class TeiGrpc implements GrpcServices {
  readonly id = 'tei.v1';
  readonly proto = join(__dirname, '../proto/tei/v1/tei.proto');

  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  services(): ReturnType<GrpcServices['services']> {
    const embed = (message: EmbedMessage, call: GrpcCall) => this.embed(message, call);
    const embedAll = (message: TextMessage, call: GrpcCall) => this.embedAll(message, call);
    const tokenize = (message: EncodeMessage) => this.tokenize(message);
    const decode = (message: DecodeMessage) => this.decode(message);
    return {
      'tei.v1.Info': { Info: () => this.info() },
      'tei.v1.Embed': {
        Embed: embed,
        EmbedStream: eachOf(embed),
        EmbedAll: embedAll,
        EmbedAllStream: eachOf(embedAll),
        EmbedSparse: notHere('make sparse vectors'),
      },
      'tei.v1.Tokenize': {
        Tokenize: tokenize,
        TokenizeStream: eachOf(tokenize),
        Decode: decode,
        DecodeStream: eachOf(decode),
      },
      'tei.v1.Rerank': { Rerank: notHere('rerank texts') },
      'tei.v1.Predict': { Predict: notHere('classify texts'), PredictPair: notHere('classify texts') },
    };
  }

  private async info(): Promise<object> {
    const {
      model_type: _type,
      max_batch_requests: _requests,
      sha: _sha,
      docker_label: _label,
      ...info
    } = infoOf(await this.embeddings.plan({}));
    return { ...info, model_type: 'MODEL_TYPE_EMBEDDING' };
  }

  private async embed(message: EmbedMessage, call: GrpcCall): Promise<Uint8Array> {
    const { normalize = true, dimensions } = message;
    const { result, metadata } = await this.run(message, { normalize, dimensions }, call);
    return embedResponse(onlyOf(result), metadata);
  }

  private async embedAll(message: TextMessage, call: GrpcCall): Promise<Uint8Array> {
    const { result, metadata } = await this.run(message, { normalize: false, output: 'tokens' }, call);
    return embedAllResponse(onlyOf(result), result.plan.model.dimensions, metadata);
  }

  private async run(
    { inputs, truncate, truncation_direction: side, prompt_name }: TextMessage,
    more: Partial<EmbedRequest>,
    { onBehalf, signal }: GrpcCall,
  ): Promise<{ result: EmbedResult; metadata: number[] }> {
    if (!inputs) throw new EmptyInputError('inputs');
    const direction = side === 'TRUNCATION_DIRECTION_LEFT' ? 'start' : 'end';
    const result = await this.embeddings.embed(
      {
        ...more,
        ...onBehalf,
        texts: [inputs],
        textsField: 'inputs',
        truncate: truncate ? direction : 'none',
        inputType: prompt_name,
      },
      signal,
    );
    return { result, metadata: metadataOf(result, charactersOf([inputs])) };
  }

  private async tokenize({ inputs, add_special_tokens, prompt_name }: EncodeMessage): Promise<object> {
    if (!inputs) throw new EmptyInputError('inputs');
    const plan = await this.embeddings.plan({});
    return { tokens: tokensOf(inputs, plan, add_special_tokens === true, prompt_name).map(withoutNull) };
  }

  private async decode({ ids = [], skip_special_tokens }: DecodeMessage): Promise<object> {
    if (ids.length === 0) throw new EmptyInputError('ids');
    const { tokenizer } = await this.embeddings.plan({});
    return { text: tokenizer.decode(ids, skip_special_tokens ? 'left out' : 'kept') };
  }
}

/** The same for every message of a stream, in their order. */
function eachOf<Message, Answer>(answer: (message: Message, call: GrpcCall) => Promise<Answer>) {
  return async function* (messages: AsyncIterable<Message>, call: GrpcCall): AsyncGenerator<Answer> {
    for await (const message of messages) yield await answer(message, call);
  };
}

function notHere(what: string) {
  return () => Promise.reject(new EngineError('UNIMPLEMENTED', `This server does not ${what}`));
}

function onlyOf({ items }: EmbedResult): Float32Array {
  return items[0]?.values ?? new Float32Array(0);
}

function withoutNull({ start, stop, ...token }: SimpleToken): object {
  return { ...token, ...(start !== null && { start }), ...(stop !== null && { stop }) };
}
