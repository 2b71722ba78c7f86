// SPDX-License-Identifier: Apache-2.0
/** Several streams as one, each item as soon as it comes. Holds one item a stream: a slow reader slows all. */

export async function* merged<T>(streams: readonly AsyncIterable<T>[]): AsyncIterable<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]())
  const next = async (at: number, iterator: AsyncIterator<T>) => ({
    at,
    iterator,
    result: await iterator.next(),
  })
  const pending = new Map(iterators.map((iterator, at) => [at, next(at, iterator)]))
  try {
    while (pending.size > 0) {
      const { at, iterator, result } = await Promise.race(pending.values())
      if (result.done) pending.delete(at)
      else {
        pending.set(at, next(at, iterator))
        yield result.value
      }
    }
  } finally {
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()))
  }
}
