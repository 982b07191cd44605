import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads a folder in the layout of BEIR: corpus.jsonl (_id, title, text), queries.jsonl (_id, text) and qrels.tsv
 * (a header, then query-id, corpus-id, score; also found as qrels/test.tsv). Queries without judgements are left out.
 * @param {string} folder
 * @returns {{ documents: string[], queries: string[], relevant: Map<number, number>[] }} relevant: grade by document
 *   index, one map a query
 */
export function readBeir(folder) {
  const corpus = readJsonLines(join(folder, 'corpus.jsonl'));
  const documentIndex = new Map(corpus.map((document, index) => [document._id, index]));
  const grades = readGrades(folder, documentIndex);
  const judged = readJsonLines(join(folder, 'queries.jsonl')).filter((query) => grades.has(query._id));
  return {
    documents: corpus.map(({ title, text }) => (title ? `${title} ${text}` : text)),
    queries: judged.map((query) => query.text),
    relevant: judged.map((query) => grades.get(query._id)),
  };
}

function readGrades(folder, documentIndex) {
  const grades = new Map();
  const [, ...lines] = readQrels(folder).split('\n');
  for (const line of lines) {
    if (line === '') continue;
    const [query, document, grade] = line.split('\t');
    const index = documentIndex.get(document);
    if (index === undefined) throw new Error(`qrels name document "${document}", which is not in corpus.jsonl`);
    if (!(Number(grade) > 0)) continue;
    if (!grades.has(query)) grades.set(query, new Map());
    grades.get(query).set(index, Number(grade));
  }
  return grades;
}

function readQrels(folder) {
  try {
    return readFileSync(join(folder, 'qrels.tsv'), 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return readFileSync(join(folder, 'qrels', 'test.tsv'), 'utf8');
  }
}

function readJsonLines(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
