// Docker's progress and event streams are JSON, one object a line.

/** Longest line that is taken; an event with a big label is some kilobytes. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Parses a stream of JSON lines. The caller names the type: this is the edge where Docker's bytes become typed. */
export async function* jsonLines<Body>(source: AsyncIterable<Buffer>): AsyncGenerator<Body> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of source) {
    pending += decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > MAX_LINE_BYTES) throw new Error('a line of the stream is too long');
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as Body;
  }
  if (pending.trim() !== '') yield JSON.parse(pending) as Body;
}
