/** Reading a stream of lines into memory, and keys as an export's reader has them. */

export async function all<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const kept: T[] = []
  for await (const line of lines) kept.push(line)
  return kept
}
