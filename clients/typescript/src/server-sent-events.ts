/** The data of each event (WHATWG HTML, 9.2.6); comments, which are heartbeats, and event names are dropped. */
export async function* eventData(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let data: string[] = [];
  for await (const line of lines) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  }
  // An event that its blank line does not end is incomplete, and not to be given out.
}
