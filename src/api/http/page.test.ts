// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RelayError } from '../../base/errors.ts'
import { Keyring } from '../../base/keyring.ts'
import { SeededRandom } from '../../base/random.ts'
import { cursorOf, type PageQuery, paged, placeOfSealed, sealedCursor, sortBy } from './page.ts'

const rows = [
  { id: 'c', label: 'x', used: 5, endsAt: null },
  { id: 'a', label: 'y', used: 10, endsAt: '2027-01-01' },
  { id: 'd', label: 'x', used: 5, endsAt: '2026-01-01' },
  { id: 'b', label: 'x', used: 5, endsAt: null },
]
type Row = (typeof rows)[number]
const sort = sortBy(['id', 'label', 'used', 'endsAt'])
type Order = ReturnType<typeof sort.parse>

function page(all: readonly Row[], query: PageQuery & { readonly sort: Order }) {
  return paged(all, ({ id }) => id, query)
}

function ids(all: readonly Row[], order: Order, limit: number): string {
  let found = ''
  let cursor: string | undefined
  do {
    const { items, nextCursor } = page(all, { limit, cursor, sort: order })
    found += items.map(({ id }) => id).join('')
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
  return found
}

describe('A page of a list', () => {
  for (const [order, expected] of [
    ['id', 'abcd'],
    ['-id', 'dcba'],
    ['label', 'bcda'],
    ['-label', 'adcb'],
    ['used', 'bcda'],
    ['endsAt', 'bcda'],
    ['-endsAt', 'adcb'],
  ] as const)
    it(`sorted by ${order} has every item once, whatever its length`, () => {
      for (const limit of [1, 2, 3, 4, 5]) assert.equal(ids(rows, order, limit), expected)
    })

  it('neither repeats nor hides what was there, whatever comes and goes in between', () => {
    const first = page(rows, { limit: 2, sort: 'label' })
    assert.equal(first.items.map(({ id }) => id).join(''), 'bc')
    const now = rows.filter(({ id }) => id !== 'c')
    now.push({ id: 'aa', label: 'x', used: 0, endsAt: null })
    const { items } = page(now, { limit: 9, sort: 'label', cursor: first.nextCursor ?? '' })
    assert.equal(items.map(({ id }) => id).join(''), 'da')
  })

  it('goes on in its own order alone, and after nothing that was made up', () => {
    const { nextCursor } = page(rows, { limit: 1, sort: 'label' })
    assert.ok(nextCursor)
    for (const cursor of [nextCursor, 'x', cursorOf('a'), cursorOf('["used",{},"a"]')])
      assert.throws(
        () => page(rows, { limit: 1, sort: 'used', cursor }),
        (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_USAGE',
      )
  })
})

describe('A cursor that tells nothing of its place', () => {
  const random = new SeededRandom(1)
  const keyring = new Keyring(new Map([[1, random.bytes(32)]]), random)

  it('leads there, and is the same for nobody', () => {
    const place = '1798675200000.3.4711'
    const cursor = sealedCursor(place, keyring)
    assert.equal(placeOfSealed(cursor, keyring), place)
    assert.equal(Buffer.from(cursor, 'base64url').includes('4711'), false)
    assert.notEqual(sealedCursor(place, keyring), cursor)
    assert.equal(placeOfSealed('', keyring), null)
    assert.equal(placeOfSealed(undefined, keyring), null)
  })

  it('is refused where it was made up, changed, or made for something else', () => {
    const octets = Buffer.from(sealedCursor('1.1.1', keyring), 'base64url')
    octets[octets.length - 1] = (octets.at(-1) ?? 0) ^ 1
    const other = keyring.seal(Buffer.from('1.1.1'), 'a secret').toString('base64url')
    for (const cursor of ['x', cursorOf('1.1.1'), octets.toString('base64url'), other])
      assert.throws(
        () => placeOfSealed(cursor, keyring),
        (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_USAGE',
      )
  })
})

describe('The order of a list', () => {
  it('is the first field where none is asked for, or the one that is named', () => {
    assert.equal(sort.parse(undefined), 'id')
    assert.equal(sortBy(['at'], '-at').parse(undefined), '-at')
  })

  it('that it has not is named, with the nearest that it has', () => {
    assert.throws(
      () => sort.parse('-lable'),
      /\\"-lable\\" is no order of this list.*did you mean \\"-label\\"/,
    )
    assert.throws(() => sort.parse(7), /is no order of this list/)
  })
})
