// SPDX-License-Identifier: Apache-2.0
/** Streams in order as one, read no further than is asked for; of equal items that follow each other one is given. */
export function* merged<Item>(
  streams: readonly Iterable<Item>[],
  compare: (one: Item, other: Item) => number,
): Generator<Item, void, undefined> {
  const heads = streams.flatMap((stream) => {
    const iterator = stream[Symbol.iterator]()
    const first = iterator.next()
    return first.done === true ? [] : [{ iterator, item: first.value }]
  })
  let given: Item | null = null
  while (true) {
    let least = heads[0]
    if (least === undefined) return
    for (const head of heads) if (compare(head.item, least.item) < 0) least = head
    if (given === null || compare(given, least.item) !== 0) yield least.item
    given = least.item
    const next = least.iterator.next()
    if (next.done === true) heads.splice(heads.indexOf(least), 1)
    else least.item = next.value
  }
}
