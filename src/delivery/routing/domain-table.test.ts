// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomain } from '../../protocol/mailbox.ts'
import { DomainTable } from './domain-table.ts'

function portFor(table: DomainTable<number>, text: string): number | null {
  const domain = parseDomain(text)
  assert.ok(domain)
  return table.find(domain)
}

test('the pattern that fits best wins: exact, then the longest suffix, then any', () => {
  const table = new DomainTable([
    ['*', 1],
    ['*.example.org', 2],
    ['*.shop.Example.org', 3],
    ['example.org', 4],
    ['example.org', 5],
  ])
  const ports = {
    'example.org': 4,
    'a.example.org': 2,
    'shop.example.org': 2,
    'a.b.shop.example.org': 3,
    'notexample.org': 1,
    '[192.0.2.1]': 1,
  }
  for (const [domain, port] of Object.entries(ports)) assert.equal(portFor(table, domain), port)
})

test('a suffix does not fit the domain itself, and without patterns nothing fits', () => {
  const table = new DomainTable([['*.example.org', 25]])
  assert.equal(portFor(table, 'example.org'), null)
  assert.equal(portFor(new DomainTable<number>([]), 'example.org'), null)
})
