export { GeneralTokenizer } from './general-tokenizer';
export { createTokenizer, loadTokenizer } from './load-tokenizer';
export { parseTokenizerFile, type TokenizerFile } from './tokenizer-file';
export { readWordPieceConfig, type WordPieceConfig } from './wordpiece-config';
export { WordPieceTokenizer } from './wordpiece-tokenizer';
export * from './special-tokens-around';
