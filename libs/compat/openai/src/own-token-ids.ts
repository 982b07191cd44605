import { InvalidArgumentError, specialTokensAround, type Plan, type SpecialTokensAround } from '@sutra-embedder/engine';

type Tokens = Pick<Plan['tokenizer'], 'encode' | 'decode' | 'wrap' | 'vocabularySize'>;

/**
 * Token ids that are this model's own, without the special tokens around them. Another tokenizer's ids are numbers like
 * these, and a vector of the words that they happen to mean here would be made up. So ids are taken only with a proof:
 * they come as this model's tokenizer gives them, between its special tokens, and are what it gives for the text they
 * stand for. The proof holds for OpenAI's vocabularies: their first 256 ids are single bytes, and BERT's [CLS], 101, is
 * there a byte that no text can begin with.
 * @throws InvalidArgumentError saying what to send instead
 */
export function requireOwnIds(
  inputs: readonly (readonly number[])[],
  plan: Pick<Plan, 'model' | 'tokenizer'>,
): number[][] {
  const { model, tokenizer } = plan;
  const frame = specialTokensAround(tokenizer);
  // Without special tokens on both sides nothing tells them from another tokenizer's.
  const provable = frame.before.length > 0 && frame.after.length > 0;
  return inputs.map((ids, index) => {
    const inner = provable ? unframed(ids, frame) : undefined;
    if (inner && inner.every((id) => id < tokenizer.vocabularySize) && isCanonical(inner, tokenizer)) return inner;
    const field = inputs.length === 1 ? 'input' : `input[${index}]`;
    throw new InvalidArgumentError(
      `${field} holds token ids that are not those of model "${model.id}" (they may be OpenAI's, which mean other words here). Send the text itself: in LangChain, OpenAIEmbeddings(check_embedding_ctx_length=False)`,
      { field },
    );
  });
}

function unframed(ids: readonly number[], { before, after }: SpecialTokensAround): number[] | undefined {
  const end = ids.length - after.length;
  const framed =
    end >= before.length && before.every((id, i) => ids[i] === id) && after.every((id, i) => ids[end + i] === id);
  return framed ? ids.slice(before.length, end) : undefined;
}

/** Whether the tokenizer gives these very ids for the text that they stand for, between ids that stand for none. */
function isCanonical(ids: readonly number[], tokenizer: Tokens): boolean {
  const stretches: number[][] = [[]];
  for (const id of ids) {
    // An unknown token is what is left of a word that the vocabulary has not.
    if (tokenizer.decode([id]) === '') stretches.push([]);
    else stretches.at(-1)?.push(id);
  }
  return stretches.every((stretch) => {
    if (stretch.length === 0) return true;
    const again = tokenizer.encode(tokenizer.decode(stretch), Number.MAX_SAFE_INTEGER, 'none').ids;
    const wrapped = tokenizer.wrap(stretch, Number.MAX_SAFE_INTEGER, 'none').ids;
    return again.length === wrapped.length && again.every((id, i) => id === wrapped[i]);
  });
}
