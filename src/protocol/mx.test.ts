// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../base/random.ts'
import { fixedSiteName, isNullMx, literalSiteName, orderHosts, siteName } from './mx.ts'

const cases: readonly (readonly [readonly string[], string])[] = [
  [[], '()'],
  [['mx.example.net'], 'mx.example.net'],
  [['mx2.example.net', 'mx1.example.net'], '(mx1|mx2).example.net'],
  [['alt1.mx.example.net', 'mx.example.net', 'alt2.mx.example.net'], '(alt1|alt2)?.mx.example.net'],
  [['a.example', 'b.invalid'], '(a.example|b.invalid)'],
  [['a.b.example', 'c.example'], '(a.b|c).example'],
  [['mx.example.net', 'mx.example.net'], 'mx.example.net'],
  [['(a|b).example'], '%28a%7cb%29.example'],
  [['relay.example:587'], 'relay.example%3a587'],
]

test('a site is named by what its hosts share and where they differ', () => {
  for (const [hosts, name] of cases) assert.equal(siteName(hosts), name)
})

test('the order of the hosts does not matter', () => {
  assert.equal(siteName(['b.example', 'a.example']), siteName(['a.example', 'b.example']))
})

test('two sets of hosts never share a name', () => {
  const host = fc.oneof(
    fc.array(fc.constantFrom('', 'a', 'b', 'mx', '(', '|', ')?', '%28', 'A'), { maxLength: 4 }),
    fc.array(fc.string({ unit: 'grapheme', maxLength: 3 }), { maxLength: 3 }),
  )
  const hosts = fc.array(
    host.map((labels) => labels.join('.')),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(hosts, hosts, (one, other) => {
      const isSameSet = new Set(one).symmetricDifference(new Set(other)).size === 0
      assert.equal(siteName(one) === siteName(other), isSameSet)
    }),
    { numRuns: 20_000 },
  )
})

test('no set of hosts has the name of a fixed route or of an address literal', () => {
  const hosts = fc.array(fc.constantFrom('relay:25', '[::1]:25', '[192.0.2.1]'), { maxLength: 2 })
  fc.assert(
    fc.property(hosts, (names) => {
      const taken = [fixedSiteName('relay', 25), fixedSiteName('::1', 25)]
      assert.ok(![...taken, literalSiteName('[192.0.2.1]')].includes(siteName(names)))
    }),
  )
})

test('hosts are tried by preference, equal ones in every order', () => {
  const random = new SeededRandom(1)
  const hosts = [
    { name: 'c', preference: 20 },
    { name: 'a', preference: 10 },
    { name: 'b', preference: 10 },
  ]
  const orders = new Set<string>()
  for (let round = 0; round < 50; round++)
    orders.add(
      orderHosts(hosts, random)
        .map((host) => host.name)
        .join(''),
    )
  assert.deepEqual([...orders].sort(), ['abc', 'bac'])
})

test('a null MX is the root alone', () => {
  assert.ok(isNullMx([{ name: '', preference: 0 }]))
  assert.ok(!isNullMx([]))
  assert.ok(
    !isNullMx([
      { name: '', preference: 0 },
      { name: 'mx', preference: 5 },
    ]),
  )
})
